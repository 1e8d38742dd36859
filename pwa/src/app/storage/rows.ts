/**
 * Compact rows of the reports on the phone, in buckets, so that a list of 5,000 is read in a few dozen records.
 *
 * Law: rows are written in the same transaction as the documents they come from; they hold nothing that cannot
 * be made again from them.
 */
import type { FeedDocument, Report } from "../../shared/documents.ts";
import { provisionalFolio } from "../../shared/folio.ts";
import type { Bucket, Side } from "./records.ts";

export type Row = Bucket[number];

/** Few enough to read all at start, many enough that one changed report rewrites little. */
export const BUCKETS = 48;

export function bucketOf(report: string): number {
  // The last eight hex digits of a uuid7 are random, so buckets fill evenly.
  return Number.parseInt(report.slice(-8), 16) % BUCKETS;
}

export const bucketKey = (side: Side, bucket: number): string => `${side}:${bucket}`;
export const allBuckets = (side: Side): IDBKeyRange => IDBKeyRange.bound(`${side}:`, `${side}:\uffff`);

/** The row of a report document; null for any other document. */
export function rowOf(doc: FeedDocument): Row | null {
  if (!doc._id.startsWith("report:")) return null;
  const report = doc as unknown as Report;
  return rowOfReport(report._id.slice("report:".length), report);
}

export function rowOfReport(id: string, report: Report): Row {
  const place = report.place ?? {};
  return {
    id,
    view: report.view ?? "full",
    folio: report.folio ?? null,
    provisional: report.provisional_folio ?? provisionalFolio(id),
    type: report.type ?? null,
    family: report.family ?? null,
    status: report.status,
    priority: report.priority ?? 4,
    urgent: report.urgent ?? false,
    danger: report.danger ?? false,
    captured_at: report.captured_at ?? "",
    captured_by: report.captured_by ?? null,
    amber_at: report.amber_at ?? null,
    due_at: report.due_at ?? null,
    answer_due_at: report.answered_at ? null : (report.answer_due_at ?? null),
    finished_at: report.finished_at ?? null,
    verified: report.verified ? report.verified.solved : null,
    lat: place.lat ?? null,
    lon: place.lon ?? null,
    street: place.street ?? null,
    block: place.block ?? null,
    block_name: place.block_name ?? null,
    colonia: place.colonia ?? null,
    sector: place.sector ?? null,
    agency: report.agency ?? null,
    assignments: report.assignments ?? [],
    taken_by: (report.taken_by ?? []).map((taken) => taken.account),
    incident: report.incident ?? null,
    duplicate_of: report.duplicate_of ?? null,
    supports: report.supports ?? 0,
    flags: report.flags ?? [],
    version: report.version ?? 0,
  };
}
