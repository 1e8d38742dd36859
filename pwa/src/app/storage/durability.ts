/**
 * The one way to write what must not be lost.
 *
 * Law: what the person is told is saved has been through here: the promise resolves when the browser reports the
 * transaction complete under strict durability (flushed to the disk, not just handed to the system).
 */
import type { IDBPDatabase, IDBPTransaction, StoreNames } from "idb";

export class NotDurable extends Error {
  constructor(got: string) {
    super(`the browser opened a ${got} transaction where a strict one was asked for`);
    this.name = "NotDurable";
  }
}

/**
 * Runs `write` in one strict read-write transaction over `stores` and resolves when it is on disk.
 *
 * `write` may only await requests of this transaction: anything else (crypto, fetch) would let it close early.
 * Where `write` throws, the transaction is undone and the error passed on. Throws NotDurable, before writing,
 * where the browser ignores the wish.
 */
export async function durably<Schema, Names extends StoreNames<Schema>, Result>(
  db: IDBPDatabase<Schema>,
  stores: Names[],
  write: (tx: IDBPTransaction<Schema, Names[], "readwrite">) => Promise<Result>,
): Promise<Result> {
  const tx = db.transaction(stores, "readwrite", { durability: "strict" });
  const durability = tx.durability;
  if (durability !== "strict") {
    tx.abort();
    await tx.done.catch(() => undefined);
    throw new NotDurable(String(durability));
  }
  return settle(tx, write);
}

/** Like `durably`, for what can be fetched or written again: the browser may buffer it. */
export async function buffered<Schema, Names extends StoreNames<Schema>, Result>(
  db: IDBPDatabase<Schema>,
  stores: Names[],
  write: (tx: IDBPTransaction<Schema, Names[], "readwrite">) => Promise<Result>,
): Promise<Result> {
  return settle(db.transaction(stores, "readwrite", { durability: "relaxed" }), write);
}

async function settle<Schema, Names extends StoreNames<Schema>, Result>(
  tx: IDBPTransaction<Schema, Names[], "readwrite">,
  write: (tx: IDBPTransaction<Schema, Names[], "readwrite">) => Promise<Result>,
): Promise<Result> {
  let result: Result;
  try {
    result = await write(tx);
  } catch (error) {
    try {
      tx.abort();
    } catch (late) {
      // A transaction that failed by itself (quota) is already over; the first error is the one to tell.
      if (!(late instanceof DOMException)) throw late;
    }
    await tx.done.catch(() => undefined);
    throw error;
  }
  await tx.done;
  return result;
}
