/**
 * Applying what the server said to the outbox: acknowledgement, backup, epoch.
 *
 * Law: decisions come from `custody.ts`; this writes them, strictly durable, and removes bytes only for a record
 * that `isFreeable` in the same transaction.
 */
import type { Ack } from "../../shared/documents.ts";
import { isOver } from "../saving/takeback.ts";
import { type AccountStore, type FeedStore, feedState, liveStore, readMeta } from "../storage/account.ts";
import { durably } from "../storage/durability.ts";
import type { CustodyState, OutboxRecord } from "../storage/records.ts";
import {
  acknowledged,
  type BackedUp,
  isFreeable,
  judged,
  nextCustody,
  pendingAgain,
  photoPendingAgain,
} from "./custody.ts";

/** Freed items are listed for the person this long: enough to look back on a week of hard work. */
const FREED_KEPT = 200;

const nothing: CustodyState = { epoch: null, admission: 0, time: null };

/**
 * Reads the acknowledgements in the mailbox, or takes those given, and moves items along. True where something moved.
 */
export async function settle(db: AccountStore, now: string, given?: readonly Ack[]): Promise<boolean> {
  const mailbox: FeedStore = await liveStore(db, "mailbox");
  const acks =
    given ?? ((await db.getAll(mailbox, IDBKeyRange.bound("ack:", "ack:\uffff"))) as unknown as Ack[]);
  const custody = (await readMeta(db, "custody")) ?? nothing;
  return durably(db, ["outbox", "photos", "bytes"], async (tx) => {
    const outbox = tx.objectStore("outbox");
    const photos = tx.objectStore("photos");
    let moved = false;
    for (const photo of await photos.getAll()) {
      const next = acks.reduce((held, ack) => judged(held, ack, now), photo);
      if (next !== photo) {
        moved = true;
        await photos.put(next);
      }
    }
    for (const record of await outbox.getAll()) {
      let next = acks.reduce((held, ack) => acknowledged(held, ack, custody.time), record);
      if (next.custody === "accepted" && !next.accepted_at && custody.time) {
        next = { ...next, accepted_at: custody.time };
      }
      const own = await photos.index("event").getAll(record.uuid);
      // What its author may still take back is still theirs to see whole.
      const isLet = !next.undo || isOver(next, Date.parse(now));
      if (isLet && isFreeable(next, own, custody)) {
        for (const photo of own) {
          await photos.delete(photo.id);
          await tx.objectStore("bytes").delete(photo.id);
        }
        const { citizen: _, undo: _u, ...rest } = next;
        next = { ...rest, custody: "freed" };
      }
      if (next !== record) {
        moved = true;
        await outbox.put(next);
      }
    }
    await forgetOldest(await outbox.getAll(), (uuid) => outbox.delete(uuid));
    return moved;
  });
}

async function forgetOldest(records: OutboxRecord[], remove: (uuid: string) => Promise<void>): Promise<void> {
  const freed = records.filter((record) => record.custody === "freed").sort((a, b) => b.order - a.order);
  for (const record of freed.slice(FREED_KEPT)) await remove(record.uuid);
}

/** Keeps what a check-in says of backups; after an epoch change all that is held is pending again. */
export async function noteBackup(db: AccountStore, said: BackedUp, time: string): Promise<boolean> {
  const before = (await readMeta(db, "custody")) ?? nothing;
  const { state, epochChanged } = nextCustody(before, said, time);
  const feed = await feedState(db, "mailbox");
  const mailbox: FeedStore = `mailbox-${feed.side}`;
  await durably(db, ["meta", "outbox", "photos", mailbox], async (tx) => {
    await tx.objectStore("meta").put(state, "custody");
    if (!epochChanged) return;
    // The old server's acknowledgements say nothing of the new one: they go, and the mailbox is pulled whole.
    await tx.objectStore(mailbox).delete(IDBKeyRange.bound("ack:", "ack:\uffff"));
    await tx.objectStore("meta").put({ ...feed, shadow: { since: null } }, "feed:mailbox");
    const outbox = tx.objectStore("outbox");
    const photos = tx.objectStore("photos");
    for (const record of await outbox.getAll()) await outbox.put(pendingAgain(record));
    for (const photo of await photos.getAll()) await photos.put(photoPendingAgain(photo));
  });
  return epochChanged;
}
