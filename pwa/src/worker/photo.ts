/**
 * The photo worker: one picture in, the bytes that will be uploaded and their hash out.
 *
 * Law: what leaves has been drawn anew, so that no metadata (place, time, camera) of the file survives; the longer
 * side is at most 1600 px and the file about 300 KB. What cannot be drawn is said to be broken, never guessed.
 */
/// <reference lib="webworker" />
import { sha256 } from "../shared/canonical.ts";

export interface PhotoAsked {
  id: string;
  bytes: ArrayBuffer;
}
export type PhotoMade =
  | { id: string; ok: true; bytes: ArrayBuffer; sha256: string; width: number; height: number }
  | { id: string; ok: false; reason: string };

declare const self: DedicatedWorkerGlobalScope;

const LONGEST_SIDE = 1600;
const AIM_BYTES = 300 * 1024;
/** Quality steps, then smaller sides: the first result under the aim is taken, the last in any case. */
const STEPS: { side: number; quality: number }[] = [
  { side: LONGEST_SIDE, quality: 0.8 },
  { side: LONGEST_SIDE, quality: 0.65 },
  { side: 1280, quality: 0.65 },
  { side: 1024, quality: 0.6 },
];

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

async function draw(bytes: ArrayBuffer): Promise<{ blob: Blob; width: number; height: number }> {
  const picture = await createImageBitmap(new Blob([bytes]), { imageOrientation: "from-image" });
  try {
    let last: { blob: Blob; width: number; height: number } | null = null;
    for (const { side, quality } of STEPS) {
      const scale = Math.min(1, side / Math.max(picture.width, picture.height));
      const width = Math.max(1, Math.round(picture.width * scale));
      const height = Math.max(1, Math.round(picture.height * scale));
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d", { alpha: false });
      if (!context) throw new Error("no 2d canvas");
      // White behind a transparent PNG, as it was seen.
      context.fillStyle = "#fff";
      context.fillRect(0, 0, width, height);
      context.imageSmoothingQuality = "high";
      context.drawImage(picture, 0, 0, width, height);
      last = { blob: await canvas.convertToBlob({ type: "image/jpeg", quality }), width, height };
      if (last.blob.size <= AIM_BYTES) break;
    }
    if (!last) throw new Error("nothing drawn");
    return last;
  } finally {
    picture.close();
  }
}
