/**
 * Custody of those who have signed out: what they left is settled and freed without their coming back.
 *
 * Law: such a store asks with its own key, and only for what concerns its own work: what its device's
 * acknowledgement says and how far backups reach. Who has signed out and holds nothing any more leaves no key and no
 * work behind; until then nothing is dropped that custody does not free.
 */
import type { Ack } from "../../shared/documents.ts";
import { seal } from "../sealer/sealer.ts";
import { type AccountStore, readMeta } from "../storage/account.ts";
import { durably } from "../storage/durability.ts";
import { holdsWork, waits } from "../storage/holding.ts";
import { ifFree, ROUND } from "../storage/lock.ts";
import { noteBackup, settle } from "./acknowledge.ts";
import type { BackedUp } from "./custody.ts";
import { photosToSend, uploadPhoto } from "./evidence.ts";
import { push } from "./push.ts";
import { type Line, Trouble } from "./request.ts";
import { askAs } from "./session.ts";

interface Custody {
  time: string;
  backed_up_through: BackedUp;
  acks: Ack[];
}

/** Asks what became of the work of who has signed out, and frees what may go. True where something moved. Throws Trouble. */
export async function settleAlone(db: AccountStore, line: Line, now: string): Promise<boolean> {
  if (!(await readMeta(db, "leaving"))) return false;
  let moved = false;
  if ((await db.getAll("outbox")).some(waits) && (await readMeta(db, "key"))) {
    const said = await askAs<Custody>(db, line, "/sync/custody");
    if (!Array.isArray(said?.acks)) throw new Trouble("garbage", "La respuesta no se entendió.");
    const epochChanged = await noteBackup(db, said.backed_up_through, said.time);
    moved = (await settle(db, now, said.acks)) || epochChanged;
  }
  if (!(await holdsWork(db))) await leave(db);
  return moved;
}

/** Everything a round does for a store whose person has signed out, with nobody else on the phone. Throws Trouble. */
export async function handOver(
  db: AccountStore,
  line: Line,
  now: () => number,
  photos: boolean,
): Promise<void> {
  if (!(await readMeta(db, "leaving"))) return;
  const said = (): string => new Date(now()).toISOString();
  await seal(db, now, true);
  await push(db, db, line, said);
  if (photos) {
    for (const photo of await photosToSend(db)) await uploadPhoto(db, db, line, photo, said, () => undefined);
  }
  await settleAlone(db, line, said());
}

/** Does so for each in turn, while no other tab runs a round. Throws the last Trouble. */
export async function handOverAll(
  stores: readonly { db: AccountStore }[],
  line: Line,
  now: () => number,
  photos: boolean,
): Promise<void> {
  await ifFree(ROUND, async () => {
    let trouble: Trouble | null = null;
    for (const { db } of stores) {
      try {
        await handOver(db, line, now, photos);
      } catch (error) {
        if (!(error instanceof Trouble)) throw error;
        trouble = error;
      }
    }
    if (trouble) throw trouble;
  });
}

/** The last of who has signed out: what is freed needs no list, and nothing is left to sign for. */
async function leave(db: AccountStore): Promise<void> {
  await durably(db, ["meta", "outbox"], async (tx) => {
    const outbox = tx.objectStore("outbox");
    for (const record of await outbox.getAll()) {
      if (record.custody === "freed") await outbox.delete(record.uuid);
    }
    for (const key of ["key", "session", "leaving", "feed:mailbox"]) await tx.objectStore("meta").delete(key);
  });
}
