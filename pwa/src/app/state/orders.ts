/**
 * What the municipality orders a phone to do.
 *
 * Law: no order makes a phone drop what it has not handed over.
 */
import { type AccountStore, deleteStore } from "../storage/account.ts";
import { ring } from "../storage/bell.ts";
import { isUnsent, isUnsentPhoto } from "../storage/custody.ts";
import { changeEntry, type PhoneStore } from "../storage/phone.ts";
import { forget } from "./evicted.ts";

export interface Ordered {
  account: string;
  db: AccountStore;
  phone: PhoneStore;
  /** Closes the account: it is no longer one of this phone's. */
  leave(): Promise<void>;
}

export async function obey(ordered: Ordered, orders: readonly { order: string }[]): Promise<void> {
  const { account, db, phone, leave } = ordered;
  if (orders.some(({ order }) => order === "hand_over_and_wipe")) {
    if (await holdsUnsent(db)) return;
    // Deleting waits until every tab has closed the store; the entry goes first so that none opens it again.
    await phone.delete("accounts", account);
    forget(account);
    await leave();
    await deleteStore(account);
    ring({ account, what: "accounts" });
  } else if (orders.some(({ order }) => order === "reenrol")) {
    await changeEntry(phone, account, (entry) => ({ ...entry, needs_enrol: true }));
    ring({ account, what: "accounts" });
  }
}

/** Anything no server holds: unsealed or unsent events, photos not uploaded. */
export async function holdsUnsent(db: AccountStore): Promise<boolean> {
  return (await db.getAll("outbox")).some(isUnsent) || (await db.getAll("photos")).some(isUnsentPhoto);
}
