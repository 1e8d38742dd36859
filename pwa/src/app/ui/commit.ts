/**
 * Doing something: written on the phone, felt in the hand, said in words.
 *
 * Law: the screen moves on only after the write is on disk; where it fails nothing is cleared and the person is told.
 */
import type { Kind } from "../../shared/documents.ts";
import type { Act, AnyAct, Saved } from "../state/contract.ts";
import { act, actAll } from "../state/index.ts";
import { common as w } from "../words/common.ts";
import { buzz } from "./Seal.tsx";
import { say } from "./toast.tsx";

export async function commit<K extends Kind>(
  what: Act<K>,
  words: string = w.seal.phone,
): Promise<Saved | null> {
  return guarded(() => act(what), words);
}

/** What one touch does to several reports, or twice to one: all of it or nothing. */
export async function commitAll(what: readonly AnyAct[], words: string): Promise<Saved[] | null> {
  return guarded(() => actAll(what), words);
}

/** Runs a write; null where it failed (already said). */
export async function guarded<T>(write: () => Promise<T>, words?: string): Promise<T | null> {
  try {
    const result = await write();
    buzz();
    if (words) say(words);
    return result;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(error);
    say(w.errors.save, true);
    return null;
  }
}
