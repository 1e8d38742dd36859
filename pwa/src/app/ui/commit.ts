/**
 * Doing something: written on the phone, felt in the hand, said in words, and for some seconds taken back by one tap.
 *
 * Law: the screen moves on only after the write is on disk; where it fails nothing is cleared and the person is told.
 * One undo for every act: it leads back to where the act was done, with what had been typed.
 */
import type { Kind } from "../../shared/documents.ts";
import { go } from "../route.ts";
import { SLIP_MS } from "../saving/slip.ts";
import type { Act, AnyAct, Saved } from "../state/contract.ts";
import { act, actAll, takeBack, UnusablePhotos } from "../state/index.ts";
import { common as w } from "../words/common.ts";
import { photo } from "../words/photo.ts";
import { buzz } from "./Seal.tsx";
import { say, type Undo } from "./toast.tsx";

/** What a screen does when its act was taken back, before it is shown again. */
type Restored = () => Promise<void>;

export async function commit<K extends Kind>(
  what: Act<K>,
  words: string = w.seal.phone,
  restored?: Restored,
): Promise<Saved | null> {
  const at = location.hash;
  return guarded(
    () => act(what),
    words,
    (saved) => undoOf([saved], at, restored),
  );
}

/** What one touch does to several reports, or twice to one: all of it or nothing. */
export async function commitAll(what: readonly AnyAct[], words: string): Promise<Saved[] | null> {
  const at = location.hash;
  return guarded(
    () => actAll(what),
    words,
    (saved) => undoOf(saved, at),
  );
}

function undoOf(saved: readonly Saved[], at: string, restored?: Restored): Undo {
  return {
    ms: SLIP_MS,
    run: () =>
      void guarded(() => takeBack(saved)).then(async (back) => {
        if (!back) return;
        if (back.done === "late") return say(w.undo.late, true);
        await restored?.();
        if (location.hash !== at) go(at, true);
        say(w.undo.done);
      }),
  };
}

/** Runs a write; null where it failed (already said). */
export async function guarded<T>(
  write: () => Promise<T>,
  words?: string,
  undo?: (result: T) => Undo,
): Promise<T | null> {
  try {
    const result = await write();
    buzz();
    if (words) say(words, false, undo?.(result));
    return result;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof UnusablePhotos) {
      say(photo.unusable, true);
      return null;
    }
    console.error(error);
    say(w.errors.save, true);
    return null;
  }
}
