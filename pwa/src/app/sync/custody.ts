/**
 * Custody: who holds an item now, decided from what the server has said. Pure.
 *
 * Law (the project's first): an item leaves the phone only when the server has accepted it and backed it up, or 72
 * hours have passed by the server's own clock since, or has refused it for good and shown why. A new epoch means a
 * restored server: whatever is still held is pending again.
 */
import type { Ack } from "../../shared/documents.ts";
import { elapsed } from "../../shared/instants.ts";
import type { CustodyState, OutboxRecord, PhotoRecord } from "../storage/records.ts";

/** Design: the set time after acceptance. */
export const HOLD_MS = 72 * 3600 * 1000;

/** Quarantine that ends by itself, when what explains the event arrives (server/intake/judging/outcome.py). */
const WAITING = new Set(["report_unknown", "incident_unknown", "basis_unknown", "event_device_unknown"]);

/** Whether the server may yet take it in without anybody's doing: then no one lets it go from the phone. */
export function isWaiting(held: { custody: string; why?: { code?: string } | undefined }): boolean {
  return held.custody === "quarantined" && WAITING.has(held.why?.code ?? "");
}

/** What the check-in says of backups. */
export interface BackedUp {
  epoch: string;
  admission: number;
}

/**
 * The record after an acknowledgement; the same object where nothing changed. `device`: only its own events are
 * counted by `through`. `time`: the server's, of the last check-in; null before the first.
 */
export function acknowledged(record: OutboxRecord, ack: Ack, time: string | null): OutboxRecord {
  if (!record.event || record.custody === "freed") return record;
  const refused = ack.refused.find((item) => item.event === record.id);
  if (refused) return rejected(record, "refused", refused);
  const quarantined = ack.quarantined.find((item) => item.event === record.id);
  if (quarantined) return rejected(record, "quarantined", quarantined);
  const item = ack.items.find(([id]) => id === record.id);
  if (!item && !isThrough(record, ack)) return record;
  const admission = item?.[1] ?? record.admission ?? null;
  const folio = item?.[2] ?? record.folio ?? null;
  const accepted_at = record.accepted_at ?? time ?? undefined;
  if (
    record.custody === "accepted" &&
    record.admission === admission &&
    record.folio === folio &&
    record.accepted_at === accepted_at
  ) {
    return record;
  }
  const { why: _, ...rest } = record;
  return { ...rest, custody: "accepted", admission, folio, ...(accepted_at ? { accepted_at } : {}) };
}

function rejected(
  record: OutboxRecord,
  custody: "refused" | "quarantined",
  { code, message, at }: { code: string; message: string; at: string },
): OutboxRecord {
  if (record.custody === custody && record.why?.code === code) return record;
  return { ...record, custody, why: { code, message, at } };
}

/** What an acknowledgement lists at most of each (server/intake/memory/chain.py). */
const MOST_GAPS = 100;
const MOST_TROUBLES = 200;

/**
 * Whether lists are so full that a server of before would have dropped the oldest and counted them as come. Then
 * only what is listed is believed.
 */
function isFull(ack: Ack): boolean {
  return (
    [ack.refused, ack.quarantined].some((list) => list.length >= MOST_TROUBLES) ||
    ack.gaps.length >= MOST_GAPS
  );
}

/** Older than what the acknowledgement and its pages list one by one. */
function isThrough(record: OutboxRecord, ack: Ack): boolean {
  const event = record.event;
  if (!event || ack._id !== `ack:${event.device}` || event.device_seq > ack.through || isFull(ack)) {
    return false;
  }
  return !ack.gaps.some(([from, to]) => event.device_seq >= from && event.device_seq <= to);
}

/** A photo after an acknowledgement. A verdict on a hash holds for every copy of it on this phone. */
export function judged(photo: PhotoRecord, ack: Ack, now: string): PhotoRecord {
  if (photo.sha256 === undefined || photo.state === "verified" || photo.state === "broken") return photo;
  const verdict = ack.photos.find((item) => item.sha256 === photo.sha256);
  if (!verdict) return photo;
  if (verdict.verdict === "ok") {
    const { why: _, ...rest } = photo;
    return { ...rest, state: "verified" };
  }
  if (photo.state === "refused") return photo;
  const why = { code: verdict.code ?? "photo_refused", message: verdict.message ?? "", at: now };
  return { ...photo, state: "refused", why };
}

/** Whether the phone's copy may go. `photos` are those of the event itself. */
export function isFreeable(
  record: OutboxRecord,
  photos: readonly PhotoRecord[],
  state: CustodyState,
): boolean {
  if (record.custody !== "accepted") return false;
  if (photos.some((photo) => photo.state !== "verified")) return false;
  const backedUp =
    state.epoch !== null && typeof record.admission === "number" && record.admission <= state.admission;
  return backedUp || isHeldLongEnough(record, state);
}

function isHeldLongEnough(record: OutboxRecord, state: CustodyState): boolean {
  return (
    record.accepted_at !== undefined &&
    state.time !== null &&
    elapsed(record.accepted_at, state.time) >= HOLD_MS
  );
}

/** After an epoch change: pending again, as if never received; a refusal by the old server is none of the new. */
export function pendingAgain(record: OutboxRecord): OutboxRecord {
  if (record.custody === "freed" || record.custody === "saved") return record;
  const { received_at: _r, admission: _a, accepted_at: _t, why: _w, ...rest } = record;
  return { ...rest, custody: "saved" };
}

export function photoPendingAgain(photo: PhotoRecord): PhotoRecord {
  if (photo.sha256 === undefined || photo.state === "ready" || photo.state === "broken") return photo;
  const { upload_url: _u, sent: _s, why: _w, ...rest } = photo;
  return { ...rest, state: "ready" };
}

/** What the phone now knows of backups, and whether the server is another than before. */
export function nextCustody(
  before: CustodyState,
  said: BackedUp,
  time: string,
): { state: CustodyState; epochChanged: boolean } {
  const epochChanged = before.epoch !== null && before.epoch !== said.epoch;
  return { state: { epoch: said.epoch, admission: said.admission, time }, epochChanged };
}
