/**
 * Which stores are open: the phone's, and that of the account in use.
 *
 * Law: exactly one account's store feeds the screens; switching closes it before another opens.
 */

import { Drafts } from "../saving/drafts.ts";
import type { AccountStore } from "../storage/account.ts";
import type { AccountEntry, PhoneStore } from "../storage/phone.ts";
import { ring } from "../sync/bell.ts";

export interface Current {
  entry: AccountEntry;
  db: AccountStore;
  drafts: Drafts;
}

let phone: PhoneStore | null = null;
let current: Current | null = null;

export class NoAccount extends Error {
  constructor() {
    super("no account is open");
    this.name = "NoAccount";
  }
}

export function setPhone(store: PhoneStore): void {
  phone = store;
}

export function thePhone(): PhoneStore {
  if (!phone) throw new NoAccount();
  return phone;
}

export function setCurrent(entry: AccountEntry | null, db: AccountStore | null): void {
  current?.db.close();
  current =
    entry && db
      ? {
          entry,
          db,
          drafts: new Drafts(db, Date.now, () => ring({ account: entry.account, what: "drafts" })),
        }
      : null;
}

/** The account in use. Throws NoAccount before there is one. */
export function theAccount(): Current {
  if (!current) throw new NoAccount();
  return current;
}

export function maybeAccount(): Current | null {
  return current;
}
