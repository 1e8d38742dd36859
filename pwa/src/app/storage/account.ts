/**
 * One account's own store: outbox, photos, pictures, drafts, key, session and the two feeds.
 *
 * Law: nothing of one account is ever written to another's store.
 */
import { deleteDB, type IDBPDatabase, openDB } from "idb";
import { latest, migrate } from "./migrations.ts";
import type { Feed, FeedState, Meta, Side } from "./records.ts";
import type { AccountSchema } from "./schema.ts";

export type AccountStore = IDBPDatabase<AccountSchema>;
export type FeedStore = `${Feed}-${Side}`;

export const nameOf = (account: string): string => `manzana:${account}`;

/** Opens the store of an account, making or updating it. Throws DOMException where storage is refused. */
export async function openStore(account: string, version: number = latest): Promise<AccountStore> {
  const store: AccountStore = await openDB<AccountSchema>(nameOf(account), version, {
    upgrade(db, from, to, tx) {
      migrate(db, tx, from, to ?? version);
    },
    // Another tab runs a newer version: let go, so that its update is not held up.
    blocking() {
      store.close();
    },
  });
  return store;
}

/** Only for a store whose every item the server holds: see `state/orders.ts`. */
export async function deleteStore(account: string): Promise<void> {
  await deleteDB(nameOf(account));
}

export async function readMeta<K extends keyof Meta>(db: AccountStore, key: K): Promise<Meta[K] | undefined> {
  return (await db.get("meta", key)) as Meta[K] | undefined;
}

export async function writeMeta<K extends keyof Meta>(
  db: AccountStore,
  key: K,
  value: Meta[K],
): Promise<void> {
  await db.put("meta", value, key);
}

/** Documents a page asks for at first: 5,000 documents fit in three requests. */
export const FIRST_PAGE = 2500;

export async function feedState(db: AccountStore, feed: Feed): Promise<FeedState> {
  return (await readMeta(db, `feed:${feed}`)) ?? { side: "a", since: null, shadow: null, page: FIRST_PAGE };
}

export async function liveStore(db: AccountStore, feed: Feed): Promise<FeedStore> {
  return `${feed}-${(await feedState(db, feed)).side}`;
}

/** A document of a feed by id, or undefined. */
export async function readDocument<T>(db: AccountStore, feed: Feed, id: string): Promise<T | undefined> {
  return (await db.get(await liveStore(db, feed), id)) as T | undefined;
}

/** Documents whose id starts with `prefix`, by id. */
export async function readDocuments<T>(db: AccountStore, feed: Feed, prefix: string): Promise<T[]> {
  const range = prefix === "" ? undefined : IDBKeyRange.bound(prefix, `${prefix}\uffff`);
  return (await db.getAll(await liveStore(db, feed), range)) as unknown as T[];
}
