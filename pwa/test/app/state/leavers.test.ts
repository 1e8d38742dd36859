/** With nobody signed in: what those who left still hold goes out, and nothing is planned once it has. */
import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { PhotoWait } from "../../../src/app/state/contract.ts";
import { Leavers } from "../../../src/app/state/leavers.ts";
import { openStore, writeMeta } from "../../../src/app/storage/account.ts";
import { Municipality } from "../../municipality.ts";
import { freshPhone, opened, until } from "../../opened.ts";
import { TestPhone } from "../../phone.ts";

freshPhone();
afterEach(() => vi.useRealTimers());
const window = new EventTarget();
beforeEach(() => vi.stubGlobal("window", window));

async function left(works: boolean) {
  const city = new Municipality();
  const { account } = await opened("ana", { city });
  const { phone } = account.around;
  if (works) await new TestPhone("ana", account.db, phone).capture();
  await writeMeta(account.db, "leaving", true);
  account.close();
  const around = { phone, line: city.line, network: signal<string | undefined>(undefined) };
  const leavers = new Leavers({ ...around, photoWait: signal<PhotoWait>("nothing") });
  return { city, leavers };
}

it("hands over what is left, by the key that was left for it", async () => {
  const { city, leavers } = await left(true);
  leavers.kick();
  await until(() => expect(city.inbox).toHaveLength(1));
  await until(async () => {
    const store = await openStore("ana");
    const [record] = await store.getAll("outbox");
    store.close();
    expect(record?.custody).toBe("received");
  });
  leavers.end();
});

it("asks nothing where nothing is left", async () => {
  const { city, leavers } = await left(false);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  leavers.kick();
  // Asked for again meanwhile, it says by its plan that the first one is over.
  leavers.kick();
  await until(() => expect(vi.getTimerCount()).toBe(1));
  leavers.end();
  expect([city.log, vi.getTimerCount()]).toEqual([[], 0]);
});

it("tries again when the line is back, and no more once somebody is here", async () => {
  const { city, leavers } = await left(true);
  city.fail("dropped", () => true, "before", 1);
  leavers.kick();
  await until(() => expect(city.log).toHaveLength(1));
  await until(() => {
    window.dispatchEvent(new Event("online"));
    expect(city.inbox).toHaveLength(1);
  });
  leavers.end();
  const asked = city.log.length;
  window.dispatchEvent(new Event("online"));
  leavers.kick();
  await new Promise((resolve) => setImmediate(resolve));
  expect(city.log.length).toBe(asked);
});
