/**
 * What the outbox says of the sending itself: where it stands, and when it is tried again.
 *
 * Law: without signal nothing is promised for a moment: it goes when the signal is back, and that is said once.
 */
import type { SyncStatus } from "../state/contract.ts";
import { outbox as w } from "../words/outbox.ts";

/** Troubles that the signal's coming back does not end. */
const LASTING = new Set(["session", "revoked"]);

type Status = Pick<SyncStatus, "online" | "trouble" | "last_success_at" | "next_try_at">;

/** The sentence; `said` puts the last success in words. */
export function standing(state: Status, said: (at: string) => string): string | undefined {
  const { trouble, online, last_success_at: last } = state;
  if (trouble && (online || LASTING.has(trouble))) return w.trouble[trouble] ?? w.trouble.server_unwell;
  if (!online) return w.offline;
  return last ? w.last(said(last)) : w.never;
}

/** When it is tried again; empty where nothing failed, or where it waits for the signal. */
export function nextTry({ online, trouble, next_try_at }: Status): string {
  return (online && trouble && trouble !== "offline" && next_try_at) || "";
}
