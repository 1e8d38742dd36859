/**
 * Which stores are open: the phone's, and that of the account in use.
 *
 * Law: exactly one account's store feeds the screens; switching closes it before another opens.
 */

import { instant } from "../../shared/instants.ts";
import { Grinder } from "../pictures/grinder.ts";
import { Pictures } from "../pictures/pictures.ts";
import { Drafts } from "../saving/drafts.ts";
import { workerMill } from "../saving/photos.ts";
import type { AccountStore } from "../storage/account.ts";
import { ring } from "../storage/bell.ts";
import type { AccountEntry, PhoneStore } from "../storage/phone.ts";
import { browserLine } from "../sync/request.ts";

export interface Current {
  entry: AccountEntry;
  db: AccountStore;
  drafts: Drafts;
  grinder: Grinder;
  pictures: Pictures;
}

/** Knows no account: it is given bytes and gives bytes back. */
const mill = workerMill(
  () => new Worker(new URL("../../worker/photo.ts", import.meta.url), { type: "module" }),
);

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
  current?.pictures.close();
  current?.db.close();
  current = entry && db ? opened(entry, db) : null;
}

function opened(entry: AccountEntry, db: AccountStore): Current {
  const { account } = entry;
  const grinder = new Grinder(
    db,
    mill,
    () => instant(Date.now()),
    // Whoever hears it seals what waited for its photo, and sends.
    () => ring({ account, what: "outbox" }),
  );
  return {
    entry,
    db,
    drafts: new Drafts(db, Date.now, () => ring({ account, what: "drafts" })),
    grinder,
    pictures: new Pictures(db, {
      line: browserLine,
      now: Date.now,
      made: (id) => grinder.made(id),
      gone: (sha256) => ring({ account, what: "pictures", ids: [sha256] }),
    }),
  };
}

/** The account in use. Throws NoAccount before there is one. */
export function theAccount(): Current {
  if (!current) throw new NoAccount();
  return current;
}

export function maybeAccount(): Current | null {
  return current;
}
