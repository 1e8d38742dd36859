/**
 * The rows of every list: compact rows of the copies, with this phone's pending work laid over them.
 *
 * Law: a list is usable from the rows alone; whole documents are read only for reports with pending work. A change
 * of one report costs one report.
 */
import { batch } from "@preact/signals";
import type { Report } from "../../shared/documents.ts";
import { sortedBy } from "../../shared/ordering.ts";
import { type OverlayContext, overlay, type PendingEvent } from "../../shared/overlay.ts";
import { type AccountStore, feedState, readDocument } from "../storage/account.ts";
import type { Bucket, OutboxRecord } from "../storage/records.ts";
import { allBuckets, BUCKETS, type Row, rowOfReport } from "../storage/rows.ts";
import type { ReportRow } from "./contract.ts";
import { outboxRecords } from "./ledger.ts";
import { previewSoon } from "./preview.ts";
import { loaded, profile, rows, types } from "./signals.ts";

/** Key in `seen` of the version at the first complete pull: what was there then is not news. */
const BASELINE = "*";

let copies = new Map<string, Row>();
let shown = new Map<string, ReportRow>();
let seen = new Map<string, number>();

let coming: Promise<void> = Promise.resolve();
/** A start that shows a preview says when its rows will all be here. */
export function rowsComing(read: Promise<void>): void {
  coming = read;
}
/** Resolves when every row is in memory: whoever must know a report, or change its row, waits for this. */
export const rowsRead = (): Promise<void> => coming;

export const rowById = (id: string): ReportRow | undefined => shown.get(id);
export const shownRows = (): Iterable<ReportRow> => shown.values();

export const context: OverlayContext = {
  type: (id) => types.value.get(id),
  get agency() {
    return profile.value?.agency ?? null;
  },
  get brigade() {
    return profile.value?.brigade ?? null;
  },
};

/** Events of this phone about a report that the municipality has not refused, in the order of saving. */
export function pendingFor(subject: string): PendingEvent[] {
  return outboxRecords()
    .filter((record) => record.subject === subject && counts(record))
    .map(asPending);
}

/** Freed work without a copy has left this person's scope: it is the municipality's now. */
const counts = (record: OutboxRecord): boolean =>
  record.custody !== "refused" && record.custody !== "quarantined" && record.custody !== "freed";

function asPending(record: OutboxRecord): PendingEvent {
  return {
    id: record.id,
    subject: record.subject,
    kind: record.kind,
    actor: record.actor,
    role: record.role,
    at: record.saved_at,
    payload: record.raw.payload,
    position: record.raw.position,
    ...(record.admission === undefined ? {} : { admission: record.admission }),
  };
}

interface StoredRows {
  buckets: Bucket[];
  seen: Map<string, number>;
  /** False until a first pull is complete. */
  pulled: boolean;
}

/**
 * What the store holds of rows: may be read beside everything else that a start reads. A few buckets at a time, so
 * that the screen can answer in between, and all within one transaction.
 */
export async function fetchRows(db: AccountStore, atOnce: number = BUCKETS): Promise<StoredRows> {
  const { side, since } = await feedState(db, "mailbox");
  const tx = db.transaction(["rows", "seen"]);
  const [bucketKeys, keys, versions] = await Promise.all([
    tx.objectStore("rows").getAllKeys(allBuckets(side)),
    tx.objectStore("seen").getAllKeys(),
    tx.objectStore("seen").getAll(),
  ]);
  const buckets: Bucket[] = [];
  for (let at = 0; at < bucketKeys.length; at += atOnce) {
    const last = bucketKeys[Math.min(at + atOnce, bucketKeys.length) - 1];
    buckets.push(...(await tx.objectStore("rows").getAll(IDBKeyRange.bound(bucketKeys[at], last))));
  }
  return { buckets, seen: new Map(keys.map((key, i) => [key, versions[i] ?? 0])), pulled: since !== null };
}

/** Shows all rows: at start, and after a feed was swapped. The outbox must have been read. */
export async function readRows(db: AccountStore, stored?: StoredRows): Promise<void> {
  const { buckets, seen: known, pulled } = stored ?? (await fetchRows(db));
  seen = known;
  copies = new Map();
  for (const bucket of buckets) for (const row of bucket) copies.set(row.id, row);
  if (pulled) await setBaseline(db);
  shown = new Map();
  const busy = new Set(
    outboxRecords()
      .filter(counts)
      .map((record) => record.subject),
  );
  for (const [id, row] of copies) if (!busy.has(id)) shown.set(id, dressed(row, 0));
  for (const id of busy) await place(db, id);
  batch(() => {
    publish();
    loaded.value = true;
  });
}

/** After a first pull, however little it brought: from here on what comes is news. */
async function setBaseline(db: AccountStore): Promise<void> {
  if (seen.has(BASELINE)) return;
  let newest = 0;
  for (const row of copies.values()) newest = Math.max(newest, row.version);
  seen.set(BASELINE, newest);
  await db.put("seen", newest, BASELINE);
}

/** Reads again the reports named: documents that changed, or subjects of changed outbox records. */
export async function readReports(db: AccountStore, ids: ReadonlySet<string>): Promise<void> {
  for (const id of ids) {
    const copy = await readDocument<Report>(db, "mailbox", `report:${id}`);
    if (copy) copies.set(id, rowOfReport(id, copy));
    else copies.delete(id);
    await place(db, id, copy ?? null);
  }
  if (!seen.has(BASELINE) && (await feedState(db, "mailbox")).since !== null) await setBaseline(db);
  republish(ids);
}

/** Subjects with pending work now, and those that had some when last shown. */
export function busySubjects(): Set<string> {
  const busy = new Set(
    outboxRecords()
      .filter(counts)
      .map((record) => record.subject),
  );
  for (const row of shown.values()) if (row.pending > 0) busy.add(row.id);
  return busy;
}

export function forgetRows(): void {
  copies = new Map();
  shown = new Map();
  seen = new Map();
  rows.value = [];
  loaded.value = false;
}

async function place(db: AccountStore, id: string, known?: Report | null): Promise<void> {
  const events = pendingFor(id);
  const row = copies.get(id);
  if (events.length === 0) {
    if (row) shown.set(id, dressed(row, 0));
    else shown.delete(id);
    return;
  }
  const copy =
    known !== undefined ? known : ((await readDocument<Report>(db, "mailbox", `report:${id}`)) ?? null);
  const laid = overlay(copy, events, context);
  if (!laid) {
    shown.delete(id);
    return;
  }
  const local: Row = { ...rowOfReport(id, laid.report), ...(copy ? {} : { view: "local" as const }) };
  shown.set(id, dressed(local, laid.pending));
}

function dressed(row: Row, pending: number): ReportRow {
  const known = seen.get(row.id) ?? seen.get(BASELINE) ?? Number.POSITIVE_INFINITY;
  const changed = row.version > known && !isOwnWork(row);
  return {
    ...row,
    pending,
    mine: row.captured_by !== null && row.captured_by === profile.value?.account,
    changed,
    unseen: changed && !seen.has(row.id),
  };
}

/** The newest change is this phone's own: no news to the person. */
function isOwnWork(row: Row): boolean {
  return outboxRecords().some((record) => record.subject === row.id && record.admission === row.version);
}

const newerFirst = (a: ReportRow, b: ReportRow): number =>
  a.captured_at < b.captured_at ? 1 : a.captured_at > b.captured_at ? -1 : 0;

function publish(): void {
  rows.value = sortedBy([...shown.values()], (row) => -Date.parse(row.captured_at), newerFirst);
}

/** A few rows changed: the others are in order already, and 5,000 need not be sorted for one. */
function republish(ids: ReadonlySet<string>): void {
  const next = rows.value.filter((row) => !ids.has(row.id));
  for (const id of ids) {
    const row = shown.get(id);
    if (!row) continue;
    let low = 0;
    let high = next.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (newerFirst(next[middle] as ReportRow, row) < 0) low = middle + 1;
      else high = middle;
    }
    next.splice(low, 0, row);
  }
  rows.value = next;
}

export async function look(db: AccountStore, id: string): Promise<void> {
  await rowsRead();
  const row = shown.get(id);
  if (!row || (seen.get(id) ?? -1) >= row.version) return;
  seen.set(id, row.version);
  if (row.changed) {
    shown.set(id, { ...row, changed: false, unseen: false });
    republish(new Set([id]));
  }
  await db.put("seen", row.version, id);
  previewSoon();
}
