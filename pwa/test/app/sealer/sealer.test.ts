import schema from "@schemas/event.v1.json" with { type: "json" };
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { seal } from "../../../src/app/sealer/sealer.ts";
import { readMeta } from "../../../src/app/storage/account.ts";
import { fromBase64Url } from "../../../src/shared/base64.ts";
import { canonical, sha256 } from "../../../src/shared/canonical.ts";
import type { Event } from "../../../src/shared/documents.ts";
import { enrolledPhone, freshStorage, HASH, type TestPhone } from "../../phone.ts";

freshStorage();
const isEvent = new Ajv2020({ strict: false }).compile(schema);

async function sealedEvents({ db }: TestPhone): Promise<Event[]> {
  const events = (await db.getAll("outbox"))
    .map((record) => record.event)
    .filter((event) => event !== undefined);
  return events.sort((a, b) => a.device_seq - b.device_seq);
}

async function expectChain(phone: TestPhone, events: Event[]): Promise<void> {
  const key = await readMeta(phone.db, "key");
  const verifier = await crypto.subtle.importKey(
    "jwk",
    key?.public_key as JsonWebKey,
    { name: "ECDSA", namedCurve: "P-256" },
    false,
    ["verify"],
  );
  let prev: string | null = null;
  for (const [i, event] of events.entries()) {
    expect(isEvent(event), JSON.stringify(isEvent.errors)).toBe(true);
    expect(event.device_seq).toBe(i + 1);
    expect(event.prev).toBe(prev);
    const { sig, ...signed } = event;
    const bytes = fromBase64Url(sig);
    expect(
      await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, verifier, bytes, canonical(signed)),
    ).toBe(true);
    prev = await sha256(canonical(event));
  }
}

test("events are numbered, chained and signed in the order of saving, and are valid events", async () => {
  const phone = await enrolledPhone();
  const first = await phone.capture({ citizen: { name: "Rosa", phone: "662 123 4567" } });
  await phone.capture({
    subject: first.report,
    kind: "noted",
    payload: { text: "sigue\u0007 igual" },
    position: { source: "none" },
  });
  await phone.capture({ photos: [await phone.photo("a1")] });
  expect(await seal(phone.db, phone.now)).toEqual({ sealed: 3, wait: null });
  const events = await sealedEvents(phone);
  await expectChain(phone, events);
  expect(events.map((event) => event.kind)).toEqual(["captured", "noted", "captured"]);
  expect(events[1]?.payload).toEqual({ text: "sigue  igual" });
  expect(events[2]?.photos).toEqual([{ sha256: HASH("a"), origin: "camera", bytes: 4, type: "image/jpeg" }]);
  expect(await seal(phone.db, phone.now)).toEqual({ sealed: 0, wait: null });
});

test("two sealers at once leave one chain", async () => {
  const phone = await enrolledPhone();
  for (let i = 0; i < 5; i++) await phone.capture();
  await Promise.all([seal(phone.db, phone.now), seal(phone.db, phone.now), seal(phone.db, phone.now)]);
  const events = await sealedEvents(phone);
  expect(events).toHaveLength(5);
  await expectChain(phone, events);
});

test("a photo not hashed holds the chain ten seconds, then follows as evidence_added", async () => {
  const phone = await enrolledPhone();
  const saved = await phone.capture({ photos: [await phone.photo("b1", false), await phone.photo("a1")] });
  await phone.capture();
  expect(await seal(phone.db, phone.now)).toEqual({ sealed: 0, wait: 9000 });
  phone.at += 9000;
  expect((await seal(phone.db, phone.now)).sealed).toBe(2);
  expect((await sealedEvents(phone))[0]?.photos.map((photo) => photo.sha256)).toEqual([HASH("a")]);
  // Still not hashed: nothing more to seal, and nothing waits on a timer.
  phone.at += 60_000;
  await phone.capture();
  expect(await seal(phone.db, phone.now)).toEqual({ sealed: 1, wait: null });
  await phone.photo("b1", true, { event: (await phone.db.get("photos", "b1"))?.event ?? null });
  expect((await seal(phone.db, phone.now)).sealed).toBe(1);
  const events = await sealedEvents(phone);
  await expectChain(phone, events);
  expect(events[3]).toMatchObject({
    kind: "evidence_added",
    payload: { of: `event:${saved.report}:${saved.uuid}` },
    photos: [{ sha256: HASH("b") }],
  });
});

test("a clock set back does not hold a photo's event for ever", async () => {
  const phone = await enrolledPhone();
  await phone.capture({ photos: [await phone.photo("b1", false)] });
  phone.at -= 365 * 86_400_000;
  expect((await seal(phone.db, phone.now)).sealed).toBe(1);
});

test("a broken photo is left out and does not hold its event", async () => {
  const phone = await enrolledPhone();
  await phone.capture({ photos: [await phone.photo("b1", false, { state: "broken" })] });
  expect((await seal(phone.db, phone.now)).sealed).toBe(1);
  expect((await sealedEvents(phone))[0]?.photos).toEqual([]);
});

test("without a key nothing is sealed and nothing is lost", async () => {
  const phone = await enrolledPhone();
  await phone.db.delete("meta", "key");
  await phone.capture();
  expect(await seal(phone.db, phone.now)).toEqual({ sealed: 0, wait: null });
  expect(await phone.custody()).toEqual(["saved"]);
});

test("killed between signing and writing at any event, the chain has no gap", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 3 }), async (kill) => {
      const phone = await enrolledPhone(`lupita-${kill}-${Math.random().toString(36).slice(2)}`);
      for (let i = 0; i < 4; i++) await phone.capture();
      const real = crypto.subtle.sign.bind(crypto.subtle);
      let signed = 0;
      const spy = vi.spyOn(crypto.subtle, "sign").mockImplementation(async (...args) => {
        const signature = await real(...args);
        if (signed++ === kill) throw new Error("killed");
        return signature;
      });
      await expect(seal(phone.db, phone.now)).rejects.toThrow("killed");
      spy.mockRestore();
      await seal(phone.db, phone.now);
      const events = await sealedEvents(phone);
      expect(events).toHaveLength(4);
      await expectChain(phone, events);
    }),
    { numRuns: 4, endOnFailure: true },
  );
});
