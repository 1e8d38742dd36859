/**
 * The accounts that share this phone: any of them that can speak to the server delivers the work of all.
 *
 * Law: another account's store is opened only to deliver from it, and closed after.
 */
import { openStore } from "../storage/account.ts";
import type { PhoneStore } from "../storage/phone.ts";
import type { OpenStore } from "../sync/round.ts";

/** With nobody signed in: the stores of all who were. */
export async function withStores<T>(
  phone: PhoneStore,
  work: (stores: OpenStore[]) => Promise<T>,
): Promise<T> {
  const opened: OpenStore[] = [];
  try {
    for (const { account } of await phone.getAll("accounts")) {
      opened.push({ account, db: await openStore(account) });
    }
    return await work(opened);
  } finally {
    for (const { db } of opened) db.close();
  }
}

/** `mine` is open already, and stays so. */
export async function withEveryAccount<T>(
  phone: PhoneStore,
  mine: OpenStore,
  work: (bearer: OpenStore | null, others: OpenStore[]) => Promise<T>,
): Promise<T> {
  const entries = await phone.getAll("accounts");
  const opened: OpenStore[] = [];
  try {
    let bearer: OpenStore | null = null;
    for (const entry of entries) {
      const one =
        entry.account === mine.account
          ? mine
          : { account: entry.account, db: await openStore(entry.account) };
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
