import { signal } from "@preact/signals";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Feeds } from "../../../src/app/state/feeds.ts";
import { Ledger } from "../../../src/app/state/ledger.ts";
import { Life } from "../../../src/app/state/life.ts";
import { Listing } from "../../../src/app/state/listing.ts";
import { FirstScreen, keepPreview, readPreview, stampOf } from "../../../src/app/state/preview.ts";
import { feedState, readMeta, writeMeta } from "../../../src/app/storage/account.ts";
import type { FeedState, OutboxRecord, Preview } from "../../../src/app/storage/records.ts";
import { pull } from "../../../src/app/sync/pull.ts";
import type { Role } from "../../../src/shared/documents.ts";
import { Municipality } from "../../municipality.ts";
import { until } from "../../opened.ts";
import { enrolledPhone, freshStorage, type TestPhone } from "../../phone.ts";

freshStorage();

const lists: Preview = { open: { total: 3, rows: [] } };
const always = (): boolean => true;
const nothing = async (): Promise<void> => undefined;

/** A phone with one report, everything pulled. */
async function pulled(): Promise<{ phone: TestPhone; city: Municipality }> {
  const [city, phone] = [new Municipality(), await enrolledPhone()];
  city.put("mailbox", report(1));
  city.put("reference", { _id: "type:lamp", name: "Lámpara apagada" });
  for (const feed of ["mailbox", "reference"] as const) await pull(phone.db, city.line, feed);
  return { phone, city };
}
const report = (version: number) => ({
  _id: "report:0192f3a0-0000-7000-8000-000000000001",
  view: "full",
  version,
  status: "captured",
  captured_at: "2026-11-22T16:00:00.000Z",
});
const keep = (phone: TestPhone, role: Role = "block_leader") =>
  keepPreview(phone.db, role, () => lists, nothing, always);
const read = (phone: TestPhone) => readPreview(phone.db, "block_leader", "#/");

test("what was kept is shown at the next start, on the first screen of the role it was made for", async () => {
  const { phone } = await pulled();
  expect(await read(phone)).toBeNull();
  expect(await keep(phone)).toBe(true);
  expect(await read(phone)).toEqual(lists);
  expect(await readPreview(phone.db, "brigade", "#/")).toBeNull();
  expect(await readPreview(phone.db, "block_leader", "#/outbox")).toBeNull();
  expect(await keep(phone, "brigade")).toBe(true);
  expect(await readPreview(phone.db, "brigade", "")).toEqual(lists);
  expect(await read(phone)).toBeNull();
});

describe("it is shown no more once anything it rests on has changed:", () => {
  test("an act of this phone", async () => {
    const { phone } = await pulled();
    await keep(phone);
    await phone.capture();
    expect(await read(phone)).toBeNull();
  });

  test("the custody of an act", async () => {
    const { phone } = await pulled();
    await phone.capture();
    await keep(phone);
    expect(await read(phone)).toEqual(lists);
    const [record] = await phone.db.getAll("outbox");
    await phone.db.put("outbox", { ...(record as OutboxRecord), custody: "refused" });
    expect(await read(phone)).toBeNull();
  });

  test("a report looked at, for the first time or again", async () => {
    const { phone } = await pulled();
    await phone.db.put("seen", 1, "one");
    await keep(phone);
    await phone.db.put("seen", 2, "one");
    expect(await read(phone)).toBeNull();
    await keep(phone);
    await phone.db.put("seen", 1, "two");
    expect(await read(phone)).toBeNull();
  });

  test("the catalogue", async () => {
    const { phone, city } = await pulled();
    await keep(phone);
    city.put("reference", { _id: "type:lamp", name: "Luminaria" });
    await pull(phone.db, city.line, "reference");
    expect(await read(phone)).toBeNull();
  });

  test("a report: and what was kept of it has left the phone with its copy", async () => {
    const { phone, city } = await pulled();
    await keep(phone);
    city.remove("mailbox", report(1)._id);
    await pull(phone.db, city.line, "mailbox");
    expect(await readMeta(phone.db, "preview")).toBeUndefined();
  });

  test("nothing new is no change", async () => {
    const { phone, city } = await pulled();
    await keep(phone);
    for (const feed of ["mailbox", "reference"] as const) await pull(phone.db, city.line, feed);
    expect(await read(phone)).toEqual(lists);
  });
});

test("nothing is kept while something changes, or before a first pull", async () => {
  const { phone } = await pulled();
  const changing = async (): Promise<void> => {
    await phone.capture();
  };
  expect(await keepPreview(phone.db, "block_leader", () => lists, changing, always)).toBe(false);
  expect(
    await keepPreview(
      phone.db,
      "block_leader",
      () => lists,
      nothing,
      () => false,
    ),
  ).toBe(false);
  expect(await read(phone)).toBeNull();
  await writeMeta(phone.db, "feed:mailbox", { ...(await feedState(phone.db, "mailbox")), since: null });
  expect(await keep(phone)).toBe(false);
});

test("a stamp tells every ground from every other", () => {
  const feed = (since: string | null, side: "a" | "b" = "a"): FeedState => ({
    side,
    since,
    shadow: null,
    page: 1,
  });
  const act = (change: object = {}) => ({ uuid: "u", custody: "saved", ...change }) as OutboxRecord;
  const ground = { mailbox: feed("1"), reference: feed("1"), seen: [1], outbox: [act()] };
  const others = [
    { ...ground, mailbox: feed("2") },
    { ...ground, mailbox: feed("1", "b") },
    { ...ground, reference: feed(null) },
    { ...ground, seen: [2] },
    { ...ground, seen: [1, 0] },
    { ...ground, outbox: [] },
    { ...ground, outbox: [act({ custody: "accepted" })] },
    { ...ground, outbox: [act({ admission: 7 })] },
  ];
  const stamps = new Set([ground, ...others].map(stampOf));
  expect(stamps.size).toBe(others.length + 1);
  expect(stampOf({ ...ground })).toBe(stampOf(ground));
  expect(stampOf({ ...ground, mailbox: feed(null) })).toBeNull();
});

describe("after a change", () => {
  afterEach(() => vi.useRealTimers());

  async function screen() {
    const { phone } = await pulled();
    const { db } = phone;
    const life = new Life();
    const feeds = new Feeds(db);
    const ledger = new Ledger({ db, life, drafts: signal([]), isHeard: signal(true) });
    const listing = new Listing({ db, ledger, feeds, looked: () => undefined });
    const made = { open: { total: 1, rows: [] } };
    const first = new FirstScreen({
      db,
      life,
      role: "block_leader",
      listing: () => listing,
      make: () => () => made,
    });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const quiet = async () => {
      for (let i = 0; i < 3; i++) {
        await vi.advanceTimersByTimeAsync(700);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    return { db, life, listing, first, made, quiet };
  }

  test("it is kept once it has been quiet, and only when every row is here", async () => {
    const { db, listing, first, made, quiet } = await screen();
    first.soon();
    await quiet();
    expect(await readMeta(db, "preview")).toBeUndefined();
    await listing.read();
    first.soon();
    await quiet();
    await until(async () => expect((await readMeta(db, "preview"))?.lists).toEqual(made));
  });

  test("nothing is kept of an account that was closed", async () => {
    const { db, life, listing, first, quiet } = await screen();
    await listing.read();
    first.soon();
    life.end();
    expect(vi.getTimerCount()).toBe(0);
    await quiet();
    expect(await readMeta(db, "preview")).toBeUndefined();
  });
});
