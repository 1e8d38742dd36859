/**
 * The screen stays on while photos go: a phone that sleeps cuts them.
 *
 * Law: best effort, for not every browser can and a low battery forbids it; never kept longer than photos go. A browser
 * lets go by itself of what is not looked at: it is asked again with the next sign of progress after that.
 */
let held: WakeLockSentinel | null = null;
let wanted = false;
let asking = false;

export function keepAwake(on: boolean): void {
  wanted = on;
  if (!on) {
    void held?.release();
    held = null;
    return;
  }
  if (asking || (held && !held.released)) return;
  if (!("wakeLock" in navigator) || document.visibilityState !== "visible") return;
  asking = true;
  navigator.wakeLock.request("screen").then(
    (lock) => {
      asking = false;
      if (wanted) held = lock;
      else void lock.release();
    },
    () => {
      asking = false;
    },
  );
}
