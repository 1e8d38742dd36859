/**
 * Writing one page of a feed: documents, compact rows, checkpoint and the pictures that go, in one transaction.
 *
 * Law: all of the page or nothing of it, and only onto the checkpoint it was asked from: where a longpoll and a
 * round run side by side, the later answer is dropped and asked again. A report copy with a lower version than the
 * one held is ignored. Requests are issued without waiting for one another: thousands of documents cost one
 * transaction, not thousands of turns of the event loop.
 */
import { unwrap } from "idb";
import type { FeedDocument } from "../../shared/documents.ts";
import type { AccountStore, FeedStore } from "../storage/account.ts";
import { copiesChanged } from "../storage/pictures.ts";
import type { Bucket, CustodyState, Feed, FeedState, Side } from "../storage/records.ts";
import { allBuckets, bucketKey, bucketOf, type Row, rowOf } from "../storage/rows.ts";

/** An answer of `/sync/<feed>/_changes` (docs/gateway.md). */
export interface Changes {
  results: { seq: string; id: string; deleted?: boolean; doc?: FeedDocument }[];
  last_seq: string;
  pending: number;
}

export interface PageWrite {
  page: Changes;
  /** Side the page belongs to, and the feed's state it was asked from and leads to. */
  side: Side;
  before: FeedState;
  after: FeedState;
  clearFirst: Side | null;
  clearAfter: Side | null;
  /** The side holds nothing yet: deletions need no write. */
  fresh: boolean;
}

type Result = Changes["results"][number];

/** False, with nothing written, where the feed has moved on since the page was asked for. */
export async function writePage(db: AccountStore, feed: Feed, write: PageWrite): Promise<boolean> {
  const stores: ("meta" | "rows" | "pictures" | "picture-bytes" | FeedStore)[] = [
    `${feed}-a`,
    `${feed}-b`,
    "meta",
    "rows",
    "pictures",
    "picture-bytes",
  ];
  const tx = db.transaction(stores, "readwrite", { durability: "relaxed" });
  const meta = tx.objectStore("meta");
  const held = (await meta.get(`feed:${feed}`)) as FeedState | undefined;
  if (held && !isSame(held, write.before)) {
    await tx.done;
    return false;
  }
  const raw = unwrap(tx);
  const documents = raw.objectStore(`${feed}-${write.side}`);
  const rows = feed === "mailbox" ? raw.objectStore("rows") : null;
  if (write.clearFirst) {
    documents.clear();
    rows?.delete(allBuckets(write.clearFirst));
  }
  const reports: Result[] = [];
  for (const result of write.page.results) {
    if (rows && result.id.startsWith("report:")) reports.push(result);
    else put(documents, result, write.fresh);
  }
  if (rows) writeReports(documents, rows, reports, write);
  if (write.clearAfter) {
    raw.objectStore(`${feed}-${write.clearAfter}`).clear();
    rows?.delete(allBuckets(write.clearAfter));
  }
  // What a shadow brings is not what the person holds yet: the pictures follow at the swap.
  if (rows && (write.clearAfter || write.before.shadow === null)) {
    const shown = { pictures: raw.objectStore("pictures"), bytes: raw.objectStore("picture-bytes") };
    const ids = new Set(reports.map(({ id }) => id.slice("report:".length)));
    copiesChanged(shown, documents, write.clearAfter ? null : ids);
  }
  if (rows && write.clearAfter) await forgetBackup(meta);
  // What left this person's scope must not stay behind in what the first screen last showed.
  if (write.page.results.length > 0) raw.objectStore("meta").delete("preview");
  raw.objectStore("meta").put(write.after, `feed:${feed}`);
  await tx.done;
  return true;
}

/**
 * A new mailbox may come from a restored server, whose admission numbers start lower: what was known to be backed
 * up counts for nothing until the next check-in says it anew.
 */
async function forgetBackup(meta: {
  get(key: string): Promise<unknown>;
  put?(value: CustodyState, key: string): Promise<unknown>;
}): Promise<void> {
  const custody = (await meta.get("custody")) as CustodyState | undefined;
  if (custody) await meta.put?.({ ...custody, admission: 0 }, "custody");
}

function isSame(a: FeedState, b: FeedState): boolean {
  // A pull that has just learnt of feed_changed holds a shadow that nothing has been written to yet.
  const begins = b.shadow !== null && b.shadow.since === null;
  return a.side === b.side && a.since === b.since && (begins || a.shadow?.since === b.shadow?.since);
}

function put(documents: IDBObjectStore, result: Result, fresh: boolean): void {
  if (!result.deleted) documents.put(result.doc);
  else if (!fresh) documents.delete(result.id);
}

/** Changes each bucket once. The reads' answers issue the writes, within the same transaction. */
function writeReports(
  documents: IDBObjectStore,
  rows: IDBObjectStore,
  reports: Result[],
  { side, fresh }: PageWrite,
): void {
  const buckets = new Map<number, Result[]>();
  for (const result of reports) {
    const bucket = bucketOf(result.id);
    const within = buckets.get(bucket);
    if (within) within.push(result);
    else buckets.set(bucket, [result]);
  }
  for (const [bucket, within] of buckets) {
    const key = bucketKey(side, bucket);
    const read = rows.get(key) as IDBRequest<Bucket | undefined>;
    read.onsuccess = () => {
      const kept = new Map((read.result ?? []).map((row) => [row.id, row]));
      for (const result of within) {
        const row: Row | null = result.doc && !result.deleted ? rowOf(result.doc) : null;
        const id = result.id.slice("report:".length);
        if (row && (kept.get(id)?.version ?? 0) > row.version) continue;
        put(documents, result, fresh);
        if (row) kept.set(id, row);
        else kept.delete(id);
      }
      rows.put([...kept.values()], key);
    };
  }
}
