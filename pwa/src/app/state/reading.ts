/**
 * One report, live: the copy with pending work, and the photos only this phone has.
 *
 * Law: what a report's page shows is what `overlay` says, read again at every bell that may concern it.
 */
import { signal } from "@preact/signals";
import type { Report } from "../../shared/documents.ts";
import { provisionalFolio } from "../../shared/folio.ts";
import { overlay } from "../../shared/overlay.ts";
import { type AccountStore, readDocument } from "../storage/account.ts";
import { onRing } from "../storage/bell.ts";
import type { LocalReport } from "../storage/shown.ts";
import type { Feeds } from "./feeds.ts";
import type { Ledger } from "./ledger.ts";
import type { Life } from "./life.ts";
import type { Listing } from "./listing.ts";

interface Parts {
  db: AccountStore;
  life: Life;
  feeds: Feeds;
  ledger: Ledger;
  listing: Listing;
}

async function read({ db, feeds, ledger, listing }: Parts, id: string): Promise<LocalReport | null> {
  const copy = (await readDocument<Report>(db, "mailbox", `report:${id}`)) ?? null;
  const laid = overlay(copy, listing.pendingFor(id), listing.context);
  if (!laid) return null;
  const { report, pending } = laid;
  const events = new Map(ledger.records.map((record) => [record.uuid, record]));
  const mine = report.captured_by !== undefined && report.captured_by === feeds.profile.value?.account;
  return {
    ...report,
    id,
    provisional_folio: report.provisional_folio ?? provisionalFolio(id),
    timeline: report.timeline ?? [],
    evidence: report.evidence ?? [],
    local_photos: ledger.photos
      .filter((photo) => photo.event !== null && events.get(photo.event)?.subject === id)
      .map(({ id: photo, origin, state, event, sha256 }) => ({
        id: photo,
        origin,
        state,
        sha256: sha256 ?? null,
        event: events.get(event ?? "")?.id ?? "",
      })),
    pending,
    can_withdraw:
      mine &&
      report.status === "captured" &&
      !(report.assignments ?? []).some((one) => one.status !== "returned"),
  };
}

/** A report of this account, until disposed of or until the account is closed. */
export function watchReport(parts: Parts, id: string) {
  const { life, listing } = parts;
  const report = signal<LocalReport | null | undefined>(undefined);
  let turn = 0;
  const refresh = (): void =>
    life.spawn(async () => {
      turn += 1;
      const mine = turn;
      const found = await read(parts, id);
      if (mine === turn) report.value = found;
    });
  const stopBell = onRing(({ what, ids }) => {
    if (what === "drafts" || what === "sync") return;
    if (what === "mailbox" && ids && !ids.includes(`report:${id}`)) return;
    refresh();
  });
  // Rows follow the outbox after it was read again; the bell alone would be heard too early.
  const stopRows = listing.rows.subscribe(refresh);
  const stop = (): void => {
    stopBell();
    stopRows();
  };
  const forget = life.atEnd(stop);
  return {
    report,
    dispose() {
      stop();
      forget();
    },
  };
}
