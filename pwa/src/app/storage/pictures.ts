/**
 * Pictures of reports kept for the days without signal.
 *
 * Law: a picture is on the phone only while a report copy on the phone names it. What takes the copy away (withdrawal
 * of scope, redaction, a feed that changed) takes the picture in the same transaction, and one that arrives after
 * its copy has gone is not kept. Bounded: those longest unseen leave first.
 */
import type { FeedDocument, Report } from "../../shared/documents.ts";
import { type AccountStore, liveStore } from "./account.ts";
import { buffered } from "./durability.ts";
import type { PictureRecord, PictureWidth } from "./records.ts";

/** Some 1,500 thumbnails, or 150 pictures as large as the screen: a brigade's orders of weeks. */
export const MOST_BYTES = 40 * 1024 * 1024;

export const pictureKey = (sha256: string, width: PictureWidth): string => `${sha256}/${width}`;

/** The hashes whose pictures a copy lets one see. */
export function picturesOf(doc: FeedDocument | undefined): Set<string> {
  const evidence = (doc as Report | undefined)?.evidence ?? [];
  return new Set(evidence.filter((one) => one.verdict === "ok").map((one) => one.sha256));
}

export interface Kept {
  picture: PictureRecord;
  bytes: ArrayBuffer;
}

export async function takePicture(
  db: AccountStore,
  sha256: string,
  width: PictureWidth,
  now: number,
): Promise<Kept | null> {
  return buffered(db, ["pictures", "picture-bytes"], async (tx) => {
    const key = pictureKey(sha256, width);
    const picture = await tx.objectStore("pictures").get(key);
    const bytes = await tx.objectStore("picture-bytes").get(key);
    if (!picture || !bytes) return null;
    await tx.objectStore("pictures").put({ ...picture, used_at: now });
    return { picture, bytes };
  });
}

/** Keeps what was fetched for a report. False, with nothing kept, where its copy no longer names it. */
export async function keepPicture(
  db: AccountStore,
  { sha256, width, report }: { sha256: string; width: PictureWidth; report: string },
  bytes: ArrayBuffer,
  now: number,
  most: number = MOST_BYTES,
): Promise<boolean> {
  const mailbox = await liveStore(db, "mailbox");
  return buffered(db, ["pictures", "picture-bytes", mailbox], async (tx) => {
    const doc = (await tx.objectStore(mailbox).get(`report:${report}`)) as FeedDocument | undefined;
    if (!picturesOf(doc).has(sha256)) return false;
    const pictures = tx.objectStore("pictures");
    const key = pictureKey(sha256, width);
    const reports = [...new Set([...((await pictures.get(key))?.reports ?? []), report])];
    await pictures.put({
      key,
      sha256,
      width,
      reports,
      size: bytes.byteLength,
      used_at: now,
      checked_at: now,
    });
    await tx.objectStore("picture-bytes").put(bytes, key);
    const oldest = await pictures.index("used").getAll();
    let total = oldest.reduce((sum, one) => sum + one.size, 0);
    for (const old of oldest) {
      if (total <= most) break;
      await pictures.delete(old.key);
      await tx.objectStore("picture-bytes").delete(old.key);
      total -= old.size;
    }
    return true;
  });
}

/** The municipality no longer shows it to this person: every width goes. */
export async function dropPicture(db: AccountStore, sha256: string): Promise<void> {
  await buffered(db, ["pictures", "picture-bytes"], async (tx) => {
    for (const key of await tx.objectStore("pictures").index("sha256").getAllKeys(sha256)) {
      await tx.objectStore("pictures").delete(key);
      await tx.objectStore("picture-bytes").delete(key);
    }
  });
}

export async function pictureChecked(db: AccountStore, sha256: string, now: number): Promise<void> {
  await buffered(db, ["pictures"], async (tx) => {
    const pictures = tx.objectStore("pictures");
    for (const one of await pictures.index("sha256").getAll(sha256)) {
      await pictures.put({ ...one, checked_at: now });
    }
  });
}

/** Hashes not asked about since `before`, the longest unasked first. */
export async function picturesToCheck(db: AccountStore, before: number, most: number): Promise<string[]> {
  const due = (await db.getAll("pictures")).filter((one) => one.checked_at < before);
  due.sort((a, b) => a.checked_at - b.checked_at);
  return [...new Set(due.map((one) => one.sha256))].slice(0, most);
}

/** Another person takes the phone, or this one leaves it. */
export async function emptyPictures(db: AccountStore): Promise<void> {
  await buffered(db, ["pictures", "picture-bytes"], async (tx) => {
    await tx.objectStore("pictures").clear();
    await tx.objectStore("picture-bytes").clear();
  });
}

/** Raw stores of a page's own transaction: requests without turns, see `sync/page.ts`. */
export interface PictureStores {
  pictures: IDBObjectStore;
  bytes: IDBObjectStore;
}

/**
 * Copies were written in this transaction: pictures that they no longer name go. `reports`: the uuids concerned; null:
 * all may be. Must be called after the requests that write `documents`.
 */
export function copiesChanged(
  { pictures, bytes }: PictureStores,
  documents: IDBObjectStore,
  reports: ReadonlySet<string> | null,
): void {
  const all = pictures.getAll() as IDBRequest<PictureRecord[]>;
  all.onsuccess = () => {
    for (const picture of all.result) {
      const left = new Set(picture.reports);
      for (const report of picture.reports) {
        if (reports !== null && !reports.has(report)) continue;
        const read = documents.get(`report:${report}`) as IDBRequest<FeedDocument | undefined>;
        read.onsuccess = () => {
          if (picturesOf(read.result).has(picture.sha256)) return;
          left.delete(report);
          if (left.size > 0) pictures.put({ ...picture, reports: [...left] });
          else {
            pictures.delete(picture.key);
            bytes.delete(picture.key);
          }
        };
      }
    }
  };
}
