/**
 * What screens call on the account in use.
 *
 * Law: whose act it is is decided when it begins. Nothing is done here but choosing that.
 */
import type { Kind, PhotoOrigin, Position } from "../../shared/documents.ts";
import { uuid7 } from "../../shared/uuid7.ts";
import { onRing } from "../storage/bell.ts";
import * as acts from "./acts.ts";
import type { Act, AnyAct, Capture, Hit, Located, ReportRow, Saved } from "./contract.ts";
import { maybeAccount, tenancy, theAccount } from "./current.ts";
import * as position from "./position.ts";
import * as reading from "./reading.ts";

/** A promise also where nobody is here. */
const here = async () => theAccount();

export const capture = async (asked: Capture) => acts.capture(await here(), asked);
export const act = async <K extends Kind>(asked: Act<K>) => acts.act(await here(), asked);
export const actAll = async (asked: readonly AnyAct[]) => acts.actAll(await here(), asked);
export const takeBack = async (saved: readonly { report: string; uuid: string }[]) =>
  acts.takeBack(await here(), saved);
export const newSubject = (): string => uuid7(Date.now());

export const loadDraft = async <Body>(key: string) => acts.loadDraft<Body>(await here(), key);
export const saveDraft = <Body>(key: string, body: Body, photos: string[] = []): Promise<void> =>
  theAccount().drafts.save(key, body, photos);
export const discardDraft = (key: string): Promise<void> => theAccount().drafts.discard(key);

export const addPhoto = async (file: Blob, origin: PhotoOrigin) => acts.addPhoto(await here(), file, origin);
export const photoUsable = async (id: string) => acts.photoUsable(await here(), id);
export const removePhoto = async (id: string) => acts.removePhoto(await here(), id);
export const photoUrl = (id: string, width: 320 | 1280 = 320, report: string | null = null) =>
  theAccount().pictures.url(id, width, report);
/** Calls when the picture of this hash may be seen no longer. Returns how to stop. */
export const onPhotoGone = (id: string, call: () => void): (() => void) =>
  onRing(({ what, ids }) => {
    if (what === "pictures" && ids?.includes(id)) call();
  });

/** Signals are read, so that a screen draws again when who is here changes. */
const open = () => tenancy.open.value;
const NOWHERE: Located = { colonia: null, sector: null, block: null, blocks: [], outside: false };

export const row = (id: string): ReportRow | undefined => open()?.listing.row(id);
export const locate = (lat: number, lon: number): Located => open()?.places.locate(lat, lon) ?? NOWHERE;
export const nearby = (lat: number, lon: number, type?: string, radius?: number) =>
  open()?.places.nearby(lat, lon, type, radius) ?? [];
export const search = (query: string, limit?: number): Hit[] => open()?.search.find(query, limit) ?? [];
export const watchReport = (id: string) => reading.watchReport(theAccount(), id);
export function markSeen(id: string): void {
  const account = maybeAccount();
  account?.life.spawn(() => account.listing.look(id));
}

export const improveFix = (saved: Saved, had: Position): void =>
  position.improveFix(theAccount(), saved, had);

export function syncNow(): void {
  const account = maybeAccount();
  account?.life.spawn(async () => {
    await account.ledger.forgiveFailures();
    account.syncing.syncNow();
  });
}
