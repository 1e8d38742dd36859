/** Orders of the municipality: none makes a phone drop what it has not handed over. */
import { expect, it, vi } from "vitest";
import { remember, remembered } from "../../../src/app/state/evicted.ts";
import { holdsUnsent, obey } from "../../../src/app/state/orders.ts";
import { openStore } from "../../../src/app/storage/account.ts";
import type { OutboxRecord } from "../../../src/app/storage/records.ts";
import { freshPhone, opened } from "../../opened.ts";
import { TestPhone } from "../../phone.ts";

freshPhone();

async function ordered() {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  remember(["ana", "luz"]);
  await opened("luz");
  const { account } = await opened("ana");
  const { db, around } = account;
  const leave = vi.fn(async () => account.close());
  const phone = new TestPhone("ana", db, around.phone);
  const wipe = () =>
    obey({ account: "ana", db, phone: around.phone, leave }, [{ order: "hand_over_and_wipe" }]);
  return { account, db, around, phone, leave, wipe };
}

it("wipes an account that has handed everything over, and leaves the others", async () => {
  const { around, leave, wipe } = await ordered();
  await wipe();
  expect(leave).toHaveBeenCalledOnce();
  expect(await around.phone.getAllKeys("accounts")).toEqual(["luz"]);
  expect(remembered()).toEqual(["luz"]);
  const store = await openStore("ana");
  expect([await store.count("meta"), await store.count("outbox")]).toEqual([0, 0]);
  store.close();
});

it("waits for what no server has: an event, or a photo", async () => {
  const { db, around, phone, leave, wipe } = await ordered();
  await phone.photo("a1");
  expect(await holdsUnsent(db)).toBe(false); // a draft's photo is nobody's work yet
  const { uuid } = await phone.capture({ photos: ["a1"] });
  await wipe();
  const record = (await db.get("outbox", uuid)) as OutboxRecord;
  await db.put("outbox", { ...record, custody: "accepted" });
  await wipe();
  expect(leave).not.toHaveBeenCalled();
  expect(await around.phone.getAllKeys("accounts")).toEqual(["ana", "luz"]);
  const photo = await db.get("photos", "a1");
  if (photo) await db.put("photos", { ...photo, state: "verified" });
  await wipe();
  expect(leave).toHaveBeenCalledOnce();
});

it("does nothing without an order it knows", async () => {
  const { db, around, leave } = await ordered();
  await obey({ account: "ana", db, phone: around.phone, leave }, [{ order: "dance" }]);
  expect(leave).not.toHaveBeenCalled();
  expect((await around.phone.get("accounts", "ana"))?.needs_enrol).toBe(false);
});
