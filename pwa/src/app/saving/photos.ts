/**
 * Photos on the phone: the bytes are stored at once; the worker makes of them what will be uploaded.
 *
 * Law: the picture as taken stays until the made one is stored in its place, in one transaction. A picture the
 * worker cannot draw is kept, said to be broken, and holds up nothing.
 */
import type { PhotoOrigin } from "../../shared/documents.ts";
import { instant } from "../../shared/instants.ts";
import { uuid7 } from "../../shared/uuid7.ts";
import type { PhotoMade } from "../../worker/photo.ts";
import type { AccountStore } from "../storage/account.ts";
import { durably } from "../storage/durability.ts";
import type { PhotoRecord } from "../storage/records.ts";

/** Makes one picture: the worker in the app, a plain function in tests. */
export type Mill = (id: string, bytes: ArrayBuffer) => Promise<PhotoMade>;

export async function storePhoto(
  db: AccountStore,
  file: Blob,
  origin: PhotoOrigin,
  now: number,
): Promise<PhotoRecord> {
  const bytes = await file.arrayBuffer();
  const photo: PhotoRecord = {
    id: uuid7(now),
    event: null,
    origin,
    taken_at: instant(now),
    state: "saved",
    urgent: false,
  };
  await durably(db, ["photos", "bytes"], async (tx) => {
    await tx.objectStore("photos").put(photo);
    await tx.objectStore("bytes").put(bytes, photo.id);
  });
  return photo;
}

/** Removes a photo no event has taken; true where it did. */
export async function dropPhoto(db: AccountStore, id: string): Promise<boolean> {
  return durably(db, ["photos", "bytes"], async (tx) => {
    const photo = await tx.objectStore("photos").get(id);
    if (!photo || photo.event !== null) return false;
    await tx.objectStore("photos").delete(id);
    await tx.objectStore("bytes").delete(id);
    return true;
  });
}

/** Makes every photo still as taken, one after another. Resolves to how many were made or found broken. */
export async function grind(db: AccountStore, mill: Mill, now: () => string): Promise<number> {
  let done = 0;
  for (;;) {
    const waiting = await db.getAllFromIndex("photos", "state", "saved");
    const next = waiting.sort((a, b) => a.taken_at.localeCompare(b.taken_at))[0];
    if (!next) return done;
    const bytes = await db.get("bytes", next.id);
    const made: PhotoMade = bytes
      ? await mill(next.id, bytes)
      : { id: next.id, ok: false, reason: "the bytes are gone" };
    await durably(db, ["photos", "bytes"], async (tx) => {
      const photo = await tx.objectStore("photos").get(next.id);
      if (photo?.state !== "saved") return;
      if (made.ok) {
        await tx.objectStore("bytes").put(made.bytes, photo.id);
        await tx.objectStore("photos").put({
          ...photo,
          state: "ready",
          sha256: made.sha256,
          size: made.bytes.byteLength,
          type: "image/jpeg",
        });
      } else {
        await tx.objectStore("photos").put({
          ...photo,
          state: "broken",
          why: { code: "photo_undecodable", message: "La foto no se pudo abrir.", at: now() },
        });
      }
    });
    done += 1;
  }
}

/** The worker as a mill; started with the first photo, kept for the next. */
export function workerMill(start: () => Worker): Mill {
  let worker: Worker | null = null;
  const waiting = new Map<string, (made: PhotoMade) => void>();
  return (id, bytes) =>
    new Promise((resolve) => {
      if (worker === null) {
        worker = start();
        worker.onmessage = ({ data }: MessageEvent<PhotoMade>) => {
          waiting.get(data.id)?.(data);
          waiting.delete(data.id);
        };
        worker.onerror = () => {
          // Out of memory, most likely: the photos in hand are broken, the next one gets a new worker.
          for (const [failed, tell] of waiting) tell({ id: failed, ok: false, reason: "the worker died" });
          waiting.clear();
          worker?.terminate();
          worker = null;
        };
      }
      waiting.set(id, resolve);
      worker.postMessage({ id, bytes });
    });
}
