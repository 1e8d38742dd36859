/**
 * What happens to the phone that whoever syncs must hear: line, network, and the person coming and going.
 *
 * Law: heard for as long as the one who listens lives, and no longer.
 */
import type { ReadonlySignal } from "@preact/signals";
import type { Life } from "./life.ts";

export interface Hearing {
  /** The line is back. */
  back(): void;
  /** Something may go now that could not before. */
  kick(): void;
  /** The line is gone, or nobody looks any more. */
  quiet(): void;
  /** The app was left. */
  left(): void;
}

/** Somebody looks at the app; where there is no page (tests), somebody does. */
export const isLookedAt = (): boolean => globalThis.document?.visibilityState !== "hidden";

export function hearWorld(life: Life, network: ReadonlySignal<string | undefined>, hearing: Hearing): void {
  life.hear(globalThis.window, "online", hearing.back);
  life.hear(globalThis.window, "offline", hearing.quiet);
  life.hear(globalThis.document, "visibilitychange", () => {
    if (isLookedAt()) return hearing.kick();
    hearing.quiet();
    hearing.left();
  });
  let first = true;
  life.atEnd(
    network.subscribe(() => {
      if (!first) hearing.kick();
      first = false;
    }),
  );
}
