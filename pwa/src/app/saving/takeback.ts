/**
 * Taking back what was just saved.
 *
 * Law: what cannot have left the phone leaves nothing behind: its records, its place in the chain and its citizen's
 * document go in one transaction, and what it was written on is a draft again, whole. What may have left is never
 * taken out of the outbox: it stays as it is, and only its draft and copies of its photos come back.
 *
 * The chain gives way only at its end: everything sealed from the taken event on is unsealed with it, in the same
 * transaction, and sealed anew. None of that may have been offered, and `offered` is written before a byte leaves.
 */
import { uuid7 } from "../../shared/uuid7.ts";
import type { AccountStore } from "../storage/account.ts";
import { durably } from "../storage/durability.ts";
import { locked } from "../storage/lock.ts";
import type { Chain, DraftRecord, Meta, OutboxRecord } from "../storage/records.ts";
import { UNDO_MS } from "./slip.ts";

/** Whether the record's own seconds are over; a clock set back ends them as well. */
export function isOver(record: OutboxRecord, now: number): boolean {
  const left = record.undo ? Date.parse(record.undo.until) - now : 0;
  return left <= 0 || left > UNDO_MS;
}

/**
 * Takes the acts `uuids` back with all that hangs on them, if none can have left. Gives the keys of the drafts they
 * are again, or null where one may have left and nothing was touched.
 */
export function takeBack(db: AccountStore, uuids: readonly string[]): Promise<string[] | null> {
  return locked(`${db.name}:seal`, () =>
    durably(db, ["meta", "outbox", "photos", "drafts"], async (tx) => {
      const outbox = tx.objectStore("outbox");
      const photos = tx.objectStore("photos");
      const all = await outbox.getAll();
      const taken = all.filter((record) => uuids.includes(record.uuid));
      const going = withWhatHangsOn(all, taken);
      // Without its seconds nobody has marked whether it left.
      const isKnown = taken.length === uuids.length && taken.every((record) => record.undo !== undefined);
      if (!isKnown || going.some(mayHaveLeft)) return null;
      const chain = (await tx.objectStore("meta").get("chain")) as Chain | undefined;
      const cut = cutOf(chain, all, going);
      if (cut === "left") return null;
      if (cut) {
        for (const { event: _, ...record } of cut.unsealed) await outbox.put(record);
        await tx.objectStore("meta").put(cut.head, "chain");
      }
      for (const record of going) {
        for (const photo of await photos.index("event").getAll(record.uuid))
          await photos.put({ ...photo, event: null, urgent: false });
        await outbox.delete(record.uuid);
      }
      // Its draft is a draft again: what is typed on it is kept, and saving it is a report like any other.
      const gone = new Set(going.map(({ uuid }) => uuid));
      const turned = ((await tx.objectStore("meta").get("turned")) as Meta["turned"] | undefined) ?? [];
      const still = turned.filter(({ saved }) => !gone.has(saved.uuid));
      if (still.length < turned.length) await tx.objectStore("meta").put(still, "turned");
      const back = draftsOf(taken);
      for (const draft of back) await tx.objectStore("drafts").put(draft);
      return back.map((draft) => draft.key);
    }),
  );
}

/**
 * The draft of a capture that may have left, written again with copies of its photos: the sent ones are the report's
 * own. It is another report's draft now, under a key of its own: the old one has become the report that left, in every
 * window that shows it. Gives the key, or null where the capture was written on no draft.
 */
export function copyBack(db: AccountStore, uuid: string, now: number): Promise<string | null> {
  return durably(db, ["outbox", "photos", "bytes", "drafts"], async (tx) => {
    const draft = (await tx.objectStore("outbox").get(uuid))?.undo?.draft;
    if (!draft) return null;
    const copies: string[] = [];
    for (const id of draft.photos) {
      const photo = await tx.objectStore("photos").get(id);
      const bytes = await tx.objectStore("bytes").get(id);
      if (!photo || !bytes) continue;
      const copy = uuid7(now);
      const { upload_url: _u, sent: _s, failures: _f, why: _w, ...kept } = photo;
      const state = photo.state === "saved" || photo.state === "broken" ? photo.state : "ready";
      await tx.objectStore("photos").put({ ...kept, id: copy, event: null, urgent: false, state });
      await tx.objectStore("bytes").put(bytes, copy);
      copies.push(copy);
    }
    const key = `${draft.key.split(":")[0]}:${uuid7(now)}`;
    await tx.objectStore("drafts").put({ ...draft, key, photos: copies });
    return key;
  });
}

const mayHaveLeft = (record: OutboxRecord): boolean => record.offered === true || record.custody !== "saved";

/** A capture takes along everything about its report; another act only the photos that follow it. */
function withWhatHangsOn(all: readonly OutboxRecord[], taken: readonly OutboxRecord[]): OutboxRecord[] {
  const opened = new Set(
    taken
      .filter(({ kind }) => kind === "captured" || kind === "incident_opened")
      .map(({ subject }) => subject),
  );
  const ids = new Set(taken.map(({ id }) => id));
  return all.filter(
    (record) =>
      ids.has(record.id) ||
      opened.has(record.subject) ||
      ("of" in record.raw.payload && ids.has(String(record.raw.payload.of))),
  );
}

/** What of the chain gives way; null where nothing of `going` is in it, "left" where it may not. */
function cutOf(
  chain: Chain | undefined,
  all: readonly OutboxRecord[],
  going: readonly OutboxRecord[],
): { head: Chain; unsealed: OutboxRecord[] } | "left" | null {
  const events = going.map(({ event }) => event).filter((event) => event !== undefined);
  const first = events.sort((a, b) => a.device_seq - b.device_seq)[0];
  if (!first) return null;
  const after = all.filter(
    ({ event }) => event && event.device === first.device && event.device_seq >= first.device_seq,
  );
  // Of another chain, or one whose later events are no longer all here: it stands.
  if (after.length !== (chain?.seq ?? 0) - first.device_seq + 1 || after.some(mayHaveLeft)) return "left";
  const gone = new Set(going.map(({ uuid }) => uuid));
  return {
    head: { seq: first.device_seq - 1, prev: first.prev },
    unsealed: after.filter(({ uuid }) => !gone.has(uuid)),
  };
}

/** Each draft once, however many acts of one touch were written on it. */
function draftsOf(taken: readonly OutboxRecord[]): DraftRecord[] {
  const found = taken.map(({ undo }) => undo?.draft).filter((draft) => draft !== undefined);
  return [...new Map(found.map((draft) => [draft.key, draft])).values()];
}
