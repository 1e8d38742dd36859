/**
 * One round of sync: text out, check-in, what is new in, photos out. The app and the service worker run this same
 * function, under one lock.
 *
 * Law: text of every account on the phone leaves before any photo, urgent photos before others. A round that ends
 * badly has lost nothing: every step is written before the next begins, and the next round goes on from there.
 */
import { seal } from "../sealer/sealer.ts";
import { type AccountStore, feedState, readMeta, writeMeta } from "../storage/account.ts";
import { ring } from "../storage/bell.ts";
import { ifFree, ROUND, stolen } from "../storage/lock.ts";
import { type PhoneStore, readValue, writeValue } from "../storage/phone.ts";
import type { Feed } from "../storage/records.ts";
import { settle } from "./acknowledge.ts";
import { deliverCarried } from "./carried.ts";
import { type CheckinAnswer, checkin, type Phone } from "./checkin.ts";
import { photosToSend, uploadPhoto } from "./evidence.ts";
import { settleAlone } from "./handover.ts";
import { type Pulled, pull } from "./pull.ts";
import { pending, push } from "./push.ts";
import { type Line, Trouble } from "./request.ts";

export interface OpenStore {
  account: string;
  db: AccountStore;
}

export interface RoundOptions {
  phone: PhoneStore;
  /** Whose session is used; its feeds are pulled. */
  active: OpenStore;
  /** Other accounts of this phone, whose work is delivered as well. */
  others: OpenStore[];
  line: Line;
  self: Phone;
  photos: boolean;
  /** Nobody looks any more: what waits for a second thought goes as well. */
  release?: boolean;
  /** Ends the round between two steps. */
  isOver?: () => boolean;
  /** Text only: the short time Background Sync grants is better spent on it. */
  report?: (phase: "sending" | "receiving" | "photos", progress: number | null) => void;
}

export interface RoundResult {
  /** Whose session spoke. */
  account: string;
  received: number;
  photos: number;
  photosFailed: number;
  requests: number;
  answer: CheckinAnswer | null;
}

/** A sign of life this often, and how long without one before the holder is taken for frozen. */
const BEAT_MS = 10_000;
export const FROZEN_MS = 45_000;

/** Null where another tab's round runs. Throws Trouble where the line or the server failed. */
export async function runRound(options: RoundOptions): Promise<RoundResult | null> {
  const done = await ifFree(ROUND, () => alive(options));
  if (done !== null) return done;
  const beat = (await readValue(options.phone, "heartbeat")) ?? 0;
  // A beat from the future is a clock set back, and no sign of life either.
  const isFrozen = Math.abs(options.self.now() - beat) > FROZEN_MS;
  return isFrozen ? stolen(ROUND, () => alive(options)) : null;
}

/** A round with its heartbeat. */
async function alive(options: RoundOptions): Promise<RoundResult> {
  const { phone, line, self } = options;
  let cancel: () => void = () => undefined;
  const beat = async (): Promise<void> => {
    await writeValue(phone, "heartbeat", self.now());
    cancel = line.after(BEAT_MS, () => void beat());
  };
  await beat();
  try {
    return await round(options);
  } finally {
    cancel();
  }
}

async function round(options: RoundOptions): Promise<RoundResult> {
  const { active, line, self, report = () => undefined } = options;
  const { db, account } = active;
  const result: RoundResult = {
    account,
    received: 0,
    photos: 0,
    photosFailed: 0,
    requests: 0,
    answer: null,
  };
  const now = () => new Date(self.now()).toISOString();

  await pushAll(options, result, now);

  const isNew = (await feedState(db, "mailbox")).since === null;
  const { answer, epochChanged } = await checkin(db, line, self);
  result.answer = answer;
  result.requests += 1;
  if (epochChanged) {
    // The restored server may know nothing of what was received before: it goes out again at once.
    ring({ account, what: "outbox" });
    await pushAll(options, result, now);
  }
  const limited = (await readMeta(db, "session"))?.limited === true;
  if (!limited) {
    for (const feed of ["reference", "mailbox"] as const) {
      if (isNew || epochChanged || answer.changed[feed] || (await isUnfinished(db, feed))) {
        report("receiving", isNew ? 0 : null);
        const pulled: Pulled = { changed: [], requests: 0 };
        try {
          await pull(db, line, feed, (part) => report("receiving", part), pulled);
        } finally {
          result.requests += pulled.requests;
          // Pages that came before the line broke are on the phone, and are shown.
          ring({ account, what: feed, ids: pulled.changed });
        }
      }
    }
  }
  if (await settle(db, now())) ring({ account, what: "outbox" });
  await settleOthers(options, now);
  await writeMeta(db, "last_success_at", now());

  if (options.photos) await sendPhotos(options, result, now);
  return result;
}

/** Who has signed out and whose store cannot ask now is asked for again in the next round; it holds up nobody. */
async function settleOthers({ others, line }: RoundOptions, now: () => string): Promise<void> {
  for (const { account, db } of others) {
    try {
      if (await settleAlone(db, line, now())) ring({ account, what: "accounts" });
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
    }
  }
}

async function isUnfinished(db: AccountStore, feed: Feed): Promise<boolean> {
  const state = await feedState(db, feed);
  return state.since === null || state.shadow !== null;
}

async function pushAll(options: RoundOptions, result: RoundResult, now: () => string): Promise<void> {
  const { active, others, line, self, report = () => undefined } = options;
  for (const { account, db } of [active, ...others]) {
    await seal(db, self.now, options.release);
    if ((await pending(db)).length === 0) continue;
    report("sending", null);
    result.requests += 1;
    try {
      result.received += await push(db, active.db, line, now);
    } finally {
      // Even a push that broke off may have delivered a batch.
      ring({ account, what: "outbox" });
    }
  }
  await deliverCarried(options.phone, active.db, line);
}

async function sendPhotos(options: RoundOptions, result: RoundResult, now: () => string): Promise<void> {
  const { active, others, line, isOver = () => false, report = () => undefined } = options;
  const queue = (
    await Promise.all(
      [active, ...others].map(async (owner) =>
        (await photosToSend(owner.db)).map((photo) => ({ owner, photo })),
      ),
    )
  )
    .flat()
    .sort((a, b) => Number(b.photo.urgent) - Number(a.photo.urgent));
  let held = false;
  for (const [index, { owner, photo }] of queue.entries()) {
    if (isOver()) return;
    const tell = (part: number): void => report("photos", (index + part) / queue.length);
    tell(0);
    const sent = await uploadPhoto(owner.db, active.db, line, photo, now, tell);
    if (sent === "sent") result.photos += 1;
    else if (sent === "failed") result.photosFailed += 1;
    else held = true;
    ring({ account: owner.account, what: "outbox" });
    // Text saved meanwhile does not wait for the remaining photos.
    await pushAll(options, result, now);
  }
  if (held) throw new Trouble("busy", "");
}

/** Whether an error belongs to the line and may pass by itself. */
export function isPassing(error: unknown): error is Trouble {
  return error instanceof Trouble;
}
