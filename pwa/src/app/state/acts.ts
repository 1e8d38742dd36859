/**
 * What a person does: captures, acts, undoes, drafts and photos.
 *
 * Law: an action is that of the account it was begun in, whoever uses the phone when it ends. It resolves when its work
 * is on the disk, and the screens show it then; sealing and sending follow by themselves.
 */
import type { Kind, PhotoOrigin, Report, Role } from "../../shared/documents.ts";
import { uuid7 } from "../../shared/uuid7.ts";
import { dropPhoto, storePhoto } from "../saving/photos.ts";
import { type Deed, saveAll } from "../saving/save.ts";
import { SLIP_MS, UNDO_MS } from "../saving/slip.ts";
import { copyBack, takeBack as untake } from "../saving/takeback.ts";
import { judged } from "../saving/verdict.ts";
import { readDocument } from "../storage/account.ts";
import { ring } from "../storage/bell.ts";
import type { About } from "../storage/records.ts";
import type { Account } from "./account.ts";
import { channelOf } from "./channels.ts";
import type { Act, AnyAct, Capture, Draft, DraftPhoto, ReportRow, Saved, TakenBack } from "./contract.ts";

const roleOf = ({ feeds, entry }: Account): Role => feeds.profile.peek()?.role ?? entry.role;

async function write(account: Account, deeds: Deed[]): Promise<Saved[]> {
  const { db, entry, drafts, grinder, feeds, syncing } = account;
  // What is urgent waits for nothing: a photo that cannot be sent is left out of it.
  const photos = deeds.filter(({ urgent }) => !urgent).flatMap((deed) => deed.photos);
  await judged(db, photos, (id) => grinder.made(id));
  const author = {
    account: entry.account,
    role: roleOf(account),
    app: __VERSION__,
    notice: feeds.notice.peek()?.version ?? null,
  };
  const done = [...new Set(deeds.map((deed) => deed.draft).filter((draft) => draft !== undefined))];
  const typed = new Map(done.map((draft) => [draft, drafts.take(draft)]));
  const told = deeds.map((deed) =>
    deed.draft === undefined ? deed : { ...deed, typed: typed.get(deed.draft) },
  );
  const saved = await saveAll(db, author, told, Date.now());
  ring({ account: entry.account, what: "outbox", ids: saved.map((one) => one.report) });
  if (done.length > 0) ring({ account: entry.account, what: "drafts" });
  syncing.afterSave();
  return saved;
}

async function writeOne(account: Account, deed: Deed): Promise<Saved> {
  const [saved] = await write(account, [deed]);
  return saved as Saved;
}

export function capture(account: Account, asked: Capture): Promise<Saved> {
  const type = account.feeds.types.peek().get(asked.type);
  const { type: id, for_whom, answers, place, urgent, text, danger } = asked;
  return writeOne(account, {
    kind: "captured",
    payload: {
      type: id,
      channel: channelOf(asked.channel, roleOf(account)),
      for_whom,
      answers,
      place,
      urgent,
      ...(text === undefined ? {} : { text }),
      ...(danger === undefined ? {} : { danger }),
    },
    position: asked.position,
    photos: asked.photos,
    based_on: [],
    urgent: urgent || type?.urgent === true,
    type: id,
    // Sealed and sent at once: taking it back is the one act that has an event of its own.
    undo: { ms: UNDO_MS, hold: false },
    ...(asked.citizen === undefined ? {} : { citizen: asked.citizen }),
    ...(asked.draft === undefined ? {} : { draft: asked.draft }),
  });
}

export async function act<K extends Kind>(account: Account, asked: Act<K>): Promise<Saved> {
  return writeOne(account, await deedOf(account, asked));
}

export async function actAll(account: Account, asked: readonly AnyAct[]): Promise<Saved[]> {
  const deeds: Deed[] = [];
  for (const one of asked) deeds.push(await deedOf(account, one));
  return write(account, deeds);
}

/** Made by the app itself or of a question already answered: none of them is a slip of the thumb. */
const AT_ONCE: ReadonlySet<Kind> = new Set(["captured", "withdrawn", "evidence_added"]);

export function newSubject(): string {
  return uuid7(Date.now());
}

async function deedOf<K extends Kind>(account: Account, asked: Act<K>): Promise<Deed> {
  const { report } = asked;
  const { listing } = account;
  // Whether it is urgent stands in its row.
  if (report !== undefined) await listing.whole();
  const row = report === undefined ? undefined : listing.row(report);
  return {
    kind: asked.kind,
    ...(report === undefined ? {} : { subject: report }),
    payload: asked.payload,
    position: asked.position ?? { source: "none" },
    ...(asked.at_once || AT_ONCE.has(asked.kind) ? {} : { undo: { ms: SLIP_MS, hold: true } }),
    photos: asked.photos ?? [],
    based_on: report === undefined ? [] : await seenEvents(account, report),
    urgent: row?.priority === 1 || row?.urgent === true,
    type: row?.type ?? null,
    ...(row ? { about: aboutOf(row) } : {}),
    ...(asked.citizen === undefined ? {} : { citizen: asked.citizen }),
    ...(asked.draft === undefined ? {} : { draft: asked.draft }),
  };
}

const aboutOf = ({ folio, street, block, colonia }: ReportRow): About => ({ folio, street, block, colonia });

/** Events of a report that were on this phone when acting: the copy's, then this phone's own. */
async function seenEvents({ db, ledger }: Account, report: string): Promise<string[]> {
  const copy = await readDocument<Report>(db, "mailbox", `report:${report}`);
  const own = ledger.records.filter((record) => record.subject === report).map((record) => record.id);
  return [...new Set([...(copy?.events ?? []), ...own])];
}

/** Takes back what one touch saved: see `contract.ts`. */
export async function takeBack(
  account: Account,
  saved: readonly { report: string; uuid: string }[],
): Promise<TakenBack> {
  const { db, entry, ledger, syncing } = account;
  const ids = saved.map((one) => one.report);
  let back = await untake(
    db,
    saved.map((one) => one.uuid),
  );
  const gone = back !== null;
  if (!gone) {
    const [only] = saved;
    const captured = ledger.records.find((record) => record.uuid === only?.uuid)?.kind === "captured";
    if (!only || !captured) return { done: "late", drafts: [] };
    // The form first: should the phone die between the two, the report stands and nothing of it is lost.
    const draft = await copyBack(db, only.uuid, Date.now());
    await act(account, { kind: "withdrawn", report: only.report, payload: { reason: "undo" } });
    back = draft === null ? [] : [draft];
  }
  ring({ account: entry.account, what: "outbox", ids });
  ring({ account: entry.account, what: "drafts" });
  // What was unsealed with it is sealed anew.
  syncing.afterSave();
  return { done: gone ? "gone" : "withdrawn", drafts: back ?? [] };
}

export async function loadDraft<Body>({ drafts }: Account, key: string): Promise<Draft<Body> | null> {
  return (await drafts.load(key)) as Draft<Body> | null;
}

export async function addPhoto(
  { db, grinder }: Account,
  file: Blob,
  origin: PhotoOrigin,
): Promise<DraftPhoto> {
  const { id, state } = await storePhoto(db, file, origin, Date.now());
  grinder.start();
  return { id, origin, state };
}

/** Whether a photo just added can be sent, once that is known. */
export async function photoUsable({ db, grinder }: Account, id: string): Promise<boolean> {
  await grinder.made(id);
  return (await db.get("photos", id))?.state !== "broken";
}

export async function removePhoto({ db }: Account, id: string): Promise<void> {
  await dropPhoto(db, id);
}
