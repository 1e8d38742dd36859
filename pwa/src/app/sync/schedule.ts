/**
 * When to try again. Pure.
 *
 * Law: phones that lost the same tower must not come back in the same second; a person's own wish ("enviar ahora",
 * a save, the signal's return) never waits for the clock.
 */

/** First retry, growth and ceiling: quick after a hiccup, a quarter of an hour against a dead server. */
const FIRST_MS = 4_000;
const FACTOR = 2;
const CEILING_MS = 15 * 60_000;
/** A check-in with nothing new costs under 1 KB: every five minutes in the foreground is 0.3 MB a day at most. */
export const IDLE_MS = 5 * 60_000;

/**
 * Milliseconds until the next try. `failures` in a row so far; `asked` is the server's Retry-After (kept as a
 * least); `random` in [0, 1).
 */
export function nextDelay(failures: number, asked: number | null, random: number): number {
  if (failures === 0) return Math.round(IDLE_MS * (0.8 + 0.4 * random));
  const ceiling = Math.min(CEILING_MS, FIRST_MS * FACTOR ** Math.min(failures - 1, 20));
  // Half fixed, half random ("equal jitter"): spread out, yet never at once.
  const delay = ceiling / 2 + (ceiling / 2) * random;
  // Those told the same time to come back also spread.
  return Math.round(asked === null ? delay : Math.max(delay, asked * (1 + 0.5 * random)));
}
