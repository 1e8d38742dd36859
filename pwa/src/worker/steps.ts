/**
 * How small a picture is made, and in which order that is tried. Pure.
 *
 * Law: the first result under the aim is taken, the last step's in any case; a step is passed over only where the
 * sizes already seen leave it no chance. What is tried costs a slow phone a second, so most pictures are encoded once
 * or twice.
 */
export interface Step {
  /** Longer side at most, in pixels. */
  side: number;
  quality: number;
  /** Bytes of its result as part of the first step's, at the least: detailed photographs, measured in Chromium. */
  least: number;
}

export const LONGEST_SIDE = 1600;
export const AIM_BYTES = 300 * 1024;
/** Quality steps, then smaller sides. */
export const STEPS: readonly Step[] = [
  { side: LONGEST_SIDE, quality: 0.8, least: 1 },
  { side: LONGEST_SIDE, quality: 0.65, least: 0.65 },
  { side: 1280, quality: 0.65, least: 0.42 },
  { side: 1024, quality: 0.6, least: 0 },
];

/** The step to try after `done` gave `bytes`; null where that is taken. `first`: what the first step gave. */
export function nextStep(done: number, bytes: number, first: number): number | null {
  if (bytes <= AIM_BYTES) return null;
  for (let next = done + 1; next < STEPS.length; next++) {
    if ((STEPS[next] as Step).least * first <= AIM_BYTES) return next;
  }
  return null;
}

/** Width and height within `side`, the shape kept; never larger than the picture. */
export function fitting(width: number, height: number, side: number): { width: number; height: number } {
  const scale = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * Sizes a picture passes through on its way to `side`: halves, which a browser makes for a tenth of the time of a
 * good reduction and as well, then the size itself.
 */
export function reductions(width: number, height: number, side: number): { width: number; height: number }[] {
  const sizes: { width: number; height: number }[] = [];
  let [w, h] = [width, height];
  while (Math.max(w, h) >= 2 * side) {
    [w, h] = [Math.max(1, w >> 1), Math.max(1, h >> 1)];
    sizes.push({ width: w, height: h });
  }
  const last = fitting(width, height, side);
  if (sizes.length === 0 || w !== last.width || h !== last.height) sizes.push(last);
  return sizes;
}
