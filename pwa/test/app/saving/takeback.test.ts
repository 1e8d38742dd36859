/** Taking back: nothing is left of what cannot have left the phone, and nothing is taken of what may have. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Drafts } from "../../../src/app/saving/drafts.ts";
import { type Deed, saveAll } from "../../../src/app/saving/save.ts";
import { SLIP_MS, UNDO_MS } from "../../../src/app/saving/slip.ts";
import { copyBack, takeBack } from "../../../src/app/saving/takeback.ts";
import { seal } from "../../../src/app/sealer/sealer.ts";
import { readMeta } from "../../../src/app/storage/account.ts";
import { offer, pending } from "../../../src/app/sync/push.ts";
import { canonical, sha256 } from "../../../src/shared/canonical.ts";
import type { Event } from "../../../src/shared/documents.ts";
import { uuid7 } from "../../../src/shared/uuid7.ts";
import { Municipality } from "../../municipality.ts";
import { enrolledPhone, freshStorage, type TestPhone } from "../../phone.ts";

freshStorage();

const CAPTURE = { undo: { ms: UNDO_MS, hold: false } };
const HELD = { undo: { ms: SLIP_MS, hold: true } };
const body = { type: "lamp", text: "Parpadea", name: "Eva Ruiz" };

/** A capture written on a draft with one photo and a neighbour. */
async function written(phone: TestPhone, more: Partial<Deed> = {}) {
  const draft = { key: "capture", body, photos: ["a1"], updated_at: "" };
  await phone.db.put("drafts", draft);
  return phone.capture({
    ...CAPTURE,
    photos: [await phone.photo("a1")],
    citizen: { name: "Eva Ruiz" },
    draft: "capture",
    ...more,
  });
}

async function act(phone: TestPhone, report: string, more: Partial<Deed> = {}) {
  phone.at += 1000;
  const deed: Deed = {
    kind: "noted",
    subject: report,
    payload: { text: "va" },
    position: { source: "none" },
    photos: [],
    based_on: [],
    urgent: false,
    type: "lamp",
    ...HELD,
    ...more,
  };
  const [saved] = await saveAll(phone.db, phone.author, [deed], phone.at);
  return saved as { report: string; uuid: string };
}

async function expectChain(events: Event[]): Promise<void> {
  const inOrder = [...events].sort((a, b) => a.device_seq - b.device_seq);
  let prev: string | null = null;
  for (const [i, event] of inOrder.entries()) {
    expect([event.device_seq, event.prev]).toEqual([i + 1, prev]);
    prev = await sha256(canonical(event));
  }
}

const sealed = async ({ db }: TestPhone) =>
  (await db.getAll("outbox")).map(({ event }) => event).filter((event) => event !== undefined);

test("a capture that never left is a draft again, whole, and nothing of it stays", async () => {
  const phone = await enrolledPhone();
  const saved = await written(phone);
  await act(phone, saved.report, {
    kind: "amended",
    payload: { place_corrected: true },
    undo: { ms: 1, hold: false },
  });
  await seal(phone.db, phone.now);
  expect(await sealed(phone)).toHaveLength(2);
  expect(await takeBack(phone.db, [saved.uuid])).toEqual(["capture"]);
  expect(await phone.db.getAll("outbox")).toEqual([]);
  expect(await readMeta(phone.db, "chain")).toEqual({ seq: 0, prev: null });
  expect(await phone.db.get("drafts", "capture")).toMatchObject({ body, photos: ["a1"] });
  expect(await phone.db.get("photos", "a1")).toMatchObject({ event: null, state: "ready" });
  const city = new Municipality();
  await phone.round(city);
  expect([city.inbox.length, city.citizens.size, city.uploads.size]).toEqual([0, 0, 0]);
});

test("a form given back keeps what is typed on it, and is saved again as a report of its own", async () => {
  for (const left of [false, true]) {
    const phone = await enrolledPhone(`ana-${left}`);
    const first = await written(phone);
    if (left) await phone.round(new Municipality());
    const key = left
      ? await copyBack(phone.db, first.uuid, phone.now())
      : (await takeBack(phone.db, [first.uuid]))?.[0];
    const typed = { ...body, text: "Parpadea y zumba" };
    const photos = (await phone.db.get("drafts", key ?? ""))?.photos ?? [];
    await new Drafts(phone.db, phone.now, () => undefined).save(key ?? "", typed, photos);
    expect(await phone.db.get("drafts", key ?? "")).toMatchObject({ body: typed });
    const second = await phone.capture({ ...CAPTURE, photos, draft: key ?? "" });
    expect(second.already).toBeUndefined();
    expect((await phone.db.getAll("outbox")).map(({ uuid }) => uuid)).toEqual(
      left ? [first.uuid, second.uuid] : [second.uuid],
    );
    expect(await phone.db.get("photos", photos[0] ?? "")).toMatchObject({ event: second.uuid });
  }
});

test("the last keystrokes come back too, though the store had not got them", async () => {
  const phone = await enrolledPhone();
  const typed = {
    key: "capture",
    body: { ...body, text: "Parpadea de noche" },
    photos: ["a1"],
    updated_at: "",
  };
  const saved = await written(phone, { typed });
  await takeBack(phone.db, [saved.uuid]);
  expect(await phone.db.get("drafts", "capture")).toEqual(typed);
});

test("what was sealed after it is sealed anew: the chain closes without a gap", async () => {
  const phone = await enrolledPhone();
  await phone.capture();
  const saved = await written(phone);
  const other = await phone.capture();
  await seal(phone.db, phone.now);
  await takeBack(phone.db, [saved.uuid]);
  expect((await sealed(phone)).map((event) => event.device_seq)).toEqual([1]);
  await seal(phone.db, phone.now);
  const events = await sealed(phone);
  await expectChain(events);
  expect(events.map((event) => event._id)).toContain(`event:${other.report}:${other.uuid}`);
});

test("what may have left is not touched: its answer was lost, or it is in a file", async () => {
  for (const leave of [
    async (phone: TestPhone) => {
      const city = new Municipality();
      city.fail("dropped", ({ path }) => path.endsWith("_bulk_docs"), "after");
      await expect(phone.round(city)).rejects.toMatchObject({ code: "offline" });
      expect(city.inbox).toHaveLength(1);
    },
    async (phone: TestPhone) => {
      await offer(phone.db, await pending(phone.db));
    },
  ]) {
    const phone = await enrolledPhone(`rosa-${Math.random().toString(36).slice(2)}`);
    const saved = await written(phone);
    await seal(phone.db, phone.now);
    await leave(phone);
    const before = await phone.db.getAll("outbox");
    expect(await takeBack(phone.db, [saved.uuid])).toBeNull();
    expect(await phone.db.getAll("outbox")).toEqual(before);
  }
});

test("what was read to be sent and then taken back is not sent", async () => {
  const phone = await enrolledPhone();
  const saved = await written(phone);
  await phone.capture(CAPTURE);
  await seal(phone.db, phone.now);
  const read = await pending(phone.db);
  await takeBack(phone.db, [saved.uuid]);
  expect(await offer(phone.db, read)).toEqual([]);
});

test("a capture that may have left comes back as a copy: its own photo stays its own", async () => {
  const phone = await enrolledPhone();
  const saved = await written(phone);
  await phone.round(new Municipality());
  const key = (await copyBack(phone.db, saved.uuid, phone.now())) ?? "";
  // The old one has become the report that left, in whatever window still shows it.
  expect(key).toMatch(/^capture:./);
  const draft = await phone.db.get("drafts", key);
  const [copy] = draft?.photos ?? [];
  expect([draft?.body, draft?.photos.length, copy === "a1"]).toEqual([body, 1, false]);
  expect(await phone.db.get("photos", "a1")).toMatchObject({ event: saved.uuid, state: "uploaded" });
  expect(await phone.db.get("photos", copy ?? "")).toMatchObject({ event: null, state: "ready" });
  expect(await phone.db.get("bytes", copy ?? "")).toEqual(await phone.db.get("bytes", "a1"));
});

test("another act waits for a second thought, no longer than its seconds", async () => {
  const phone = await enrolledPhone();
  const saved = await act(phone, uuid7(phone.at));
  expect(await seal(phone.db, phone.now)).toEqual({ sealed: 0, wait: SLIP_MS, held: true });
  phone.at += SLIP_MS - 1;
  expect(await takeBack(phone.db, [saved.uuid])).toEqual([]);
  expect(await phone.db.count("outbox")).toBe(0);
  await act(phone, uuid7(phone.at));
  phone.at += SLIP_MS;
  expect(await seal(phone.db, phone.now)).toEqual({ sealed: 1, wait: null });
  expect((await phone.db.getAll("outbox"))[0]?.undo).toBeUndefined();
});

test("whatever is saved after it, leaving the app, and a clock set back end its wait", async () => {
  const ends: ((phone: TestPhone) => Promise<boolean | undefined>)[] = [
    async (phone) => {
      await phone.capture({ urgent: true });
      return undefined;
    },
    async () => true,
    async (phone) => {
      phone.at -= 3_600_000;
      return undefined;
    },
  ];
  for (const end of ends) {
    const phone = await enrolledPhone(`luz-${Math.random().toString(36).slice(2)}`);
    await act(phone, uuid7(phone.at));
    const release = await end(phone);
    const all = await phone.db.count("outbox");
    expect((await seal(phone.db, phone.now, release)).sealed).toBe(all);
  }
});

test("both acts of one touch wait, and are taken back, together", async () => {
  const phone = await enrolledPhone();
  const subject = uuid7(phone.at);
  const about = {
    subject,
    position: { source: "none" as const },
    photos: [],
    based_on: [],
    type: null,
    urgent: false,
  };
  const deeds: Deed[] = [
    { ...about, ...HELD, kind: "verified", payload: { solved: false } },
    { ...about, ...HELD, kind: "reopened", payload: {} },
  ];
  const saved = await saveAll(phone.db, phone.author, deeds, phone.at);
  expect((await seal(phone.db, phone.now)).held).toBe(true);
  await takeBack(
    phone.db,
    saved.map((one) => one.uuid),
  );
  expect(await phone.db.count("outbox")).toBe(0);
});

test("when its seconds are over, the draft's words leave the record", async () => {
  const phone = await enrolledPhone();
  await written(phone);
  await seal(phone.db, phone.now);
  expect(JSON.stringify(await phone.db.getAll("outbox"))).toContain("Parpadea");
  phone.at += UNDO_MS;
  await seal(phone.db, phone.now);
  expect(JSON.stringify(await phone.db.getAll("outbox"))).not.toContain("Parpadea");
});

test("whatever is saved, sent and taken back in whatever order, the municipality gets one chain and nothing taken", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("capture", "act", "seal", "round", "lost", "back", "later"), {
        maxLength: 14,
      }),
      async (steps) => {
        const phone = await enrolledPhone(`p-${Math.random().toString(36).slice(2)}`);
        const city = new Municipality();
        const made: { report: string; uuid: string }[] = [];
        const gone = new Set<string>();
        for (const step of steps) {
          const last = made.at(-1);
          if (step === "capture") made.push(await phone.capture(CAPTURE));
          else if (step === "act" && last) made.push(await act(phone, last.report));
          else if (step === "seal") await seal(phone.db, phone.now);
          else if (step === "round") await phone.round(city);
          else if (step === "later") phone.at += SLIP_MS;
          else if (step === "lost") {
            city.fail("dropped", ({ path }) => path.endsWith("_bulk_docs"), "after");
            await phone.round(city).catch(() => undefined);
            city.faults = [];
          } else if (step === "back" && last) {
            const held = new Set((await phone.db.getAll("outbox")).map(({ uuid }) => uuid));
            if ((await takeBack(phone.db, [last.uuid])) === null) continue;
            const left = new Set((await phone.db.getAll("outbox")).map(({ uuid }) => uuid));
            for (const uuid of held) if (!left.has(uuid)) gone.add(uuid);
            made.pop();
          }
        }
        phone.at += UNDO_MS;
        await phone.round(city);
        const events = [...new Map(city.inbox.map((event) => [event._id, event as Event])).values()];
        await expectChain(events);
        expect(events.filter((event) => gone.has(event._id.split(":")[2] ?? ""))).toEqual([]);
        expect(events).toHaveLength(await phone.db.count("outbox"));
      },
    ),
    { numRuns: 60 },
  );
}, 30_000);
