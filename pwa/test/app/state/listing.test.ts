/** What lists show: copies with pending work over them, and what of it is news. */
import { signal } from "@preact/signals";
import { describe, expect, it, test, vi } from "vitest";
import { Feeds } from "../../../src/app/state/feeds.ts";
import { Ledger } from "../../../src/app/state/ledger.ts";
import { Listing } from "../../../src/app/state/listing.ts";
import { writeMeta } from "../../../src/app/storage/account.ts";
import type { OutboxRecord } from "../../../src/app/storage/records.ts";
import { pull } from "../../../src/app/sync/pull.ts";
import type { FeedDocument } from "../../../src/shared/documents.ts";
import { Municipality } from "../../municipality.ts";
import { living } from "../../opened.ts";
import { enrolledPhone, freshStorage } from "../../phone.ts";

freshStorage();

const ID = (n: number) => `0192f3a0-000${n}-7000-8000-000000000001`;
const report = (n: number, version: number, more: object = {}) =>
  ({
    _id: `report:${ID(n)}`,
    version,
    events: [],
    status: "captured",
    captured_at: `2026-11-22T1${n}:00:00.000Z`,
    view: "full",
    priority: 1,
    ...more,
  }) as unknown as FeedDocument;

async function made(name = "rocio") {
  const phone = await enrolledPhone(name);
  const { db } = phone;
  const feeds = new Feeds(db);
  const ledger = new Ledger({ db, life: living(), drafts: signal([]), isHeard: signal(true) });
  const looked = vi.fn();
  const listing = new Listing({ db, ledger, feeds, looked });
  const comes = async (n: number, version: number, more: object = {}): Promise<void> => {
    await db.put("mailbox-a", report(n, version, more));
    await listing.readReports(new Set([ID(n)]));
  };
  return { phone, db, feeds, ledger, listing, looked, comes };
}

describe("news", () => {
  test("what a first pull brings is none, and what comes after it is, in the same session", async () => {
    const { db, listing, comes, looked } = await made();
    const news = () => listing.rows.value.filter((row) => row.unseen).map((row) => row.id);
    await listing.read();
    await writeMeta(db, "feed:mailbox", { side: "a", since: "m1.1", shadow: null, page: 100 });
    await comes(1, 7);
    expect(news()).toEqual([]);
    await comes(2, 8);
    expect(news()).toEqual([ID(2)]);
    await listing.look(ID(2));
    expect([news(), looked.mock.calls.length]).toEqual([[], 1]);
    // Looked at once, a later change is a change and nothing new.
    await comes(2, 9);
    expect(listing.row(ID(2))).toMatchObject({ changed: true, unseen: false });
  });

  test("one's own work before any pull makes no beginning", async () => {
    const { db, listing } = await made();
    await listing.read();
    await listing.readReports(new Set([ID(5)]));
    expect(await db.get("seen", "*")).toBeUndefined();
  });

  test("looking waits until every row is here", async () => {
    const { db, listing, comes } = await made();
    await listing.read();
    await writeMeta(db, "feed:mailbox", { side: "a", since: "m1.1", shadow: null, page: 100 });
    await comes(1, 7);
    await comes(2, 8);
    let ready: () => void = () => undefined;
    listing.coming(
      new Promise((resolve) => {
        ready = resolve;
      }),
    );
    const look = listing.look(ID(2));
    expect(await db.get("seen", ID(2))).toBeUndefined();
    ready();
    await look;
    expect(await db.get("seen", ID(2))).toBe(8);
  });
});

it("starts from the rows a pull wrote, newest first, and reads no document for it", async () => {
  const { db, listing } = await made();
  const city = new Municipality();
  city.put("mailbox", report(1, 1), report(3, 2), report(2, 3));
  await pull(db, city.line, "mailbox");
  await db.clear("mailbox-a");
  expect(listing.loaded.value).toBe(false);
  await listing.read();
  expect(listing.rows.value.map(({ id }) => id)).toEqual([ID(3), ID(2), ID(1)]);
  expect(listing.loaded.value).toBe(true);
});

it("shows this phone's own work at once, and takes away what was taken back", async () => {
  const { phone, db, ledger, listing, comes } = await made();
  await listing.read();
  await comes(2, 1);
  const { report: subject, uuid } = await phone.capture();
  await ledger.read();
  expect([...listing.busySubjects()]).toEqual([subject]);
  await listing.readReports(listing.busySubjects());
  expect(listing.row(subject)).toMatchObject({ view: "local", pending: 1, status: "captured" });
  expect(listing.rows.value.map(({ id }) => id)).toEqual(
    [subject, ID(2)].sort((a, b) => order(listing, a, b)),
  );
  await db.delete("outbox", uuid);
  const before = listing.busySubjects();
  await ledger.read();
  await listing.readReports(before);
  expect(listing.rows.value.map(({ id }) => id)).toEqual([ID(2)]);
});
const order = (listing: Listing, a: string, b: string) =>
  (listing.row(a)?.captured_at ?? "") < (listing.row(b)?.captured_at ?? "") ? 1 : -1;

it("lays what is done over the copy until it is refused or freed", async () => {
  const { phone, db, ledger, listing, comes } = await made();
  await listing.read();
  await comes(1, 1);
  const { uuid } = await phone.capture({
    kind: "withdrawn",
    subject: ID(1),
    payload: { reason: "mistake" },
  } as never);
  const reread = async () => {
    await ledger.read();
    await listing.readReports(new Set([ID(1)]));
    return listing.row(ID(1))?.status;
  };
  expect(await reread()).toBe("withdrawn");
  const record = (await db.get("outbox", uuid)) as OutboxRecord;
  await db.put("outbox", { ...record, custody: "refused" });
  expect(await reread()).toBe("captured");
  expect(listing.pendingFor(ID(1))).toEqual([]);
});

it("lets a report go that has left the phone", async () => {
  const { db, listing, comes } = await made();
  await listing.read();
  await comes(1, 1);
  await db.delete("mailbox-a", `report:${ID(1)}`);
  await listing.readReports(new Set([ID(1)]));
  expect([listing.rows.value, listing.row(ID(1))]).toEqual([[], undefined]);
});
