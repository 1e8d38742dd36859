/** Whole rounds against a municipality whose line fails in every way it can. In every one: nothing lost, nothing twice. */
import { describe, expect, test } from "vitest";
import { openStore, readMeta, writeMeta } from "../../../src/app/storage/account.ts";
import { onRing, type Ring } from "../../../src/app/storage/bell.ts";
import { HOLD_MS } from "../../../src/app/sync/custody.ts";
import { Trouble } from "../../../src/app/sync/request.ts";
import { type Fault, Municipality } from "../../municipality.ts";
import { enrolledPhone, freshStorage, HASH, TestPhone } from "../../phone.ts";

freshStorage();

const distinct = (city: Municipality): number => new Set(city.inbox.map((event) => event._id)).size;
const path = (end: string) => (asked: { path: string }) => asked.path.endsWith(end);

test("a capture with citizen and photo leaves: text first, then the photo, then it is freed when backed up", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  await phone.capture({ citizen: { name: "Rosa" }, photos: [await phone.photo("a1")] });
  const result = await phone.round(city);
  expect(result).toMatchObject({ received: 1, photos: 1 });
  expect(city.citizens.size).toBe(1);
  const pushed = city.log.findIndex(path("_bulk_docs"));
  const uploaded = city.log.findIndex((asked) => asked.path.startsWith("/sync/evidence"));
  expect(pushed).toBeLessThan(uploaded);
  expect([...city.uploads.keys()]).toEqual([HASH("a")]);
  expect(await phone.custody()).toEqual(["received"]);

  city.acknowledge(phone.device);
  await phone.round(city);
  expect(await phone.custody()).toEqual(["accepted"]);
  expect(await phone.db.count("bytes")).toBe(1);

  city.backedUp = 1;
  await phone.round(city);
  expect(await phone.custody()).toEqual(["freed"]);
  expect(await phone.db.count("bytes")).toBe(0);
  const [record] = await phone.db.getAll("outbox");
  expect(record?.folio).toBe("HMO-000001");
  expect(record?.citizen).toBeUndefined();
});

test("an event and a photo that only a page of the acknowledgement lists are freed as well", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  await phone.capture({ photos: [await phone.photo("a1")] });
  await phone.round(city);
  city.acknowledge(phone.device);
  const listed = city.changes.mailbox.at(-1)?.doc;
  if (listed) city.put("mailbox", { ...listed, _id: `ack:${phone.device}:1` });
  city.acknowledge(phone.device, { through: 1, items: [], photos: [] });
  city.backedUp = 1;
  await phone.round(city);
  await phone.round(city);
  expect(await phone.custody()).toEqual(["freed"]);
  expect((await phone.db.getAll("outbox"))[0]).toMatchObject({ admission: 1, folio: "HMO-000001" });
});

test("pages that came before the line broke are told to the screens", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  for (let n = 0; n < 3_000; n++) city.put("reference", { _id: `type:t${n}`, name: "Lámpara" });
  let pages = 0;
  city.fail("dropped", ({ path }) => path.startsWith("/sync/reference") && pages++ === 1);
  const heard: Ring[] = [];
  onRing((bell) => heard.push(bell));
  await expect(phone.round(city)).rejects.toMatchObject({ code: "offline" });
  const held = (await phone.db.getAllKeys("reference-a")) as string[];
  expect(held.length).toBeGreaterThan(0);
  expect(held.length).toBeLessThan(3_000);
  const told = heard.filter((bell) => bell.what === "reference").flatMap((bell) => bell.ids ?? []);
  expect(told.sort()).toEqual(held.sort());
});

test("an idle round is one request under 1 KB", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  await phone.round(city);
  city.log.length = 0;
  await phone.round(city);
  expect(city.log.map((asked) => asked.path)).toEqual(["/sync/checkin"]);
  expect(JSON.stringify(city.log[0]?.body).length).toBeLessThan(600);
});

const faults: [string, Fault["answer"], Fault["when"]][] = [
  ["lost_request", "dropped", "before"],
  ["lost_reply", "dropped", "after"],
  ["error_500", { status: 500, body: { error: "internal" } }, "before"],
  ["error_500_after_taking_effect", { status: 500 }, "after"],
  ["overloaded_503", { status: 503, headers: { "Retry-After": "30" } }, "before"],
  ["captive_portal", "html", "before"],
  ["garbage_after_taking_effect", "html", "after"],
  ["session_ended_401", { status: 401, body: { error: "session_expired" } }, "before"],
];

describe.each(faults)("%s at any request of a day's work", (_name, answer, when) => {
  test("converges, nothing lost, nothing twice", async () => {
    // Loop n over every request of the faultless run.
    for (let n = 0; n < 14; n++) {
      const city = new Municipality();
      const phone = await enrolledPhone(`lupita-${n}`);
      let seen = 0;
      city.fail(answer, () => seen++ === n, when);
      const { report } = await phone.capture({
        photos: [await phone.photo("a1")],
        citizen: { phone: "6621234567" },
      });
      await phone.capture({
        subject: report,
        kind: "noted",
        payload: { text: "ya" },
        position: { source: "none" },
      });
      for (let round = 0; round < 4; round++) {
        try {
          await phone.round(city);
        } catch (error) {
          expect(error, `fault at request ${n}`).toBeInstanceOf(Trouble);
        }
        city.acknowledge(phone.device);
      }
      city.faults = [];
      city.backedUp = 99;
      await phone.round(city);
      expect(distinct(city), `fault at request ${n}`).toBe(2);
      expect(city.citizens.size).toBe(1);
      expect(city.uploads.get(HASH("a"))?.bytes).toEqual([1, 2, 3, 4]);
      expect(await phone.custody(), `fault at request ${n}`).toEqual(["freed", "freed"]);
    }
  });
});

test("the Retry-After of a 503 reaches whoever plans the next round", async () => {
  const city = new Municipality();
  city.fail({ status: 503, headers: { "Retry-After": "30" } }, path("checkin"));
  const phone = await enrolledPhone();
  await expect(phone.round(city)).rejects.toMatchObject({ code: "busy", retryAfter: 30_000 });
});

test("a silent line is cut after its patience, and is a time-out", async () => {
  const city = new Municipality();
  city.fail("silence", path("_bulk_docs"));
  const phone = await enrolledPhone();
  await phone.capture();
  const round = phone.round(city);
  const outcome = expect(round).rejects.toMatchObject({ code: "timeout" });
  while (!city.log.some(path("_bulk_docs"))) await new Promise((resolve) => setImmediate(resolve));
  for (const wait of [...city.waits]) wait.call();
  await outcome;
  expect(await phone.custody()).toEqual(["saved"]);
});

test("a session that ended weeks ago costs one renewal", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone("lupita", "ancient");
  await phone.capture();
  await phone.round(city);
  expect(await phone.custody()).toEqual(["received"]);
  expect(city.log.filter(path("/api/session"))).toHaveLength(1);
  expect((await readMeta(phone.db, "session"))?.token).toBe(city.token);
});

test("a device the server no longer knows needs to enrol again, and keeps everything", async () => {
  const city = new Municipality();
  city.fail(
    { status: 404, body: { error: "device_unknown", message: "Pida un código nuevo." } },
    path("challenge"),
    "before",
    9,
  );
  const phone = await enrolledPhone("lupita", "ancient");
  await phone.capture();
  await expect(phone.round(city)).rejects.toMatchObject({ code: "needs_enrol" });
  expect(await phone.custody()).toEqual(["saved"]);
});

test("a revoked device hands over its text and pulls nothing", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  await writeMeta(phone.db, "session", { token: city.token, expires_at: "", limited: true });
  await phone.capture();
  await phone.round(city);
  expect(await phone.custody()).toEqual(["received"]);
  expect(city.log.some(path("_changes"))).toBe(false);
});

test("any session delivers another account's work: text before photos, chain intact", async () => {
  const city = new Municipality();
  const lupita = await enrolledPhone("lupita");
  const db = await openStore("beto");
  const beto = new TestPhone("beto", db, lupita.phone);
  const other = await enrolledPhone("beto-key");
  await writeMeta(db, "key", { ...(await readMeta(other.db, "key"))!, account: "beto", device: beto.device });
  await beto.capture({ photos: [await beto.photo("c1")] });
  await lupita.capture({ photos: [await lupita.photo("a1")] });
  expect(await lupita.round(city, [beto])).toMatchObject({ received: 2, photos: 2 });
  expect(await beto.custody()).toEqual(["received"]);
  expect(city.log.every((asked) => asked.token === null || asked.token === city.token)).toBe(true);
});

test("a restored server: all that is still held goes out again, and old words free nothing", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  await phone.capture({ photos: [await phone.photo("a1")] });
  await phone.round(city);
  city.acknowledge(phone.device);
  await phone.round(city);
  expect(await phone.custody()).toEqual(["accepted"]);

  // Restored from before the capture: nothing of it is there, numbers start lower, backups reach far.
  city.epoch = "epoch-2";
  city.feeds.mailbox = "m2";
  city.changes.mailbox.length = 0;
  city.inbox.length = 0;
  city.uploads.clear();
  city.backedUp = 500;
  await phone.round(city);
  expect(await phone.custody()).toEqual(["received"]);
  expect(distinct(city)).toBe(1);
  expect(city.uploads.size).toBe(1);
  expect(await phone.db.count("bytes")).toBe(1);

  city.acknowledge(phone.device);
  await phone.round(city);
  expect(await phone.custody()).toEqual(["freed"]);
});

test("without backups an item is kept 72 hours of the server's clock, whatever the phone's says", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  await phone.capture();
  await phone.round(city);
  city.acknowledge(phone.device);
  await phone.round(city);
  phone.at += 365 * 86_400_000;
  await phone.round(city);
  expect(await phone.custody()).toEqual(["accepted"]);
  city.time = new Date(Date.parse(city.time) + HOLD_MS).toISOString();
  await phone.round(city);
  expect(await phone.custody()).toEqual(["freed"]);
});

test("a refused event says why, stays, and holds up nothing", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  const bad = await phone.capture();
  await phone.capture();
  city.refuse.set(`event:${bad.report}:${bad.uuid}`, { error: "event_form", message: "No se entendió." });
  await phone.round(city);
  expect(await phone.custody()).toEqual(["refused", "received"]);
  expect((await phone.db.get("outbox", bad.uuid))?.why).toMatchObject({
    code: "event_form",
    message: "No se entendió.",
  });
});

test("one bad photo blocks nothing: it is counted, urgent ones go first", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  await phone.capture({ photos: [await phone.photo("a1"), await phone.photo("b1")] });
  await phone.capture({ photos: [await phone.photo("c1")], urgent: true });
  city.fail(
    { status: 422, body: { error: "photo_type_unknown", message: "No es una foto." } },
    (asked) => asked.method === "PATCH" && asked.path.endsWith(HASH("a")),
    "before",
    9,
  );
  expect(await phone.round(city)).toMatchObject({ photos: 2, photosFailed: 1 });
  expect([...city.uploads.keys()][0]).toBe(HASH("c"));
  expect(await phone.db.get("photos", "a1")).toMatchObject({
    state: "ready",
    failures: 1,
    why: { message: "No es una foto." },
  });
});

test("a cut upload goes on where it was", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  const id = await phone.photo("a1", true, { size: 300_000 });
  await phone.db.put("bytes", new Uint8Array(300_000).fill(7).buffer, id);
  await phone.capture({ photos: [id] });
  let patches = 0;
  city.fail("dropped", (asked) => asked.method === "PATCH" && ++patches === 2);
  await expect(phone.round(city)).rejects.toMatchObject({ code: "offline" });
  const half = city.uploads.get(HASH("a"))?.offset ?? 0;
  expect(half).toBeGreaterThan(0);
  expect(half).toBeLessThan(300_000);
  await phone.round(city);
  expect(city.uploads.get(HASH("a"))?.bytes).toHaveLength(300_000);
  expect(city.log.filter((asked) => asked.method === "POST" && asked.path === "/sync/evidence")).toHaveLength(
    1,
  );
});

test.each([423, 409])(
  "an upload that an earlier request still holds (%i) goes on later where it was",
  async (status) => {
    const city = new Municipality();
    const phone = await enrolledPhone();
    const id = await phone.photo("a1", true, { size: 300_000 });
    await phone.db.put("bytes", new Uint8Array(300_000).fill(7).buffer, id);
    await phone.capture({ photos: [id, await phone.photo("b1")] });
    let patches = 0;
    city.fail(
      { status, body: { error: "upload_busy", message: "La foto ya se está enviando." } },
      (asked) => asked.method === "PATCH" && asked.path.endsWith(HASH("a")) && ++patches === 2,
    );
    await expect(phone.round(city)).rejects.toMatchObject({ code: "busy" });
    const waiting = await phone.db.get("photos", id);
    expect(waiting).toMatchObject({ state: "ready" });
    expect(waiting?.failures).toBeUndefined();
    expect(city.uploads.get(HASH("b"))?.bytes).toHaveLength(city.uploads.get(HASH("b"))?.offset ?? -1);
    await phone.round(city);
    expect(city.uploads.get(HASH("a"))?.bytes).toHaveLength(300_000);
    expect(
      city.log.filter((asked) => asked.method === "POST" && asked.path === "/sync/evidence"),
    ).toHaveLength(2);
  },
);

test("two tabs: one round at a time", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  await phone.capture();
  const results = await Promise.all([phone.round(city), phone.round(city)]);
  expect(results.filter((result) => result === null)).toHaveLength(1);
  expect(city.inbox).toHaveLength(1);
});

test("a carried file goes once the municipality has it, and stays while it has not", async () => {
  const city = new Municipality();
  const phone = await enrolledPhone();
  await phone.phone.put("couriers", {
    id: "1",
    bytes: new TextEncoder().encode("{}").buffer,
    carried_at: phone.said(),
  });
  city.fail("dropped", path("/api/courier"));
  await expect(phone.round(city)).rejects.toBeInstanceOf(Trouble);
  expect(await phone.phone.count("couriers")).toBe(1);
  await phone.round(city);
  expect(await phone.phone.count("couriers")).toBe(0);
});
