import { expect, test } from "vitest";
import type { AccountStore } from "../../../src/app/storage/account.ts";
import {
  dropPicture,
  emptyPictures,
  keepPicture,
  pictureChecked,
  picturesToCheck,
  takePicture,
} from "../../../src/app/storage/pictures.ts";
import { pull } from "../../../src/app/sync/pull.ts";
import { Municipality } from "../../municipality.ts";
import { enrolledPhone, freshStorage, HASH } from "../../phone.ts";

freshStorage();

const ONE = "01936f5a-0000-7000-8000-00000000000a";
const TWO = "01936f5a-0000-7000-8000-00000000000b";
const A = HASH("a");
const B = HASH("b");
const copy = (id: string, ...hashes: string[]) => ({
  _id: `report:${id}`,
  schema: "report.v1",
  status: "captured",
  version: 1,
  evidence: hashes.map((sha256) => ({ sha256, verdict: "ok" })),
});
const bytes = (size = 4) => new Uint8Array(size).buffer;
const held = async (db: AccountStore): Promise<string[]> => {
  const keys = await db.getAllKeys("pictures");
  expect(await db.getAllKeys("picture-bytes")).toEqual(keys);
  return keys;
};

/** A phone that holds the reports given, and a picture of each of their hashes. */
async function withPictures(city: Municipality, reports: Record<string, string[]>) {
  const { db } = await enrolledPhone();
  for (const [id, hashes] of Object.entries(reports)) city.put("mailbox", copy(id, ...hashes));
  await pull(db, city.line, "mailbox");
  for (const [report, hashes] of Object.entries(reports)) {
    for (const sha256 of hashes) {
      expect(await keepPicture(db, { sha256, width: 320, report }, bytes(), 1)).toBe(true);
    }
  }
  return db;
}

test("a copy that leaves takes its pictures along, and no other's", async () => {
  const city = new Municipality();
  const db = await withPictures(city, { [ONE]: [A], [TWO]: [B] });
  city.remove("mailbox", `report:${ONE}`);
  await pull(db, city.line, "mailbox");
  expect(await held(db)).toEqual([`${B}/320`]);
});

test("a copy that no longer names a photo takes that picture along", async () => {
  const city = new Municipality();
  const db = await withPictures(city, { [ONE]: [A, B] });
  city.put("mailbox", { ...copy(ONE, B), version: 2 });
  await pull(db, city.line, "mailbox");
  expect(await held(db)).toEqual([`${B}/320`]);
});

test("a picture that two reports name stays until neither does", async () => {
  const city = new Municipality();
  const db = await withPictures(city, { [ONE]: [A], [TWO]: [A] });
  city.remove("mailbox", `report:${ONE}`);
  await pull(db, city.line, "mailbox");
  expect(await held(db)).toEqual([`${A}/320`]);
  city.remove("mailbox", `report:${TWO}`);
  await pull(db, city.line, "mailbox");
  expect(await held(db)).toEqual([]);
});

test("a new mailbox without the copy leaves no picture, one that still names it keeps it", async () => {
  const city = new Municipality();
  const db = await withPictures(city, { [ONE]: [A], [TWO]: [B] });
  city.feeds.mailbox = "m2";
  city.changes.mailbox.length = 0;
  city.put("mailbox", copy(TWO, B));
  await pull(db, city.line, "mailbox");
  expect(await held(db)).toEqual([`${B}/320`]);
});

test("a picture that arrives after its copy has gone is not kept", async () => {
  const city = new Municipality();
  const db = await withPictures(city, { [ONE]: [A] });
  city.remove("mailbox", `report:${ONE}`);
  await pull(db, city.line, "mailbox");
  expect(await keepPicture(db, { sha256: A, width: 1280, report: ONE }, bytes(), 2)).toBe(false);
  expect(await held(db)).toEqual([]);
});

test("what was looked at longest ago leaves first where there is no room", async () => {
  const city = new Municipality();
  const db = await withPictures(city, { [ONE]: [A, B] });
  await takePicture(db, A, 320, 5);
  await keepPicture(db, { sha256: A, width: 1280, report: ONE }, bytes(6), 6, 10);
  expect(await held(db)).toEqual([`${A}/1280`, `${A}/320`]);
});

test("asked about in their turn; a refusal takes every width", async () => {
  const city = new Municipality();
  const db = await withPictures(city, { [ONE]: [A, B] });
  await keepPicture(db, { sha256: A, width: 1280, report: ONE }, bytes(), 2);
  expect(await picturesToCheck(db, 10, 1)).toEqual([A]);
  await pictureChecked(db, A, 20);
  expect(await picturesToCheck(db, 10, 9)).toEqual([B]);
  await dropPicture(db, A);
  expect(await held(db)).toEqual([`${B}/320`]);
  await emptyPictures(db);
  expect(await held(db)).toEqual([]);
});
