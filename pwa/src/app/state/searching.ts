/**
 * Search over everything on the phone, built in idle moments and kept up one report at a time.
 *
 * Law: building never blocks a frame: it reads a slice, indexes it, and lets the screen breathe.
 */
import type { Agency, PetitionType, Report } from "../../shared/documents.ts";
import { overlay } from "../../shared/overlay.ts";
import { SearchIndex } from "../../shared/search.ts";
import { type AccountStore, liveStore, readDocument } from "../storage/account.ts";
import type { Hit } from "./contract.ts";
import type { Feeds } from "./feeds.ts";
import type { Listing } from "./listing.ts";

/** Reports read at once: about 8 ms of work on a slow phone. */
const SLICE = 60;

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

/** What types and agencies are called. */
interface Names {
  types: ReadonlyMap<string, PetitionType>;
  agencies: ReadonlyMap<string, Agency>;
}

/** All that a person could remember of a report. */
export function textOf(id: string, report: Report, { types, agencies }: Names): string {
  const { place = {}, contact } = report;
  const type = report.type ? types.get(report.type) : undefined;
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
    report.agency ? agencies.get(report.agency)?.name : "",
    ...(report.timeline ?? []).map(
      (entry) => `${strings(entry.payload?.text)} ${strings(entry.payload?.done)}`,
    ),
    id.slice(-4),
  ]
    .filter((text) => typeof text === "string" && text !== "")
    .join(" ");
}

export interface SearchAround {
  db: AccountStore;
  feeds: Feeds;
  listing: Listing;
  /** Lets the browser draw and listen. */
  breathe(): Promise<void>;
}

export class Search {
  #index = new SearchIndex();
  /** A newer building ends an older one. */
  #generation = 0;

  constructor(readonly around: SearchAround) {}

  /** Indexes all reports on the phone. */
  async build(): Promise<void> {
    const { db, listing, breathe } = this.around;
    this.#generation += 1;
    const mine = this.#generation;
    const fresh = new SearchIndex();
    const store = await liveStore(db, "mailbox");
    let from = "report:";
    for (;;) {
      const docs = (await db.getAll(
        store,
        IDBKeyRange.bound(from, "report:\uffff", from !== "report:"),
        SLICE,
      )) as unknown as Report[];
      if (mine !== this.#generation) return;
      for (const doc of docs) {
        const id = doc._id.slice("report:".length);
        fresh.put(id, this.#text(id, doc));
        from = doc._id;
      }
      if (docs.length < SLICE) break;
      await breathe();
    }
    // Reports changed while this ran were put into the old index; they are few and are put again.
    const missed = [...this.#index.ids()].filter((id) => !fresh.has(id) && listing.row(id) !== undefined);
    this.#index = fresh;
    await this.put(missed);
  }

  /** Indexes reports anew as they now stand. */
  async put(ids: Iterable<string>): Promise<void> {
    const { db, listing } = this.around;
    for (const id of ids) {
      const copy = (await readDocument<Report>(db, "mailbox", `report:${id}`)) ?? null;
      const laid = overlay(copy, listing.pendingFor(id), listing.context);
      if (laid) this.#index.put(id, this.#text(id, laid.report));
      else this.#index.remove(id);
    }
  }

  find(query: string, limit = 100): Hit[] {
    const hits: Hit[] = [];
    for (const { id, score } of this.#index.find(query, limit)) {
      const row = this.around.listing.row(id);
      if (row) hits.push({ row, score });
    }
    return hits;
  }

  #text(id: string, report: Report): string {
    const { types, agencies } = this.around.feeds;
    return textOf(id, report, { types: types.value, agencies: agencies.value });
  }
}
