/**
 * Whether an account's store still holds a person's work.
 *
 * Law: work is held until custody frees it; what was refused waits for its person and asks nothing of the line.
 */
import type { AccountStore } from "./account.ts";
import { isUnsent, isUnsentPhoto } from "./custody.ts";
import type { OutboxRecord } from "./records.ts";

/** Received or accepted: a word from the municipality may free it. */
export const waits = ({ custody }: OutboxRecord): boolean => custody === "received" || custody === "accepted";

/** Whether a store holds work that is still to be sent, confirmed or backed up. */
export async function holdsWork(db: AccountStore): Promise<boolean> {
  const records = await db.getAll("outbox");
  const photos = await db.getAll("photos");
  return records.some((record) => isUnsent(record) || waits(record)) || photos.some(isUnsentPhoto);
}
