/**
 * Which names a map has room for. Pure.
 *
 * Law: no name covers another, and of two that would, the one asked for first stays: an unreadable name is none.
 */
export interface Label {
  text: string;
  /** Its middle, in pixels of the map's view. */
  x: number;
  y: number;
}

/** Width of a letter and height of a line, in letter sizes: bold system letters, a little generous. */
const LETTER = 0.62;
const LINE = 1.3;

/** The labels that stand clear of all before them; `size` is the letters' in pixels. */
export function clear<L extends Label>(labels: readonly L[], size: number): L[] {
  const kept: L[] = [];
  for (const one of labels) {
    const meets = kept.some(
      (other) =>
        Math.abs(one.y - other.y) < size * LINE &&
        Math.abs(one.x - other.x) < ((one.text.length + other.text.length) / 2) * size * LETTER,
    );
    if (!meets) kept.push(one);
  }
  return kept;
}
