import { expect, test } from "vitest";
import { readMeta, writeMeta } from "../../../src/app/storage/account.ts";
import { handOverAll } from "../../../src/app/sync/handover.ts";
import { Municipality } from "../../municipality.ts";
import { enrolledPhone, freshStorage, type TestPhone } from "../../phone.ts";

freshStorage();

const NAME = "Ana Robles";
const citizen = { _id: "citizen:1", schema: "citizen.v1", name: NAME } as never;

/** Somebody who took down a neighbour's name and then signed out. */
async function leaver(): Promise<TestPhone> {
  const phone = await enrolledPhone("lupita");
  const saved = await phone.capture();
  const record = (await phone.db.getAll("outbox"))[0];
  if (!record || !saved) throw new Error("nothing was saved");
  await phone.db.put("outbox", { ...record, citizen });
  await phone.db.delete("meta", "session");
  await writeMeta(phone.db, "leaving", true);
  return phone;
}

const everything = async ({ db }: TestPhone): Promise<string> => JSON.stringify(await db.getAll("outbox"));

async function isLeft(phone: TestPhone): Promise<void> {
  expect(await phone.db.count("outbox")).toBe(0);
  expect(await readMeta(phone.db, "key")).toBeUndefined();
  expect(await readMeta(phone.db, "session")).toBeUndefined();
}

test("whoever is on the phone next delivers it, and it is freed without its person coming back", async () => {
  const city = new Municipality();
  const gone = await leaver();
  const next = await enrolledPhone("marta");
  await next.round(city, [gone]);
  expect(city.citizens.size).toBe(1);
  expect(await gone.custody()).toEqual(["received"]);
  city.acknowledge(gone.device);
  await next.round(city, [gone]);
  // Accepted and not yet backed up: it stays, and so does what is needed to ask again.
  expect(await gone.custody()).toEqual(["accepted"]);
  expect(await everything(gone)).toContain(NAME);
  expect(await readMeta(gone.db, "key")).toBeDefined();
  city.backedUp = 9;
  await next.round(city, [gone]);
  await isLeft(gone);
});

test("with nobody left on the phone it is handed over by its own key, which then goes", async () => {
  const city = new Municipality();
  const gone = await leaver();
  await handOverAll([gone], city.line, gone.now, true);
  city.acknowledge(gone.device);
  city.backedUp = 9;
  await handOverAll([gone], city.line, gone.now, true);
  await isLeft(gone);
  const asked = city.log.find(({ path }) => path === "/api/session");
  expect(asked?.body).toMatchObject({ hand_over: true });
  expect(city.log.some(({ path }) => path.includes("/mailbox/"))).toBe(false);
});

test("a restored municipality gets it again before anything is freed", async () => {
  const city = new Municipality();
  const gone = await leaver();
  await handOverAll([gone], city.line, gone.now, true);
  city.acknowledge(gone.device);
  await handOverAll([gone], city.line, gone.now, true);
  city.epoch = "epoch-2";
  city.changes.mailbox.length = 0;
  await handOverAll([gone], city.line, gone.now, true);
  expect(await gone.custody()).toEqual(["saved"]);
  await handOverAll([gone], city.line, gone.now, true);
  expect(city.inbox).toHaveLength(2);
  expect(await everything(gone)).toContain(NAME);
});

test("a leaver whose key the municipality no longer knows holds up nobody's round, and loses nothing", async () => {
  const city = new Municipality();
  const gone = await leaver();
  await gone.db.delete("meta", "key");
  const next = await enrolledPhone("marta");
  expect(await next.round(city, [gone])).not.toBeNull();
  expect(await everything(gone)).toContain(NAME);
});
