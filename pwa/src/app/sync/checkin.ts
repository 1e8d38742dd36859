/**
 * The check-in: one small request that tells what this phone holds and asks what is new.
 *
 * Law: an idle sync is this request and nothing else.
 */
import { elapsed } from "../../shared/instants.ts";
import { type AccountStore, feedState, readMeta, writeMeta } from "../storage/account.ts";
import { type ToldZone, takeZone } from "../storage/zone.ts";
import { noteBackup } from "./acknowledge.ts";
import type { BackedUp } from "./custody.ts";
import type { Line } from "./request.ts";
import { askAs } from "./session.ts";

export interface CheckinAnswer {
  time: string;
  changed: { mailbox: boolean; reference: boolean };
  backed_up_through: BackedUp;
  orders: { order: string }[];
  app_floor: string | null;
  zone?: ToldZone;
}

export interface Told {
  answer: CheckinAnswer;
  epochChanged: boolean;
}

export interface Phone {
  version: string;
  now: () => number;
  storage: () => Promise<{ used: number; quota: number }>;
}

/** Asks, and keeps what is said of backups, orders and the app's floor. */
export async function checkin(db: AccountStore, line: Line, phone: Phone): Promise<Told> {
  const key = await readMeta(db, "key");
  const [mailbox, reference] = [await feedState(db, "mailbox"), await feedState(db, "reference")];
  const held = (await db.getAll("outbox")).filter((record) => record.custody === "saved");
  const photos = (await db.countFromIndex("photos", "state", "ready")) as number;
  const clock = new Date(phone.now()).toISOString();
  const oldest = held.map((record) => record.saved_at).sort()[0];
  const answer = await askAs<CheckinAnswer>(db, line, "/sync/checkin", {
    body: {
      device: key?.device ?? "",
      since: { mailbox: mailbox.since, reference: reference.since },
      last_seq: (await readMeta(db, "chain"))?.seq ?? 0,
      pending: held.length,
      oldest_age: oldest ? Math.max(0, Math.round(elapsed(oldest, clock) / 1000)) : 0,
      storage: await phone.storage(),
      version: phone.version,
      clock,
      photos_pending: photos,
    },
  });
  const epochChanged = await noteBackup(db, answer.backed_up_through, answer.time);
  await writeMeta(db, "app_floor", answer.app_floor ?? null);
  await writeMeta(db, "orders", answer.orders ?? []);
  if (answer.zone) await takeZone(db, answer.zone);
  return { answer, epochChanged };
}
