/**
 * What a person does: captures, acts, undoes, drafts and photos.
 *
 * Law: an action resolves when its work is on the disk, and the screens show it then; sealing and sending follow
 * by themselves.
 */
import type { Kind, PhotoOrigin, Report, Role } from "../../shared/documents.ts";
import { uuid7 } from "../../shared/uuid7.ts";
import { dropPhoto, storePhoto } from "../saving/photos.ts";
import { type Deed, saveAll } from "../saving/save.ts";
import { readDocument } from "../storage/account.ts";
import type { About } from "../storage/records.ts";
import { ring } from "../sync/bell.ts";
import type { Act, AnyAct, Capture, Draft, DraftPhoto, ReportRow, Saved } from "./contract.ts";
import { theAccount } from "./current.ts";
import { outboxRecords } from "./ledger.ts";
import { rowById, rowsRead } from "./listing.ts";
import { grindPhotos, made } from "./photos.ts";
import { channels, notice, profile, types } from "./signals.ts";
import { afterSave } from "./syncing.ts";

/** The app's own channel where the municipality's catalogue has it, else the first it offers. */
const APP_CHANNEL = "app";

function channelOf(asked: string | undefined): string {
  if (asked !== undefined) return asked;
  if (channels.value.has(APP_CHANNEL) || channels.value.size === 0) return APP_CHANNEL;
  return channels.value.keys().next().value ?? APP_CHANNEL;
}

async function write(deeds: Deed[]): Promise<Saved[]> {
  const { db, entry, drafts } = theAccount();
  const role: Role = profile.value?.role ?? entry.role;
  const author = { account: entry.account, role, app: __VERSION__, notice: notice.value?.version ?? null };
  const done = deeds.map((deed) => deed.draft).filter((draft) => draft !== undefined);
  for (const draft of done) drafts.forget(draft);
  const saved = await saveAll(db, author, deeds, Date.now());
  ring({ account: entry.account, what: "outbox", ids: saved.map((one) => one.report) });
  if (done.length > 0) ring({ account: entry.account, what: "drafts" });
  afterSave();
  return saved;
}

async function writeOne(deed: Deed): Promise<Saved> {
  const [saved] = await write([deed]);
  return saved as Saved;
}

export function capture(asked: Capture): Promise<Saved> {
  const type = types.value.get(asked.type);
  const { type: id, for_whom, answers, place, urgent, text, danger } = asked;
  return writeOne({
    kind: "captured",
    payload: {
      type: id,
      channel: channelOf(asked.channel),
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
    ...(asked.citizen === undefined ? {} : { citizen: asked.citizen }),
    ...(asked.draft === undefined ? {} : { draft: asked.draft }),
  });
}

export async function act<K extends Kind>(asked: Act<K>): Promise<Saved> {
  return writeOne(await deedOf(asked));
}

export async function actAll(asked: readonly AnyAct[]): Promise<Saved[]> {
  const deeds: Deed[] = [];
  for (const one of asked) deeds.push(await deedOf(one));
  return write(deeds);
}

export function newSubject(): string {
  return uuid7(Date.now());
}

async function deedOf<K extends Kind>(asked: Act<K>): Promise<Deed> {
  const { report } = asked;
  // Whether it is urgent stands in its row.
  if (report !== undefined) await rowsRead();
  const row = report === undefined ? undefined : rowById(report);
  return {
    kind: asked.kind,
    ...(report === undefined ? {} : { subject: report }),
    payload: asked.payload,
    position: asked.position ?? { source: "none" },
    photos: asked.photos ?? [],
    based_on: report === undefined ? [] : await seenEvents(report),
    urgent: row?.priority === 1 || row?.urgent === true,
    type: row?.type ?? null,
    ...(row ? { about: aboutOf(row) } : {}),
    ...(asked.citizen === undefined ? {} : { citizen: asked.citizen }),
    ...(asked.draft === undefined ? {} : { draft: asked.draft }),
  };
}

const aboutOf = ({ folio, street, block, colonia }: ReportRow): About => ({ folio, street, block, colonia });

/** Events of a report that were on this phone when acting: the copy's, then this phone's own. */
async function seenEvents(report: string): Promise<string[]> {
  const copy = await readDocument<Report>(theAccount().db, "mailbox", `report:${report}`);
  const own = outboxRecords()
    .filter((record) => record.subject === report)
    .map((record) => record.id);
  return [...new Set([...(copy?.events ?? []), ...own])];
}

/** A capture is withdrawn. Any other act cannot be unsaid: its screen offers no undo. */
export function undo({ report }: { report: string; uuid: string }): Promise<Saved> {
  return act({ kind: "withdrawn", report, payload: { reason: "undo" } });
}

export async function loadDraft<Body>(key: string): Promise<Draft<Body> | null> {
  return (await theAccount().drafts.load(key)) as Draft<Body> | null;
}

export function saveDraft<Body>(key: string, body: Body, photos: string[] = []): Promise<void> {
  return theAccount().drafts.save(key, body, photos);
}

export function discardDraft(key: string): Promise<void> {
  return theAccount().drafts.discard(key);
}

export async function addPhoto(file: Blob, origin: PhotoOrigin): Promise<DraftPhoto> {
  const { db } = theAccount();
  const { id, state } = await storePhoto(db, file, origin, Date.now());
  grindPhotos();
  return { id, origin, state };
}

/** Whether a photo just added can be sent, once that is known. */
export async function photoUsable(id: string): Promise<boolean> {
  await made(id);
  return (await theAccount().db.get("photos", id))?.state !== "broken";
}

export async function removePhoto(id: string): Promise<void> {
  await dropPhoto(theAccount().db, id);
}
