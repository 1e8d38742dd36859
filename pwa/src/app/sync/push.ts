/**
 * Pushing: sealed events, each after the citizen's document it names, in the order of the chain.
 *
 * Law: an item becomes "received" only by the row of the answer that names it. A lost answer costs a second push,
 * which the server knows how to take. A row that names an error is kept, shown and tried again; it never holds up
 * the rows beside it.
 */
import type { Citizen, Event } from "../../shared/documents.ts";
import type { AccountStore } from "../storage/account.ts";
import { durably } from "../storage/durability.ts";
import type { OutboxRecord } from "../storage/records.ts";
import { type Line, Trouble } from "./request.ts";
import { askAs } from "./session.ts";

/** The gateway takes 500 documents and 4 MB; smaller batches lose less on a bad line. */
export const BATCH_DOCUMENTS = 200;
export const BATCH_BYTES = 512 * 1024;

export interface PushRow {
  id: string;
  ok?: boolean;
  error?: string;
  message?: string;
  reason?: string;
}

/** Rows that say "not now" rather than "never". */
const PASSING = new Set([
  "unavailable",
  "internal",
  "storage_full",
  "busy",
  "too_many_requests",
  "citizen_missing",
]);

/** Records waiting to be pushed, in the order of the chain. */
export async function pending(db: AccountStore): Promise<OutboxRecord[]> {
  const records = await db.getAll("outbox");
  return records
    .filter((record) => record.event !== undefined && record.custody === "saved")
    .sort((a, b) => (a.event?.device_seq ?? 0) - (b.event?.device_seq ?? 0));
}

/** Cuts records into batches that each fit in one request. */
export function batches(records: readonly OutboxRecord[]): OutboxRecord[][] {
  const cut: OutboxRecord[][] = [];
  let documents = 0;
  let bytes = 0;
  for (const record of records) {
    const more = record.citizen ? 2 : 1;
    // Characters stand in for bytes: close enough for a limit with room to spare.
    const size =
      JSON.stringify(record.event).length + (record.citizen ? JSON.stringify(record.citizen).length : 0);
    const current = cut.at(-1);
    if (current && documents + more <= BATCH_DOCUMENTS && bytes + size <= BATCH_BYTES) {
      current.push(record);
    } else {
      cut.push([record]);
      documents = 0;
      bytes = 0;
    }
    documents += more;
    bytes += size;
  }
  return cut;
}

export function documentsOf(records: readonly OutboxRecord[]): (Citizen | Event)[] {
  return records.flatMap((record) => [
    ...(record.citizen ? [record.citizen] : []),
    ...(record.event ? [record.event] : []),
  ]);
}

/**
 * Pushes what waits in `outbox` with the session of `bearer` (another account of this phone may carry it).
 * Returns how many were received. Throws Trouble where the line or the server fails.
 */
export async function push(
  outbox: AccountStore,
  bearer: AccountStore,
  line: Line,
  now: () => string,
): Promise<number> {
  let received = 0;
  for (const cut of batches(await pending(outbox))) {
    const batch = await offer(outbox, cut);
    if (batch.length === 0) continue;
    const rows = await askAs<unknown>(bearer, line, "/sync/inbox/_bulk_docs", {
      body: { docs: documentsOf(batch) },
    });
    if (!Array.isArray(rows)) throw new Trouble("garbage", "La respuesta no se entendió.");
    received += await note(outbox, batch, rows as PushRow[], now());
  }
  return received;
}

/**
 * What of `records` may still leave, with those that could yet be taken back marked as offered first: from then on
 * nobody takes them out of the outbox. The rest costs nothing.
 */
export async function offer(db: AccountStore, records: readonly OutboxRecord[]): Promise<OutboxRecord[]> {
  if (!records.some((record) => record.undo && !record.offered)) return [...records];
  return durably(db, ["outbox"], async (tx) => {
    const leaving: OutboxRecord[] = [];
    for (const { uuid } of records) {
      const record = await tx.objectStore("outbox").get(uuid);
      // Taken back, or unsealed by what was, since it was read.
      if (!record?.event || record.custody !== "saved") continue;
      const marked: OutboxRecord = record.undo && !record.offered ? { ...record, offered: true } : record;
      if (marked !== record) await tx.objectStore("outbox").put(marked);
      leaving.push(marked);
    }
    return leaving;
  });
}

async function note(
  outbox: AccountStore,
  batch: OutboxRecord[],
  rows: PushRow[],
  now: string,
): Promise<number> {
  const byId = new Map(rows.map((row) => [row?.id, row]));
  let received = 0;
  await durably(outbox, ["outbox"], async (tx) => {
    for (const sent of batch) {
      // Without its citizen's document an event cannot be taken: that refusal is the event's.
      const citizen = sent.citizen && byId.get(sent.citizen._id);
      const row = citizen?.error === undefined ? byId.get(sent.id) : citizen;
      const record = await tx.objectStore("outbox").get(sent.uuid);
      if (!row || record?.custody !== "saved") continue;
      if (row.ok === true) {
        received += 1;
        const { why: _, ...rest } = record;
        await tx.objectStore("outbox").put({ ...rest, custody: "received", received_at: now });
      } else if (row.error !== undefined && !PASSING.has(row.error)) {
        const why = { code: row.error, message: row.message ?? row.reason ?? "", at: now };
        await tx.objectStore("outbox").put({ ...record, custody: "refused", why });
      }
    }
  });
  return received;
}
