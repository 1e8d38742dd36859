/** Who delivers for whom on a shared phone, and that no other store stays open. */
import { expect, it } from "vitest";
import { withEveryAccount, withStores } from "../../../src/app/state/household.ts";
import type { AccountStore } from "../../../src/app/storage/account.ts";
import { changeEntry } from "../../../src/app/storage/phone.ts";
import { freshPhone, opened } from "../../opened.ts";

freshPhone();

const isOpen = (db: AccountStore): boolean => {
  try {
    db.transaction("outbox");
    return true;
  } catch {
    return false;
  }
};

async function household() {
  for (const name of ["ana", "luz"]) (await opened(name)).account.close();
  const { account } = await opened("rosa");
  const { phone } = account.around;
  const mine = { account: "rosa", db: account.db };
  const change = (name: string, more: object) => changeEntry(phone, name, (held) => ({ ...held, ...more }));
  return { phone, mine, change };
}

it("who is here speaks, and delivers from everybody's store", async () => {
  const { phone, mine } = await household();
  let others: { account: string; db: AccountStore }[] = [];
  await withEveryAccount(phone, mine, async (bearer, rest) => {
    expect(bearer).toBe(mine);
    others = rest;
    expect(rest.map(({ account, db }) => [account, isOpen(db)])).toEqual([
      ["ana", true],
      ["luz", true],
    ]);
  });
  expect(others.map(({ db }) => isOpen(db))).toEqual([false, false]);
  expect(isOpen(mine.db)).toBe(true);
});

it("where who is here cannot, whoever can does; else nobody", async () => {
  const { phone, mine, change } = await household();
  await change("rosa", { needs_enrol: true });
  await change("ana", { signed_out: true });
  const speaker = () => withEveryAccount(phone, mine, async (bearer) => bearer?.account ?? null);
  expect(await speaker()).toBe("luz");
  await change("luz", { needs_enrol: true });
  expect(await speaker()).toBeNull();
});

it("closes what it opened, though the work fails", async () => {
  const { phone } = await household();
  const opened: AccountStore[] = [];
  const failing = withStores(phone, async (stores) => {
    opened.push(...stores.map(({ db }) => db));
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(opened.map(isOpen)).toEqual([false, false, false]);
});
