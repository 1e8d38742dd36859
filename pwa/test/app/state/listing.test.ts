/** What is news: everything that came after the first pull, however small that was, until it is looked at. */
import { afterEach, expect, test } from "vitest";
import { forgetRows, look, readReports, readRows } from "../../../src/app/state/listing.ts";
import { rows } from "../../../src/app/state/signals.ts";
import { type AccountStore, openAccount, writeMeta } from "../../../src/app/storage/account.ts";
import { freshStorage } from "../../phone.ts";

freshStorage();
afterEach(forgetRows);

const ID = (n: number) => `0192f3a0-000${n}-7000-8000-000000000001`;
async function comes(db: AccountStore, n: number, version: number): Promise<void> {
  await db.put("mailbox-a", {
    _id: `report:${ID(n)}`,
    version,
    events: [],
    status: "captured",
    captured_at: "2026-11-22T16:00:00.000Z",
    view: "full",
    priority: 1,
  });
  await readReports(db, new Set([ID(n)]));
}
const news = () => rows.value.filter((row) => row.unseen).map((row) => row.id);

test("what a first pull brings is no news, and what comes after it is, in the same session", async () => {
  const db = await openAccount("rocio");
  await readRows(db);
  await writeMeta(db, "feed:mailbox", { side: "a", since: "m1.1", shadow: null, page: 100 });
  await comes(db, 1, 7);
  expect(news()).toEqual([]);
  await comes(db, 2, 8);
  expect(news()).toEqual([ID(2)]);
  await look(db, ID(2));
  expect(news()).toEqual([]);
  // Looked at once, a later change is a change and nothing new.
  await comes(db, 2, 9);
  expect(rows.value.find((row) => row.id === ID(2))).toMatchObject({ changed: true, unseen: false });
});

test("one's own work before any pull makes no beginning", async () => {
  const db = await openAccount("rocio");
  await readRows(db);
  await readReports(db, new Set([ID(5)]));
  expect(await db.get("seen", "*")).toBeUndefined();
});
