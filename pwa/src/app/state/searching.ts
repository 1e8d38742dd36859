/**
 * Search over everything on the phone, built in idle moments and kept up one report at a time.
 *
 * Law: building never blocks a frame: it reads a slice, indexes it, and lets the screen breathe.
 */
import type { Report } from "../../shared/documents.ts";
import { overlay } from "../../shared/overlay.ts";
import { SearchIndex } from "../../shared/search.ts";
import { type AccountStore, liveStore, readDocument } from "../storage/account.ts";
import type { Hit } from "./contract.ts";
import { context, pendingFor, rowById } from "./listing.ts";
import { agencies, types } from "./signals.ts";

/** Reports read at once: about 8 ms of work on a slow phone. */
const SLICE = 60;

let index = new SearchIndex();
let generation = 0;

function strings(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(strings).join(" ");
  return "";
}

/** A folio as people say it: VE-000330 is also "330", "VE330" and "VE000330". */
function spoken(folio: string | null | undefined): string {
  const parts = /^([A-Za-z]*)[-\s]*0*([0-9]+)$/.exec(folio?.trim() ?? "");
  if (!folio || !parts) return "";
  const [, series = "", number = ""] = parts;
  return `${number} ${series}${number} ${folio.replace(/[-\s]/g, "")}`;
}

/** All that a person could remember of a report. */
export function textOf(id: string, report: Report): string {
  const { place = {}, contact } = report;
  const type = report.type ? types.value.get(report.type) : undefined;
  return [
    report.folio,
    spoken(report.folio),
    report.provisional_folio?.replaceAll("-", ""),
    report.provisional_folio,
    ...(report.aliases ?? []).flatMap((alias) => [alias, spoken(alias)]),
    type?.name,
    report.type && !type ? report.type : "",
    report.text,
    place.street,
    place.between,
    place.reference,
    place.pole,
    place.colonia,
    place.block,
    contact?.name,
    contact?.phone,
    ...Object.values(report.answers ?? {}).map(strings),
    report.agency ? agencies.value.get(report.agency)?.name : "",
    ...(report.timeline ?? []).map(
      (entry) => `${strings(entry.payload?.text)} ${strings(entry.payload?.done)}`,
    ),
    id.slice(-4),
  ]
    .filter((text) => typeof text === "string" && text !== "")
    .join(" ");
}

/** Indexes all reports on the phone. A newer call ends an older one. */
export async function buildIndex(db: AccountStore, breathe: () => Promise<void>): Promise<void> {
  generation += 1;
  const mine = generation;
  const fresh = new SearchIndex();
  const store = await liveStore(db, "mailbox");
  let from = "report:";
  for (;;) {
    const docs = (await db.getAll(
      store,
      IDBKeyRange.bound(from, "report:\uffff", from !== "report:"),
      SLICE,
    )) as unknown as Report[];
    if (mine !== generation) return;
    for (const doc of docs) {
      const id = doc._id.slice("report:".length);
      fresh.put(id, textOf(id, doc));
      from = doc._id;
    }
    if (docs.length < SLICE) break;
    await breathe();
  }
  // Reports changed while this ran were put into the old index; they are few and are put again.
  const missed = [...index.ids()].filter((id) => !fresh.has(id) && rowById(id) !== undefined);
  index = fresh;
  await indexReports(db, missed);
}

export async function indexReports(db: AccountStore, ids: Iterable<string>): Promise<void> {
  for (const id of ids) {
    const copy = (await readDocument<Report>(db, "mailbox", `report:${id}`)) ?? null;
    const laid = overlay(copy, pendingFor(id), context);
    if (laid) index.put(id, textOf(id, laid.report));
    else index.remove(id);
  }
}

export function forgetIndex(): void {
  generation += 1;
  index = new SearchIndex();
}

export function search(query: string, limit = 100): Hit[] {
  const hits: Hit[] = [];
  for (const { id, score } of index.find(query, limit)) {
    const row = rowById(id);
    if (row) hits.push({ row, score });
  }
  return hits;
}
