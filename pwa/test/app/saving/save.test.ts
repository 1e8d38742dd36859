import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { type Deed, saveAll } from "../../../src/app/saving/save.ts";
import { takeBack } from "../../../src/app/saving/takeback.ts";
import { seal } from "../../../src/app/sealer/sealer.ts";
import { readMeta } from "../../../src/app/storage/account.ts";
import type { OutboxRecord } from "../../../src/app/storage/records.ts";
import { uuid7 } from "../../../src/shared/uuid7.ts";
import { enrolledPhone, freshStorage, NOON, type TestPhone } from "../../phone.ts";

freshStorage();

/** "No quedó": the leader's word with a photo, and what opens the work again. */
async function notSolved(phone: TestPhone): Promise<Deed[]> {
  const subject = uuid7(NOON);
  const about = { subject, position: { source: "none" as const }, based_on: ["event:seen"], type: "lamp" };
  await phone.db.put("drafts", { key: `verify:${subject}`, body: {}, photos: ["a1"], updated_at: "" });
  return [
    {
      ...about,
      kind: "verified",
      payload: { solved: false, text: "Sigue apagada" },
      photos: [await phone.photo("a1")],
      urgent: true,
      draft: `verify:${subject}`,
    },
    { ...about, kind: "reopened", payload: {}, photos: [], urgent: true },
  ];
}

const assigned = (count: number): Deed[] =>
  Array.from({ length: count }, () => ({
    kind: "assigned" as const,
    subject: uuid7(NOON),
    payload: { agency: "alumbrado" },
    position: { source: "none" as const },
    photos: [],
    based_on: [],
    urgent: false,
    type: null,
    draft: "assign",
  }));

async function saved({ db }: TestPhone): Promise<OutboxRecord[]> {
  return (await db.getAll("outbox")).sort((a, b) => a.order - b.order);
}

test("two acts of one touch are one strict transaction, in order, the second based on the first", async () => {
  const phone = await enrolledPhone();
  await phone.capture();
  const deeds = await notSolved(phone);
  const opened = vi.spyOn(IDBDatabase.prototype, "transaction");
  const told = await saveAll(phone.db, phone.author, deeds, phone.now());
  const writing = opened.mock.calls.filter(([, mode]) => mode === "readwrite");
  opened.mockRestore();
  expect(writing.map(([, , options]) => options)).toEqual([{ durability: "strict" }]);
  const [, word, reopening] = await saved(phone);
  expect(told.map((one) => one.uuid)).toEqual([word?.uuid, reopening?.uuid]);
  expect([word?.kind, reopening?.kind]).toEqual(["verified", "reopened"]);
  expect([word?.order, reopening?.order]).toEqual([2, 3]);
  expect(word?.raw.based_on).toEqual(["event:seen"]);
  expect(reopening?.raw.based_on).toEqual(["event:seen", word?.id]);
  expect(await phone.db.get("photos", "a1")).toMatchObject({ event: word?.uuid, urgent: true });
  expect(await phone.db.count("drafts")).toBe(0);
  // The sealer gives them the places they were saved in.
  expect(await seal(phone.db, phone.now)).toEqual({ sealed: 3, wait: null });
  expect((await saved(phone)).map(({ event }) => event?.device_seq)).toEqual([1, 2, 3]);
});

test("an incident opened and joined in one touch: the joining names it", async () => {
  const phone = await enrolledPhone();
  const incident = uuid7(NOON);
  const common = {
    position: { source: "none" as const },
    photos: [],
    based_on: [],
    urgent: false,
    type: null,
  };
  const reports = [uuid7(NOON), uuid7(NOON)];
  await saveAll(
    phone.db,
    phone.author,
    [
      { ...common, kind: "incident_opened", subject: incident, payload: { name: "Lluvia", types: [] } },
      ...reports.map(
        (subject): Deed => ({ ...common, kind: "incident_joined", subject, payload: { incident } }),
      ),
    ],
    phone.now(),
  );
  const records = await saved(phone);
  expect(records.map((record) => record.subject)).toEqual([incident, ...reports]);
  // Acts about other reports are no grounds of each other.
  expect(records.map((record) => record.raw.based_on)).toEqual([[], [], []]);
});

test("a transaction that fails anywhere leaves none of the acts, and the draft and photo as they were", async () => {
  for (const store of ["meta", "outbox", "photos", "drafts"]) {
    const phone = await enrolledPhone(`lupita-${store}`);
    await phone.capture();
    const deeds = await notSolved(phone);
    const spies = (["put", "add", "delete"] as const).map((verb) => {
      const real = IDBObjectStore.prototype[verb] as (...args: unknown[]) => IDBRequest;
      return vi.spyOn(IDBObjectStore.prototype, verb).mockImplementation(function (
        this: IDBObjectStore,
        ...args: unknown[]
      ) {
        if (this.name === store) throw new DOMException("no room", "QuotaExceededError");
        return real.apply(this, args) as never;
      });
    });
    await expect(saveAll(phone.db, phone.author, deeds, phone.now())).rejects.toMatchObject({
      name: "QuotaExceededError",
    });
    for (const spy of spies) spy.mockRestore();
    expect(
      (await saved(phone)).map((record) => record.kind),
      store,
    ).toEqual(["captured"]);
    expect(await readMeta(phone.db, "order"), store).toBe(1);
    expect(await phone.db.count("drafts"), store).toBe(1);
    expect(await phone.db.get("photos", "a1"), store).toMatchObject({ event: null });
  }
});

test("killed after any number of writes, all acts are there or none", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 6 }), fc.nat(20), async (count, lives) => {
      globalThis.indexedDB = new IDBFactory();
      const phone = await enrolledPhone();
      const deeds = assigned(count);
      let writes = 0;
      const real = IDBObjectStore.prototype.add as (...args: unknown[]) => IDBRequest;
      const spy = vi.spyOn(IDBObjectStore.prototype, "add").mockImplementation(function (
        this: IDBObjectStore,
        ...args: unknown[]
      ) {
        // The system ends the page: its open transaction is undone.
        if (writes++ === lives) this.transaction.abort();
        return real.apply(this, args) as never;
      });
      const done = await saveAll(phone.db, phone.author, deeds, phone.now()).then(
        () => true,
        () => false,
      );
      spy.mockRestore();
      expect(done).toBe(lives >= count);
      expect((await saved(phone)).map((record) => record.subject)).toEqual(
        done ? deeds.map((deed) => deed.subject) : [],
      );
    }),
    { numRuns: 30 },
  );
});

test("of more photos than an event takes none is lost: the rest follow it, and are taken back with it", async () => {
  const phone = await enrolledPhone();
  const ids = Array.from({ length: 45 }, (_, at) => `p${at}`);
  for (const id of ids) await phone.photo(id, true, { sha256: id.padStart(64, "0") });
  const undo = { ms: 30_000, hold: false };
  const asked = { photos: ids, draft: "capture:1", undo };
  await phone.db.put("drafts", { key: "capture:1", body: {}, photos: ids, updated_at: "" });
  const told = await phone.capture(asked);
  expect((await saved(phone)).map(({ kind, photos }) => [kind, photos.length])).toEqual([
    ["captured", 20],
    ["evidence_added", 20],
    ["evidence_added", 5],
  ]);
  // The other window of the same draft adds none of them either.
  expect(await phone.capture(asked)).toEqual({ ...told, already: true });
  await seal(phone.db, phone.now);
  const events = (await saved(phone)).map(({ event }) => event);
  expect(events.map((event) => event?.photos.length)).toEqual([20, 20, 5]);
  expect(events.map((event) => (event?.payload as { of?: string } | undefined)?.of)).toEqual([
    undefined,
    events[0]?._id,
    events[0]?._id,
  ]);
  expect(await takeBack(phone.db, [told.uuid])).toEqual(["capture:1"]);
  expect(await saved(phone)).toEqual([]);
  expect((await phone.db.get("drafts", "capture:1"))?.photos).toEqual(ids);
});
