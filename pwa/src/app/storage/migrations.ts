/**
 * The account store's versions, each a step from the one before.
 *
 * Law: a step never drops or rewrites `outbox`, `photos`, `bytes`, `drafts` or the key: what a person did survives
 * every update. Released steps never change; a new one is added at the end. What came from the server may be
 * dropped, since it can be pulled again.
 */
import type { IDBPDatabase, IDBPTransaction, StoreNames } from "idb";
import type { AccountSchema } from "./schema.ts";

type Step = (
  db: IDBPDatabase<AccountSchema>,
  tx: IDBPTransaction<AccountSchema, StoreNames<AccountSchema>[], "versionchange">,
) => void;

const steps: Step[] = [
  // 1: custody, the two feeds with a shadow each, and the rows a list starts from.
  (db) => {
    db.createObjectStore("meta");
    db.createObjectStore("outbox", { keyPath: "uuid" });
    const photos = db.createObjectStore("photos", { keyPath: "id" });
    photos.createIndex("event", "event");
    db.createObjectStore("bytes");
    db.createObjectStore("drafts", { keyPath: "key" });
    for (const feed of ["mailbox", "reference"] as const) {
      for (const side of ["a", "b"] as const) db.createObjectStore(`${feed}-${side}`, { keyPath: "_id" });
    }
    db.createObjectStore("rows");
    db.createObjectStore("seen");
  },
  // 2: an index by state, so that a round finds the photos to send without reading those already sent.
  (_db, tx) => {
    tx.objectStore("photos").createIndex("state", "state");
  },
  // 3: the municipality's pictures, which browsers' caches kept from nobody, in the account's own store.
  (db) => {
    const pictures = db.createObjectStore("pictures", { keyPath: "key" });
    pictures.createIndex("report", "reports", { multiEntry: true });
    pictures.createIndex("used", "used_at");
    pictures.createIndex("sha256", "sha256");
    db.createObjectStore("picture-bytes");
  },
];

export const latest = steps.length;

/** Brings a store from version `from` (0: new) to `to`. */
export function migrate(
  db: IDBPDatabase<AccountSchema>,
  tx: IDBPTransaction<AccountSchema, StoreNames<AccountSchema>[], "versionchange">,
  from: number,
  to: number = latest,
): void {
  for (const step of steps.slice(from, to)) step(db, tx);
}
