/**
 * What the municipality orders a phone to do.
 *
 * Law: no order makes a phone drop what it has not handed over.
 */
import { deleteAccount } from "../storage/account.ts";
import { ring } from "../storage/bell.ts";
import { changeEntry } from "../storage/phone.ts";
import { type Current, setCurrent, thePhone } from "./current.ts";
import { forget } from "./evicted.ts";

export async function obey(open: Current, orders: { order: string }[]): Promise<void> {
  const { account } = open.entry;
  if (orders.some(({ order }) => order === "hand_over_and_wipe")) {
    if (await holdsUnsent(open)) return;
    // Deleting waits until every tab has closed the store; the entry goes first so that none opens it again.
    await thePhone().delete("accounts", account);
    forget(account);
    setCurrent(null, null);
    await deleteAccount(account);
    ring({ account, what: "accounts" });
  } else if (orders.some(({ order }) => order === "reenrol")) {
    await changeEntry(thePhone(), account, (entry) => ({ ...entry, needs_enrol: true }));
    ring({ account, what: "accounts" });
  }
}

/** Anything no server holds: unsealed or unsent events, photos not uploaded. */
export async function holdsUnsent({ db }: Pick<Current, "db">): Promise<boolean> {
  const [records, photos] = [await db.getAll("outbox"), await db.getAll("photos")];
  return (
    records.some((record) => record.custody === "saved") ||
    photos.some((photo) => photo.event !== null && (photo.state === "saved" || photo.state === "ready"))
  );
}
