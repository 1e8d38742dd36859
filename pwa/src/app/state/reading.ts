/**
 * One report, live: the copy with pending work, and the photos only this phone has.
 *
 * Law: what a report's page shows is what `overlay` says, read again at every bell that may concern it.
 */
import { signal } from "@preact/signals";
import type { Report } from "../../shared/documents.ts";
import { provisionalFolio } from "../../shared/folio.ts";
import { overlay } from "../../shared/overlay.ts";
import { readDocument } from "../storage/account.ts";
import { onRing } from "../storage/bell.ts";
import type { LocalReport } from "./contract.ts";
import { maybeAccount } from "./current.ts";
import { outboxPhotos, outboxRecords } from "./ledger.ts";
import { context, look, pendingFor } from "./listing.ts";
import { profile, rows } from "./signals.ts";

async function read(id: string): Promise<LocalReport | null> {
  const open = maybeAccount();
  if (!open) return null;
  const copy = (await readDocument<Report>(open.db, "mailbox", `report:${id}`)) ?? null;
  const laid = overlay(copy, pendingFor(id), context);
  if (!laid) return null;
  const { report, pending } = laid;
  const events = new Map(outboxRecords().map((record) => [record.uuid, record]));
  const mine = report.captured_by !== undefined && report.captured_by === profile.value?.account;
  return {
    ...report,
    id,
    provisional_folio: report.provisional_folio ?? provisionalFolio(id),
    timeline: report.timeline ?? [],
    evidence: report.evidence ?? [],
    local_photos: outboxPhotos()
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

export function watchReport(id: string) {
  const report = signal<LocalReport | null | undefined>(undefined);
  let turn = 0;
  const refresh = async (): Promise<void> => {
    turn += 1;
    const mine = turn;
    const found = await read(id);
    if (mine === turn) report.value = found;
  };
  const stopBell = onRing(({ what, ids }) => {
    if (what === "drafts" || what === "sync") return;
    if (what === "mailbox" && ids && !ids.includes(`report:${id}`)) return;
    void refresh();
  });
  // Rows follow the outbox after it was read again; the bell alone would be heard too early.
  const stopRows = rows.subscribe(() => void refresh());
  return {
    report,
    dispose() {
      stopBell();
      stopRows();
    },
  };
}

export function markSeen(id: string): void {
  const open = maybeAccount();
  if (open) void look(open.db, id);
}
