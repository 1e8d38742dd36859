/**
 * The outbox as screens see it: items with their custody, and the header's numbers.
 *
 * Law: what is counted as "en su teléfono" is exactly what no server has received.
 */
import { computed } from "@preact/signals";
import { provisionalFolio } from "../../shared/folio.ts";
import type { AccountStore } from "../storage/account.ts";
import type { OutboxRecord, PhotoRecord } from "../storage/records.ts";
import { isWaiting } from "../sync/custody.ts";
import type { Counts, OutboxItem } from "./contract.ts";
import { incidentActs } from "./incidents.ts";
import { counts, drafts, incidentPending, outbox, sync } from "./signals.ts";

/** Records of the open account, in order of saving: what lists and reports lay over the copies. */
let records: OutboxRecord[] = [];
let photos: PhotoRecord[] = [];
const progress = new Map<string, number>();

/** What a working line needs at most: an urgent capture older than this without a reception is said aloud. */
export const URGENT_MS = 10_000;
/** Without a line there is nothing to wait for: nobody has it, from the first moment. */
const grace = computed(() => (sync.value.online && sync.value.trouble === null ? URGENT_MS : 0));

export function outboxRecords(): readonly OutboxRecord[] {
  return records;
}
export function outboxPhotos(): readonly PhotoRecord[] {
  return photos;
}

export async function readOutbox(db: AccountStore): Promise<void> {
  const [read, pictures] = await Promise.all([db.getAll("outbox"), db.getAll("photos")]);
  records = read.sort((a, b) => a.order - b.order);
  photos = pictures;
  tell();
}

export function forgetOutbox(): void {
  records = [];
  photos = [];
  tell();
}

function tell(): void {
  outbox.value = records.map((record) => itemOf(record)).reverse();
  incidentPending.value = incidentActs(records);
  count(Date.now());
}

function itemOf(record: OutboxRecord): OutboxItem {
  return {
    uuid: record.uuid,
    report: record.subject,
    kind: record.kind,
    type: record.type,
    folio: record.folio ?? record.about?.folio ?? null,
    provisional: provisionalFolio(record.subject),
    ...(record.about ? { about: record.about } : {}),
    saved_at: record.saved_at,
    urgent: record.urgent,
    custody: record.custody,
    ...(record.why ? { why: record.why } : {}),
    photos: photos
      .filter((photo) => photo.event === record.uuid)
      .map((photo) => ({
        id: photo.id,
        state: photo.state,
        progress: photo.state === "ready" ? (progress.get(photo.id) ?? 0) : 1,
        ...(photo.why ? { why: photo.why.message } : {}),
      })),
  };
}

let ripe: ReturnType<typeof setTimeout> | undefined;

/** Read again with the clock and the line: waiting alone, or a line that breaks, makes it "nobody has received it yet". */
export function count(now: number): void {
  clearTimeout(ripe);
  const patience = grace.peek();
  const waits = records
    .filter((record) => record.custody === "saved" && record.kind === "captured" && record.urgent)
    .map((record) => Date.parse(record.saved_at) + patience - now)
    .filter((wait) => wait > 0);
  if (waits.length > 0) ripe = setTimeout(() => count(Date.now()), Math.min(...waits));
  const held = records.filter((record) => record.custody === "saved");
  const next: Counts = {
    on_phone: held.length,
    photos_on_phone: photos.filter(
      (photo) => photo.event !== null && (photo.state === "saved" || photo.state === "ready"),
    ).length,
    refused: records.filter((record) => record.custody === "refused" || record.custody === "quarantined")
      .length,
    urgent_unreceived: held
      .filter(
        (record) =>
          record.kind === "captured" && record.urgent && now - Date.parse(record.saved_at) >= patience,
      )
      .map((record) => ({ report: record.subject, saved_at: record.saved_at })),
    drafts: drafts.value.length,
  };
  if (JSON.stringify(next) !== JSON.stringify(counts.value)) counts.value = next;
}

// Its first call, at the start, counts nothing yet.
grace.subscribe(() => count(Date.now()));

/** Lets a refused item go, once the person has read why; not what only waits for something else to come. */
export async function dismiss(db: AccountStore, uuid: string): Promise<void> {
  const tx = db.transaction(["outbox", "photos", "bytes"], "readwrite");
  const record = await tx.objectStore("outbox").get(uuid);
  if (record && (record.custody === "refused" || record.custody === "quarantined") && !isWaiting(record)) {
    await tx.objectStore("outbox").delete(uuid);
    for (const photo of await tx.objectStore("photos").index("event").getAll(uuid)) {
      await tx.objectStore("photos").delete(photo.id);
      await tx.objectStore("bytes").delete(photo.id);
    }
  }
  await tx.done;
}

/** "Enviar ahora" gives photos that failed by themselves another chance. */
export async function forgiveFailures(db: AccountStore): Promise<void> {
  const tx = db.transaction("photos", "readwrite");
  for (const photo of await tx.store.getAll()) {
    if (photo.failures) await tx.store.put({ ...photo, failures: 0 });
  }
  await tx.done;
}
