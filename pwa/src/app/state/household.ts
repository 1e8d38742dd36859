/**
 * The accounts that share this phone: any of them that can speak to the server delivers the work of all.
 *
 * Law: another account's store is opened only to deliver from it, and closed after.
 */
import { openAccount } from "../storage/account.ts";
import type { OpenAccount } from "../sync/round.ts";
import type { Current } from "./current.ts";
import { thePhone } from "./current.ts";

/** With nobody signed in: the stores of all who were. */
export async function withStores<T>(work: (stores: OpenAccount[]) => Promise<T>): Promise<T> {
  const opened: OpenAccount[] = [];
  try {
    for (const { account } of await thePhone().getAll("accounts")) {
      opened.push({ account, db: await openAccount(account) });
    }
    return await work(opened);
  } finally {
    for (const { db } of opened) db.close();
  }
}

export async function withEveryAccount<T>(
  open: Current,
  work: (bearer: OpenAccount | null, others: OpenAccount[]) => Promise<T>,
): Promise<T> {
  const entries = await thePhone().getAll("accounts");
  const mine: OpenAccount = { account: open.entry.account, db: open.db };
  const opened: OpenAccount[] = [];
  try {
    let bearer: OpenAccount | null = null;
    for (const entry of entries) {
      const one =
        entry.account === mine.account
          ? mine
          : { account: entry.account, db: await openAccount(entry.account) };
      opened.push(one);
      const able = !entry.needs_enrol && !entry.signed_out;
      if (able && (bearer === null || one === mine)) bearer = one;
    }
    return await work(
      bearer,
      opened.filter((one) => one !== bearer),
    );
  } finally {
    for (const one of opened) if (one !== mine) one.db.close();
  }
}
