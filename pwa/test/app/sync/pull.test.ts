import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { feedState, readDocuments, writeMeta } from "../../../src/app/storage/account.ts";
import { allBuckets } from "../../../src/app/storage/rows.ts";
import { pull, wait } from "../../../src/app/sync/pull.ts";
import type { FeedDocument } from "../../../src/shared/documents.ts";
import { Municipality } from "../../municipality.ts";
import { enrolledPhone, freshStorage, type TestPhone } from "../../phone.ts";

freshStorage();

const uuid = (n: number): string => `0192f3a0-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
const report = (n: number, version = 1, change: object = {}): FeedDocument => ({
  _id: `report:${uuid(n)}`,
  view: "full",
  version,
  folio: `HMO-${n}`,
  status: "captured",
  priority: 3,
  captured_at: "2026-11-22T16:00:00.000Z",
  ...change,
});

async function held(phone: TestPhone): Promise<string[]> {
  return (await readDocuments<FeedDocument>(phone.db, "mailbox", "")).map((doc) => doc._id).sort();
}
async function rowIds(phone: TestPhone): Promise<string[]> {
  const { side } = await feedState(phone.db, "mailbox");
  const buckets = await phone.db.getAll("rows", allBuckets(side));
  return buckets
    .flat()
    .map((row) => `report:${row.id}`)
    .sort();
}
async function smallPages(phone: TestPhone, page = 10): Promise<void> {
  await writeMeta(phone.db, "feed:mailbox", { side: "a", since: null, shadow: null, page });
}

test("pages arrive whole, rows with them, deletions too", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  await smallPages(phone);
  for (let n = 0; n < 35; n++) city.put("mailbox", report(n));
  city.put("mailbox", { _id: "profile", account: "lupita" });
  const parts: number[] = [];
  const first = await pull(phone.db, city.line, "mailbox", (part) => parts.push(part));
  expect(first.requests).toBe(4);
  expect(first.changed).toHaveLength(36);
  expect(parts).toEqual([10 / 36, 20 / 36, 30 / 36]);
  expect(await held(phone)).toHaveLength(36);
  expect(await rowIds(phone)).toHaveLength(35);

  city.remove("mailbox", report(3)._id);
  city.put("mailbox", report(4, 2, { status: "finished" }));
  await pull(phone.db, city.line, "mailbox");
  expect(await held(phone)).not.toContain(report(3)._id);
  expect(await rowIds(phone)).not.toContain(report(3)._id);
});

test("a copy with a lower version than the one held is ignored", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  city.put("mailbox", report(1, 9, { folio: "new" }));
  await pull(phone.db, city.line, "mailbox");
  city.put("mailbox", report(1, 8, { folio: "old" }));
  await pull(phone.db, city.line, "mailbox");
  const [doc] = await readDocuments<FeedDocument>(phone.db, "mailbox", "report:");
  expect(doc?.folio).toBe("new");
});

describe("feed_changed", () => {
  test("is pulled into a shadow and swapped at once: never half a phone, whatever is cut", async () => {
    for (let cut = 0; cut < 6; cut++) {
      const city = new Municipality();
      const phone = await enrolledPhone(`lupita-${cut}`);
      await smallPages(phone);
      for (let n = 0; n < 15; n++) city.put("mailbox", report(n));
      await pull(phone.db, city.line, "mailbox");
      const before = await held(phone);

      city.feeds.mailbox = "m2";
      city.changes.mailbox.length = 0;
      for (let n = 10; n < 35; n++) city.put("mailbox", report(n));
      let asked = 0;
      city.fail("dropped", ({ path }) => path.endsWith("_changes") && asked++ === cut);
      await pull(phone.db, city.line, "mailbox").catch(() => undefined);
      const now = await held(phone);
      if (now.length !== 25) expect(now).toEqual(before);
      expect(await rowIds(phone)).toEqual(now);

      city.faults = [];
      const { changed } = await pull(phone.db, city.line, "mailbox");
      expect(changed === null || cut >= 4).toBe(true);
      expect(await held(phone)).toHaveLength(25);
      expect(await rowIds(phone)).toEqual(await held(phone));
      const { side } = await feedState(phone.db, "mailbox");
      expect(await phone.db.count(side === "a" ? "mailbox-b" : "mailbox-a")).toBe(0);
    }
  });

  test("again and again ends the pull, not the phone", async () => {
    const city = new Municipality();
    const phone = await enrolledPhone();
    city.fail(
      { status: 409, body: { error: "feed_changed" } },
      ({ path }) => path.endsWith("_changes"),
      "before",
      99,
    );
    await expect(pull(phone.db, city.line, "mailbox")).rejects.toMatchObject({ code: "feed_changed" });
    expect(city.log.length).toBeLessThan(6);
  });
});

test("a longpoll and a round side by side: the later answer is dropped, the phone is right", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  await pull(phone.db, city.line, "mailbox");
  city.put("mailbox", report(1));
  const controller = new AbortController();
  const [a, b] = [
    wait(phone.db, city.line, "mailbox", controller.signal),
    pull(phone.db, city.line, "mailbox"),
  ];
  city.put("mailbox", report(2));
  await Promise.all([a, b]);
  await pull(phone.db, city.line, "mailbox");
  expect(await held(phone)).toEqual([report(1)._id, report(2)._id]);
});

test.each([
  ["no page", { ok: true }],
  [
    "a row without its document",
    { results: [{ seq: "m1.1", id: "report:x" }], last_seq: "m1.1", pending: 0 },
  ],
  [
    "a row with another's document",
    { results: [{ seq: "m1.1", id: "a", doc: { _id: "b" } }], last_seq: "m1.1", pending: 0 },
  ],
  ["half of one", { results: null, last_seq: "m1.9" }],
])("%s is thrown away whole", async (_name, body) => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  city.put("mailbox", report(1));
  city.fail({ status: 200, body }, ({ path }) => path.endsWith("_changes"));
  await expect(pull(phone.db, city.line, "mailbox")).rejects.toMatchObject({ code: "garbage" });
  expect(await held(phone)).toEqual([]);
  expect((await feedState(phone.db, "mailbox")).since).toBeNull();
});

test("after a time-out the line is asked for less", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  city.fail("silence", ({ path }) => path.endsWith("_changes"));
  const outcome = expect(pull(phone.db, city.line, "mailbox")).rejects.toMatchObject({ code: "timeout" });
  while (city.log.length === 0) await new Promise((resolve) => setImmediate(resolve));
  for (const one of [...city.waits]) one.call();
  await outcome;
  expect((await feedState(phone.db, "mailbox")).page).toBe(1250);
});

test("any history of changes, pulled at any moments, leaves what the municipality has", async () => {
  let run = 0;
  const step = fc.oneof(
    fc.record({ put: fc.nat(12) }),
    fc.record({ remove: fc.nat(12) }),
    fc.constant({ pull: true as const }),
    fc.constant({ renew: true as const }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const city = new Municipality();
      const phone = await enrolledPhone(`lupita-${run++}`);
      await smallPages(phone, 3);
      let version = 0;
      for (const one of steps) {
        version += 1;
        if ("put" in one) city.put("mailbox", report(one.put, version));
        else if ("remove" in one) city.remove("mailbox", report(one.remove)._id);
        else if ("pull" in one) await pull(phone.db, city.line, "mailbox");
        else {
          city.feeds.mailbox += "x";
          const live = city.changes.mailbox.filter((change) => change.doc !== null);
          city.changes.mailbox.splice(0, city.changes.mailbox.length, ...live);
        }
      }
      await pull(phone.db, city.line, "mailbox");
      const there = city.changes.mailbox
        .filter((change) => change.doc !== null)
        .map((change) => change.id)
        .sort();
      expect(await held(phone)).toEqual(there);
      expect(await rowIds(phone)).toEqual(there);
      phone.db.close();
    }),
    { numRuns: Number(process.env.RUNS ?? 25) },
  );
});
