/**
 * The screen stays on while photos go: a phone that sleeps cuts them.
 *
 * Law: best effort, for not every browser can and a low battery forbids it; never kept longer than photos go, nor than
 * the account is open. A browser lets go by itself of what is not looked at: it is asked again with the next sign of
 * progress after that.
 */
import type { Life } from "./life.ts";

export class Wake {
  #held: WakeLockSentinel | null = null;
  #wanted = false;
  #asking = false;

  constructor(readonly life: Life) {
    life.atEnd(() => this.keep(false));
  }

  keep(on: boolean): void {
    this.#wanted = on && !this.life.isOver;
    if (!this.#wanted) {
      void this.#held?.release();
      this.#held = null;
      return;
    }
    if (this.#asking || (this.#held && !this.#held.released)) return;
    if (!("wakeLock" in navigator) || document.visibilityState !== "visible") return;
    this.#asking = true;
    navigator.wakeLock.request("screen").then(
      (lock) => {
        this.#asking = false;
        if (this.#wanted) this.#held = lock;
        else void lock.release();
      },
      () => {
        this.#asking = false;
      },
    );
  }
}
