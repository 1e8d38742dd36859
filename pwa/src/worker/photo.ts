/**
 * The photo worker: one picture in, the bytes that will be uploaded and their hash out.
 *
 * Law: what leaves has been drawn anew, so that no metadata (place, time, camera) of the file survives; the longer
 * side is at most 1600 px and the file about 300 KB. What cannot be drawn is said to be broken, never guessed.
 */
/// <reference lib="webworker" />
import { sha256 } from "../shared/canonical.ts";
import { END, lacksEnd, NOISE } from "./ending.ts";
import { LONGEST_SIDE, nextStep, reductions, STEPS, type Step } from "./steps.ts";

export interface PhotoAsked {
  id: string;
  bytes: ArrayBuffer;
}
export type PhotoMade =
  | { id: string; ok: true; bytes: ArrayBuffer; sha256: string; width: number; height: number }
  | { id: string; ok: false; reason: string };

declare const self: DedicatedWorkerGlobalScope;

self.onmessage = async ({ data }: MessageEvent<PhotoAsked>) => {
  try {
    const made = await draw(data.bytes);
    const bytes = await made.blob.arrayBuffer();
    const done: PhotoMade = {
      id: data.id,
      ok: true,
      bytes,
      sha256: await sha256(bytes),
      width: made.width,
      height: made.height,
    };
    self.postMessage(done, [bytes]);
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const failed: PhotoMade = { id: data.id, ok: false, reason };
    self.postMessage(failed);
  }
};

interface Made {
  blob: Blob;
  width: number;
  height: number;
}

async function draw(bytes: ArrayBuffer): Promise<Made> {
  const picture = await decoded(bytes);
  const first = STEPS[0] as Step;
  let { side } = first;
  let canvas: OffscreenCanvas;
  try {
    canvas = reduced(picture, side);
  } finally {
    picture.close();
  }
  let at = 0;
  let blob = await encoded(canvas, first.quality);
  const firstSize = blob.size;
  for (;;) {
    const next = nextStep(at, blob.size, firstSize);
    if (next === null) return { blob, width: canvas.width, height: canvas.height };
    const step = STEPS[next] as Step;
    // From what is drawn already: the whole picture's millions of pixels are read once.
    if (step.side !== side) canvas = reduced(canvas, step.side);
    side = step.side;
    blob = await encoded(canvas, step.quality);
    at = next;
  }
}

const bitmap = (...parts: BlobPart[]): Promise<ImageBitmap> =>
  createImageBitmap(new Blob(parts), { imageOrientation: "from-image" });

/** The picture; a JPEG that only lacks its end marker as well, a cut one not. Throws DOMException otherwise. */
async function decoded(bytes: ArrayBuffer): Promise<ImageBitmap> {
  try {
    return await bitmap(bytes);
  } catch (error) {
    if (!lacksEnd(new Uint8Array(bytes))) throw error;
    const picture = await bitmap(bytes, END);
    // A decoder that still wants data draws whatever stands there; one that has every pixel passes over it.
    const probe = await bitmap(bytes, NOISE, END);
    const [a, b] = [pixels(picture), pixels(probe)];
    probe.close();
    if (a.every((value, index) => value === b[index])) return picture;
    picture.close();
    throw error;
  }
}

function pixels(picture: ImageBitmap): Uint32Array {
  const canvas = reduced(picture, LONGEST_SIDE);
  const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
  return new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
}

const encoded = (canvas: OffscreenCanvas, quality: number): Promise<Blob> =>
  canvas.convertToBlob({ type: "image/jpeg", quality });

const isHalf = (whole: number, part: number): boolean => Math.abs(whole - 2 * part) <= 1;

/** The picture drawn anew, its longer side at most `side`. */
function reduced(picture: ImageBitmap | OffscreenCanvas, side: number): OffscreenCanvas {
  let from: ImageBitmap | OffscreenCanvas = picture;
  let drawn: OffscreenCanvas | null = null;
  for (const { width, height } of reductions(picture.width, picture.height, side)) {
    drawn = new OffscreenCanvas(width, height);
    const context = drawn.getContext("2d", { alpha: false });
    if (!context) throw new Error("no 2d canvas");
    // White behind a transparent PNG, as it was seen.
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
    // Halving by the plain filter averages four pixels into one, which is what a good one would do.
    context.imageSmoothingQuality = isHalf(from.width, width) && isHalf(from.height, height) ? "low" : "high";
    context.drawImage(from, 0, 0, width, height);
    from = drawn;
  }
  if (!drawn) throw new Error("nothing drawn");
  return drawn;
}
