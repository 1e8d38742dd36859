/**
 * Pictures for the screen, and the worker that makes the ones to send.
 *
 * Law: a picture is shown from the phone where the phone has it; one fetched is kept for the days without signal.
 */

import { instant } from "../../shared/instants.ts";
import { grind, workerMill } from "../saving/photos.ts";
import { ring } from "../sync/bell.ts";
import { browserLine } from "../sync/request.ts";
import { tokenOf } from "../sync/session.ts";
import { maybeAccount, theAccount } from "./current.ts";
import { kick } from "./syncing.ts";

const CACHE = "manzana-photos";
/** About 20 MB of derivatives. */
const KEPT = 400;
const HASH = /^[0-9a-f]{64}$/;
const urls = new Map<string, string>();

const mill = workerMill(
  () => new Worker(new URL("../../worker/photo.ts", import.meta.url), { type: "module" }),
);
let grinding: Promise<void> | null = null;
let again = false;

/** Makes waiting photos, in the background; rings when some are ready. */
export function grindPhotos(): void {
  if (grinding) {
    again = true;
    return;
  }
  const open = maybeAccount();
  if (!open) return;
  grinding = grind(open.db, mill, () => instant(Date.now()))
    .then((made) => {
      if (made === 0) return;
      ring({ account: open.entry.account, what: "outbox" });
      kick();
    })
    .catch((error: unknown) => {
      // The store was closed under it by a switch of accounts: the next opening goes on.
      if (!(error instanceof DOMException)) throw error;
    })
    .finally(() => {
      grinding = null;
      if (again) {
        again = false;
        grindPhotos();
      }
    });
}

export async function photoUrl(idOrHash: string, width: 320 | 1280 = 320): Promise<string | null> {
  const { db, entry } = theAccount();
  const key = HASH.test(idOrHash) ? `${entry.account}/${idOrHash}/${width}` : idOrHash;
  const known = urls.get(key);
  if (known) return known;
  const blob = HASH.test(idOrHash) ? await fetched(idOrHash, width) : await local(idOrHash);
  if (!blob) return null;
  const url = URL.createObjectURL(blob);
  urls.set(key, url);
  return url;

  async function local(id: string): Promise<Blob | null> {
    // The picture as taken has twelve megapixels: decoding it for a thumbnail would stop the screen for a second.
    if (grinding && (await db.get("photos", id))?.state === "saved") await made(id);
    const bytes = await db.get("bytes", id);
    return bytes ? new Blob([bytes]) : null;
  }

  /** The phone's own copy of the hash first, then what was fetched before, then the network. */
  async function fetched(hash: string, size: number): Promise<Blob | null> {
    const own = (await db.getAll("photos")).find((photo) => photo.sha256 === hash);
    const mine = own && (await local(own.id));
    if (mine) return mine;
    const path = `/sync/evidence/${hash}/${size}`;
    // One account's pictures are no other's on the same phone.
    const shelf = await caches.open(`${CACHE}:${entry.account}`);
    const kept = await shelf.match(path);
    if (kept) return kept.blob();
    try {
      const token = await tokenOf(db, browserLine);
      const response = await fetch(path, { headers: { Authorization: `Bearer ${token}` } });
      if (!response.ok) return null;
      await shelf.put(path, response.clone());
      const names = await shelf.keys();
      for (const old of names.slice(0, Math.max(0, names.length - KEPT))) await shelf.delete(old);
      return await response.blob();
    } catch (error) {
      // No signal: the screen shows that there is a photo, and asks again later.
      if (error instanceof Error) return null;
      throw error;
    }
  }
}

/** Resolves when the worker has made the picture, or found it broken, or has stopped. */
export async function made(id: string): Promise<void> {
  while (grinding) {
    await Promise.race([grinding, new Promise((resolve) => setTimeout(resolve, 100))]);
    const photo = await maybeAccount()?.db.get("photos", id);
    if (photo?.state !== "saved") return;
  }
}

export function forgetPhotoUrls(): void {
  for (const url of urls.values()) URL.revokeObjectURL(url);
  urls.clear();
}

export async function forgetCachedPhotos(account: string): Promise<void> {
  await caches.delete(`${CACHE}:${account}`);
}
