/**
 * How many cards a list draws at once. Pure.
 *
 * Law: never fewer than can be seen; never so many that the frame which answers a person waits for cards they cannot
 * see yet.
 */

/** Cards of a list's first page. */
export const FIRST = 10;
/** CSS pixels of the lowest card, and of the least that stands above a list. */
const CARD = 88;
const ABOVE = 120;

/** Cards that fill a window of this height (CSS pixels). */
export function screenful(height: number): number {
  return Math.min(FIRST, Math.max(1, Math.ceil((height - ABOVE) / CARD)));
}

/** Cards for a list of something else, where `drawn` stand already: those are filled anew rather than thrown away. */
export function startingWith(drawn: number, height: number): number {
  return Math.min(FIRST, Math.max(drawn, screenful(height)));
}
