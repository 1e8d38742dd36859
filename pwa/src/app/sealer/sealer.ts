/**
 * The sealer gives each saved event its place in the device's chain and its signature, in the order of saving.
 *
 * Law: `device_seq` has no gap and `prev` is the hash of the event before, whatever is killed at any point. Crypto
 * runs outside transactions; the one that writes an event also moves the head, and only if nobody moved it since.
 * A photo not hashed ten seconds after saving never holds the chain: it follows as `evidence_added`.
 */

import { canonical, sha256 } from "../../shared/canonical.ts";
import type { Event, EventPhoto } from "../../shared/documents.ts";
import { instant } from "../../shared/instants.ts";
import { uuid7 } from "../../shared/uuid7.ts";
import { isOver } from "../saving/takeback.ts";
import { type AccountStore, readMeta } from "../storage/account.ts";
import { buffered, durably } from "../storage/durability.ts";
import { locked } from "../storage/lock.ts";
import type { Chain, DeviceKey, OutboxRecord, PhotoRecord } from "../storage/records.ts";
import { signEvent } from "./sign.ts";

/** Design: longer than any phone needs for a photo, short enough that text leaves at once. */
export const PHOTO_PATIENCE_MS = 10_000;

export interface Sealed {
  sealed: number;
  /** Milliseconds until a photo's patience ends and it is worth sealing again; null where nothing waits. */
  wait: number | null;
  /** What waits is a person's second thought: nothing of it may be sent from behind their back. */
  held?: true;
}

/**
 * Seals all that can be. `now` is the device's clock in milliseconds. Nothing without the device's key. The last thing
 * done may wait for its person's second thought (`saving/takeback.ts`), unless `release`: they have left.
 */
export function seal(db: AccountStore, now: () => number, release = false): Promise<Sealed> {
  return locked(`${db.name}:seal`, async () => {
    const key = await readMeta(db, "key");
    let sealed = 0;
    let wait: number | null = null;
    if (!key) return { sealed, wait };
    const records = await db.getAll("outbox");
    await forgetUndone(db, records, now());
    const waiting = unsealed(records);
    const last = waiting.at(-1);
    for (const record of waiting) {
      const held = !release && record.undo?.hold === true && record.saved_at === last?.saved_at;
      if (held && !isOver(record, now())) {
        return { sealed, wait: Date.parse(record.undo?.until ?? "") - now(), held: true };
      }
      const photos = await photosOf(db, record);
      const missing = photos.filter((photo) => photo.state === "saved");
      const patience = PHOTO_PATIENCE_MS - (now() - Date.parse(record.saved_at));
      // A clock set back would make the patience endless; what is more than the whole of it is over.
      const waits = missing.length > 0 && patience > 0 && patience <= PHOTO_PATIENCE_MS;
      if (record.kind === "evidence_added" && missing.length > 0) continue;
      if (waits) {
        wait = patience;
        // Everything after it must wait as well: the chain follows the order of saving.
        break;
      }
      await sealOne(db, key, record, photos, now());
      sealed += 1;
    }
    return { sealed, wait };
  });
}

const unsealed = (records: readonly OutboxRecord[]): OutboxRecord[] =>
  records.filter((record) => !record.event).sort((a, b) => a.order - b.order);

/** What can no longer be taken back needs no draft: a citizen's words in it are not kept for nothing. */
async function forgetUndone(db: AccountStore, records: readonly OutboxRecord[], now: number): Promise<void> {
  const over = records.filter((record) => record.undo && record.event && isOver(record, now));
  if (over.length === 0) return;
  await buffered(db, ["outbox"], async (tx) => {
    for (const { uuid } of over) {
      const record = await tx.objectStore("outbox").get(uuid);
      if (!record?.undo || !record.event) continue;
      const { undo: _, ...kept } = record;
      await tx.objectStore("outbox").put(kept);
    }
  });
}

async function photosOf(db: AccountStore, record: OutboxRecord): Promise<PhotoRecord[]> {
  const found = await Promise.all(record.photos.map((id) => db.get("photos", id)));
  return found.filter((photo) => photo !== undefined);
}

const isReady = (photo: PhotoRecord): boolean => photo.sha256 !== undefined && photo.state !== "broken";

function declared(photo: PhotoRecord): EventPhoto {
  return {
    sha256: photo.sha256 ?? "",
    origin: photo.origin,
    bytes: photo.size ?? 0,
    type: photo.type ?? "image/jpeg",
  };
}

async function sealOne(
  db: AccountStore,
  key: DeviceKey,
  record: OutboxRecord,
  photos: PhotoRecord[],
  now: number,
): Promise<void> {
  const head: Chain = (await readMeta(db, "chain")) ?? { seq: 0, prev: null };
  // The same picture twice in one event is one piece of evidence.
  const ready = [...new Map(photos.filter(isReady).map((photo) => [photo.sha256, photo])).values()];
  const late = photos.filter((photo) => photo.state === "saved");
  const event: Event = await signEvent(key.private_key, {
    _id: record.id,
    schema: "event.v1",
    kind: record.kind,
    actor: record.actor,
    role: record.role,
    device: key.device,
    device_seq: head.seq + 1,
    prev: head.prev,
    based_on: record.raw.based_on,
    occurred_at: record.saved_at,
    position: record.raw.position,
    payload: record.raw.payload,
    photos: ready.map(declared),
    app: record.raw.app,
    privacy_notice: record.raw.privacy_notice,
  });
  const next: Chain = { seq: event.device_seq, prev: await sha256(canonical(event)) };
  await durably(db, ["meta", "outbox", "photos"], async (tx) => {
    const meta = tx.objectStore("meta");
    const outbox = tx.objectStore("outbox");
    const [stored, current] = await Promise.all([outbox.get(record.uuid), meta.get("chain")]);
    const seq = (current as Chain | undefined)?.seq ?? 0;
    if (!stored || stored.event || seq !== head.seq) return;
    await meta.put(next, "chain");
    const { undo, ...kept } = stored;
    await outbox.put({
      ...kept,
      ...(undo && !isOver(stored, now) ? { undo } : {}),
      event,
      photos: stored.photos.filter((id) => !late.some((photo) => photo.id === id)),
    });
    if (late.length > 0) {
      const order = (((await meta.get("order")) as number | undefined) ?? 0) + 1;
      const follower = evidenceAdded(stored, late, order, now);
      await meta.put(order, "order");
      await outbox.put(follower);
      for (const photo of late) await tx.objectStore("photos").put({ ...photo, event: follower.uuid });
    }
  });
}

function evidenceAdded(of: OutboxRecord, late: PhotoRecord[], order: number, now: number): OutboxRecord {
  const uuid = uuid7(now);
  return {
    uuid,
    id: `event:${of.subject}:${uuid}`,
    subject: of.subject,
    kind: "evidence_added",
    actor: of.actor,
    role: of.role,
    order,
    saved_at: instant(now),
    urgent: of.urgent,
    type: of.type,
    raw: {
      based_on: [of.id],
      position: { source: "none" },
      payload: { of: of.id },
      app: of.raw.app,
      privacy_notice: of.raw.privacy_notice,
    },
    photos: late.map((photo) => photo.id),
    custody: "saved",
  };
}
