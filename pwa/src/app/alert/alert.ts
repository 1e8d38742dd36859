/**
 * A new emergency is heard and counted, whatever screen is open.
 *
 * Law: new is what this person has not opened yet; what they did themselves is no news. The badge always says how
 * many there are; the sound is one, for what came since the last one, and is silent where it was turned off.
 */
import { effect } from "@preact/signals";
import { isOpen } from "../../shared/status.ts";
import type { ReportRow } from "../state/contract.ts";
import { account, loaded, rows, settings } from "../state/index.ts";
import { ring } from "./ring.ts";

/** An open emergency of somebody else's that this person has not opened. */
export const isNews = (row: ReportRow): boolean =>
  row.unseen && row.priority === 1 && row.view === "full" && !row.mine && isOpen(row.status);

type Badge = { setAppBadge?(count: number): Promise<void>; clearAppBadge?(): Promise<void> };

/** The number on the app's icon, where the system shows one. */
function count(news: number): void {
  const phone = navigator as Badge;
  // Refused where the app is not installed: the board says the same.
  (news > 0 ? phone.setAppBadge?.(news) : phone.clearAppBadge?.())?.catch(() => undefined);
}

/** Watches from now on; gives what ends it. */
export function watchUrgent(): () => void {
  let whose: string | null = null;
  let known = new Set<string>();
  return effect(() => {
    if (!loaded.value) return;
    const me = account.value?.account ?? null;
    if (me !== whose) known = new Set();
    whose = me;
    const news = rows.value.filter(isNews);
    count(news.length);
    const isNewer = news.some((row) => !known.has(row.id));
    known = new Set(news.map((row) => row.id));
    if (isNewer && settings.peek().sound) ring();
  });
}
