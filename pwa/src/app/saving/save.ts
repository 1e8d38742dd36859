/**
 * Saving: what a person did becomes durable in one transaction, before the screen says so.
 *
 * Law: everything that belongs to one act (the raw event, its photos' place, the citizen's document, the draft it
 * came from) is written together or not at all, under strict durability, and so is everything that one touch does to
 * several reports; a draft becomes one report, however many windows show it; nothing here waits for a signature, a
 * hash of a photo, a position or the network.
 */

import { canonical, hex, sha256 } from "../../shared/canonical.ts";
import type { Citizen, CitizenContent, Kind, Payloads, Position, Role } from "../../shared/documents.ts";
import { provisionalFolio } from "../../shared/folio.ts";
import { instant } from "../../shared/instants.ts";
import { uuid7 } from "../../shared/uuid7.ts";
import type { AccountStore } from "../storage/account.ts";
import { durably } from "../storage/durability.ts";
import type { About, DraftRecord, Meta, OutboxRecord, Saved } from "../storage/records.ts";
import { clean } from "./text.ts";

export interface Author {
  account: string;
  role: Role;
  app: string;
  /** Version of the privacy notice the person was shown. */
  notice: string | null;
}

export interface Deed<K extends Kind = Kind> {
  kind: K;
  /** Report, incident or proposal; a new one where absent. */
  subject?: string;
  payload: Payloads[K];
  position: Position;
  photos: string[];
  citizen?: CitizenContent;
  based_on: string[];
  urgent: boolean;
  type: string | null;
  about?: About;
  /** Draft dropped in the same transaction. */
  draft?: string;
  /** Its last keystrokes, where they are not in the store yet. */
  typed?: DraftRecord | undefined;
  /** How it may be taken back, where it may: for `ms`, and kept from being sealed so long where `hold`. */
  undo?: { ms: number; hold: boolean };
}

/** At most this many in `based_on` (`event.v1`); the newest say the most. */
const BASED_ON_LIMIT = 64;

/** Photos of one event (`event.v1`); the rest follow it as `evidence_added`. */
const MOST_PHOTOS = 20;

/** A window that shows a draft of more reports ago than this does not exist. */
const TURNED_KEPT = 256;

/** A deed as it will be written, all but its place in the order of saving. */
interface Written {
  record: Omit<OutboxRecord, "order">;
  draft: string | undefined;
  typed: DraftRecord | undefined;
}

/** Writes one deed: `saveAll` with one. */
export async function save(db: AccountStore, author: Author, deed: Deed, now: number): Promise<Saved> {
  const [saved] = await saveAll(db, author, [deed], now);
  return saved as Saved;
}

/**
 * Writes the deeds in this order, all of them or none. Resolves when they are on disk, with the ids to show. A deed
 * about the subject of an earlier one is based on that as well: who did both knew of the first. Photos beyond what an
 * event may carry go with it in events of their own. Throws
 * QuotaExceededError (DOMException) with nothing written where the storage is full: the draft is still there.
 */
export async function saveAll(
  db: AccountStore,
  author: Author,
  deeds: readonly Deed[],
  now: number,
): Promise<Saved[]> {
  const written: Written[] = [];
  const already = new Map<string, Saved>();
  const asked: Written[] = [];
  for (const deed of deeds) {
    const one = await prepare(author, { ...deed, photos: deed.photos.slice(0, MOST_PHOTOS) }, written, now);
    asked.push(one);
    written.push(one);
    for (let from = MOST_PHOTOS; from < deed.photos.length; from += MOST_PHOTOS) {
      const rest = deed.photos.slice(from, from + MOST_PHOTOS);
      written.push(await prepare(author, evidenceOf(deed, one, rest), written, now));
    }
  }
  await durably(db, ["meta", "outbox", "photos", "drafts"], async (tx) => {
    const meta = tx.objectStore("meta");
    const photos = tx.objectStore("photos");
    let order = ((await meta.get("order")) as number | undefined) ?? 0;
    const drafts = tx.objectStore("drafts");
    const turned = ((await meta.get("turned")) as Meta["turned"] | undefined) ?? [];
    for (const one of written) {
      const { record, draft, typed } = one;
      if (isOf(record, already)) continue;
      const once = draft !== undefined && record.kind === "captured";
      const before = once ? turned.find((earlier) => earlier.draft === draft) : undefined;
      if (before) {
        already.set(record.uuid, { ...before.saved, already: true });
        continue;
      }
      if (once) turned.push({ draft, saved: savedOf(one) });
      order += 1;
      const left = record.undo && draft !== undefined ? (typed ?? (await drafts.get(draft))) : undefined;
      const undo = record.undo && { ...record.undo, ...(left ? { draft: left } : {}) };
      await tx.objectStore("outbox").add({ ...record, order, ...(undo ? { undo } : {}) });
      for (const id of record.photos) {
        const photo = await photos.get(id);
        if (photo) await photos.put({ ...photo, event: record.uuid, urgent: record.urgent });
      }
    }
    for (const { draft } of written) if (draft !== undefined) await drafts.delete(draft);
    await meta.put(order, "order");
    if (deeds.some(({ kind }) => kind === "captured")) await meta.put(turned.slice(-TURNED_KEPT), "turned");
  });
  return asked.map((one) => already.get(one.record.uuid) ?? savedOf(one));
}

/** Photos that `first` has no room for. */
function evidenceOf(deed: Deed, first: Written, photos: string[]): Deed<"evidence_added"> {
  const { id, subject, raw } = first.record;
  return {
    kind: "evidence_added",
    subject,
    payload: { of: "of" in raw.payload ? String(raw.payload.of) : id },
    position: { source: "none" },
    photos,
    based_on: [],
    urgent: deed.urgent,
    type: deed.type,
    ...(deed.about ? { about: deed.about } : {}),
  };
}

/** Whether it belongs to a deed that another window had done already. */
const isOf = (record: Written["record"], already: ReadonlyMap<string, Saved>): boolean =>
  record.kind === "evidence_added" &&
  "of" in record.raw.payload &&
  already.has(String(record.raw.payload.of).split(":")[2] ?? "");

function savedOf({ record: { subject, uuid, saved_at } }: Written): Saved {
  return { report: subject, uuid, provisional: provisionalFolio(subject), saved_at };
}

async function prepare(
  author: Author,
  deed: Deed,
  before: readonly Written[],
  now: number,
): Promise<Written> {
  const subject = deed.subject ?? uuid7(now);
  const uuid = uuid7(now);
  const citizen = deed.citizen ? await citizenOf(deed.citizen, author.notice, now) : undefined;
  const payload = clean(citizen ? { ...deed.payload, citizen: citizen._id } : deed.payload);
  const earlier = before.filter(({ record }) => record.subject === subject).map(({ record }) => record.id);
  return {
    record: {
      uuid,
      id: `event:${subject}:${uuid}`,
      subject,
      kind: deed.kind,
      actor: author.account,
      role: author.role,
      saved_at: instant(now),
      urgent: deed.urgent,
      type: deed.type,
      ...(deed.about ? { about: deed.about } : {}),
      raw: {
        based_on: [...deed.based_on, ...earlier].slice(-BASED_ON_LIMIT),
        position: positionOf(deed.position),
        payload,
        app: author.app,
        privacy_notice: author.notice,
      },
      photos: deed.photos,
      custody: "saved",
      ...(citizen ? { citizen } : {}),
      ...(deed.undo ? { undo: { until: instant(now + deed.undo.ms), hold: deed.undo.hold } } : {}),
    },
    draft: deed.draft,
    typed: deed.typed,
  };
}

/** Drops members without a value, and rounds degrees to the centimetre: no receiver knows more. */
function positionOf(position: Position): Position {
  const { source, lat, lon, accuracy, taken_at } = position;
  const known = lat !== undefined && lon !== undefined;
  return {
    source: known || (source !== "gps" && source !== "pin") ? source : "none",
    ...(known ? { lat: round(lat, 7), lon: round(lon, 7) } : {}),
    ...(known && accuracy !== undefined ? { accuracy: round(accuracy, 1) } : {}),
    ...(taken_at !== undefined ? { taken_at } : {}),
  };
}

function round(value: number, places: number): number {
  const factor = 10 ** places;
  return Math.round(value * factor) / factor;
}

/** The citizen's document, whose id covers its salted content (docs/documents.md). */
async function citizenOf(content: CitizenContent, notice: string | null, now: number): Promise<Citizen> {
  const kept = clean({
    ...content,
    // Spaces that a keyboard types, "ext." and the like: an office calls the digits.
    ...(content.phone === undefined
      ? {}
      : { phone: content.phone.replace(/[^0-9+(). -]/g, " ").slice(0, 40) }),
  });
  const salt = hex(crypto.getRandomValues(new Uint8Array(16)));
  const hash = await sha256(canonical({ content: kept, salt }));
  return {
    _id: `citizen:${uuid7(now)}:${hash}`,
    schema: "citizen.v1",
    content: kept,
    salt,
    notice: notice ?? "",
    consented_at: instant(now),
  };
}
