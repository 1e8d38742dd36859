/** The screen stays on while photos go: a phone that sleeps cuts them. Best effort: not every browser can. */
let held: WakeLockSentinel | null = null;
let wanted = false;

export function keepAwake(on: boolean): void {
  if (on === wanted) return;
  wanted = on;
  if (!on) {
    void held?.release();
    held = null;
  } else if ("wakeLock" in navigator && document.visibilityState === "visible") {
    navigator.wakeLock.request("screen").then(
      (lock) => {
        if (wanted) held = lock;
        else void lock.release();
      },
      // Low battery, or not visible any more.
      () => undefined,
    );
  }
}
