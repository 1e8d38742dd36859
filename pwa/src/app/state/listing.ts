/**
 * The rows of every list of an account: compact rows of the copies, with this phone's pending work laid over them.
 *
 * Law: a list is usable from the rows alone; whole documents are read only for reports with pending work. A change
 * of one report costs one report.
 */
import { batch, signal } from "@preact/signals";
import type { Report } from "../../shared/documents.ts";
import { sortedBy } from "../../shared/ordering.ts";
import { type OverlayContext, overlay, type PendingEvent } from "../../shared/overlay.ts";
import { type AccountStore, feedState, readDocument } from "../storage/account.ts";
import type { Bucket, OutboxRecord } from "../storage/records.ts";
import { allBuckets, BUCKETS, type Row, rowOfReport } from "../storage/rows.ts";
import type { ReportRow } from "../storage/shown.ts";
import type { Feeds } from "./feeds.ts";
import type { Ledger } from "./ledger.ts";

/** Key in `seen` of the version at the first complete pull: what was there then is not news. */
const BASELINE = "*";

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

export interface ListingAround {
  db: AccountStore;
  ledger: Ledger;
  feeds: Feeds;
  /** What was looked at is kept: the first screen stands otherwise now. */
  looked(): void;
}

export class Listing {
  /** Every report on the phone, newest first. */
  readonly rows = signal<readonly ReportRow[]>([]);
  /** The rows were read once. */
  readonly loaded = signal(false);
  readonly context: OverlayContext;
  #copies = new Map<string, Row>();
  #shown = new Map<string, ReportRow>();
  #seen = new Map<string, number>();
  #coming: Promise<void> = Promise.resolve();

  constructor(readonly around: ListingAround) {
    const { types, profile } = around.feeds;
    this.context = {
      type: (id) => types.value.get(id),
      get agency() {
        return profile.value?.agency ?? null;
      },
      get brigade() {
        return profile.value?.brigade ?? null;
      },
    };
  }

  /** A start that shows a preview says when its rows will all be here. */
  coming(read: Promise<void>): void {
    this.#coming = read;
  }

  /** Resolves when every row is in memory: whoever must know a report, or change its row, waits for this. */
  whole(): Promise<void> {
    return this.#coming;
  }

  row(id: string): ReportRow | undefined {
    return this.#shown.get(id);
  }

  /** Events of this phone about a report that the municipality has not refused, in the order of saving. */
  pendingFor(subject: string): PendingEvent[] {
    return this.around.ledger.records
      .filter((record) => record.subject === subject && counts(record))
      .map(asPending);
  }

  /** Shows all rows: at start, and after a feed was swapped. The outbox must have been read. */
  async read(stored?: StoredRows): Promise<void> {
    const { buckets, seen, pulled } = stored ?? (await fetchRows(this.around.db));
    this.#seen = seen;
    this.#copies = new Map();
    for (const bucket of buckets) for (const row of bucket) this.#copies.set(row.id, row);
    if (pulled) await this.#setBaseline();
    this.#shown = new Map();
    const busy = this.#busy();
    for (const [id, row] of this.#copies) if (!busy.has(id)) this.#shown.set(id, this.#dressed(row, 0));
    for (const id of busy) await this.#put(id);
    batch(() => {
      this.rows.value = sortedBy(
        [...this.#shown.values()],
        (row) => -Date.parse(row.captured_at),
        newerFirst,
      );
      this.loaded.value = true;
    });
  }

  /** Reads again the reports named: documents that changed, or subjects of changed outbox records. */
  async readReports(ids: ReadonlySet<string>): Promise<void> {
    const { db } = this.around;
    for (const id of ids) {
      const copy = await readDocument<Report>(db, "mailbox", `report:${id}`);
      if (copy) this.#copies.set(id, rowOfReport(id, copy));
      else this.#copies.delete(id);
      await this.#put(id, copy ?? null);
    }
    if (!this.#seen.has(BASELINE) && (await feedState(db, "mailbox")).since !== null)
      await this.#setBaseline();
    this.#republish(ids);
  }

  /** Subjects with pending work now, and those that had some when last shown. */
  busySubjects(): Set<string> {
    const busy = this.#busy();
    for (const row of this.#shown.values()) if (row.pending > 0) busy.add(row.id);
    return busy;
  }

  /** The person has looked at a report. */
  async look(id: string): Promise<void> {
    await this.whole();
    const row = this.#shown.get(id);
    if (!row || (this.#seen.get(id) ?? -1) >= row.version) return;
    this.#seen.set(id, row.version);
    if (row.changed) {
      this.#shown.set(id, { ...row, changed: false, unseen: false });
      this.#republish(new Set([id]));
    }
    await this.around.db.put("seen", row.version, id);
    this.around.looked();
  }

  /** Subjects with pending work. */
  #busy(): Set<string> {
    return new Set(this.around.ledger.records.filter(counts).map((record) => record.subject));
  }

  /** After a first pull, however little it brought: from here on what comes is news. */
  async #setBaseline(): Promise<void> {
    if (this.#seen.has(BASELINE)) return;
    let newest = 0;
    for (const row of this.#copies.values()) newest = Math.max(newest, row.version);
    this.#seen.set(BASELINE, newest);
    await this.around.db.put("seen", newest, BASELINE);
  }

  async #put(id: string, known?: Report | null): Promise<void> {
    const events = this.pendingFor(id);
    const row = this.#copies.get(id);
    if (events.length === 0) {
      if (row) this.#shown.set(id, this.#dressed(row, 0));
      else this.#shown.delete(id);
      return;
    }
    const copy =
      known !== undefined
        ? known
        : ((await readDocument<Report>(this.around.db, "mailbox", `report:${id}`)) ?? null);
    const laid = overlay(copy, events, this.context);
    if (!laid) {
      this.#shown.delete(id);
      return;
    }
    const local: Row = { ...rowOfReport(id, laid.report), ...(copy ? {} : { view: "local" as const }) };
    this.#shown.set(id, this.#dressed(local, laid.pending));
  }

  #dressed(row: Row, pending: number): ReportRow {
    const known = this.#seen.get(row.id) ?? this.#seen.get(BASELINE) ?? Number.POSITIVE_INFINITY;
    const changed = row.version > known && !this.#isOwnWork(row);
    return {
      ...row,
      pending,
      mine: row.captured_by !== null && row.captured_by === this.around.feeds.profile.value?.account,
      changed,
      unseen: changed && !this.#seen.has(row.id),
    };
  }

  /** The newest change is this phone's own: no news to the person. */
  #isOwnWork(row: Row): boolean {
    return this.around.ledger.records.some(
      (record) => record.subject === row.id && record.admission === row.version,
    );
  }

  /** A few rows changed: the others are in order already, and 5,000 need not be sorted for one. */
  #republish(ids: ReadonlySet<string>): void {
    const next = this.rows.value.filter((row) => !ids.has(row.id));
    for (const id of ids) {
      const row = this.#shown.get(id);
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
    this.rows.value = next;
  }
}

const newerFirst = (a: ReportRow, b: ReportRow): number =>
  a.captured_at < b.captured_at ? 1 : a.captured_at > b.captured_at ? -1 : 0;
