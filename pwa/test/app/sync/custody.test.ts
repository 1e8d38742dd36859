import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CustodyState, OutboxRecord, PhotoRecord } from "../../../src/app/storage/records.ts";
import {
  acknowledged,
  HOLD_MS,
  isFreeable,
  isWaiting,
  judged,
  nextCustody,
  pendingAgain,
  photoPendingAgain,
} from "../../../src/app/sync/custody.ts";
import type { Ack, Event } from "../../../src/shared/documents.ts";

const DEVICE = "lupita~3f2b8c1e-9d54-4c06-8a37-5b1f0e6d7c21";
const T0 = "2026-11-22T16:00:00.000Z";
const later = (ms: number): string => new Date(Date.parse(T0) + ms).toISOString();

function record(change: Partial<OutboxRecord> = {}): OutboxRecord {
  return {
    uuid: "u",
    id: "event:r:u",
    subject: "r",
    kind: "captured",
    actor: "lupita",
    role: "block_leader",
    order: 1,
    saved_at: T0,
    urgent: false,
    type: "lamp",
    raw: {
      based_on: [],
      position: { source: "none" },
      payload: { text: "" },
      app: "1",
      privacy_notice: null,
    },
    photos: [],
    custody: "received",
    event: { _id: "event:r:u", device: DEVICE, device_seq: 7 } as Event,
    ...change,
  };
}

function ack(change: Partial<Ack> = {}): Ack {
  return {
    _id: `ack:${DEVICE}`,
    schema: "ack.v1",
    through: 0,
    gaps: [],
    items: [],
    refused: [],
    quarantined: [],
    photos: [],
    ...change,
  };
}

const photo = (state: PhotoRecord["state"]): PhotoRecord => ({
  id: "p",
  event: "u",
  origin: "camera",
  taken_at: T0,
  state,
  urgent: false,
  sha256: "a".repeat(64),
});

describe("an acknowledgement", () => {
  test("that lists the event accepts it, with its number and folio", () => {
    const next = acknowledged(record(), ack({ items: [["event:r:u", 12, "HMO-000012"]] }), T0);
    expect(next).toMatchObject({ custody: "accepted", admission: 12, folio: "HMO-000012", accepted_at: T0 });
  });
  test.each([
    [7, [], "accepted"],
    [6, [], "received"],
    [9, [[7, 8]], "received"],
    [9, [[8, 8]], "accepted"],
  ] as [number, [number, number][], string][])("through %i with gaps %j: %s", (through, gaps, custody) => {
    expect(acknowledged(record(), ack({ through, gaps }), T0).custody).toBe(custody);
  });
  test("whose lists are full covers nothing but what it lists", () => {
    const why = (n: number) => ({ event: `event:r:${n}`, code: "role_not_allowed", message: "No.", at: T0 });
    const troubles = Array.from({ length: 200 }, (_, n) => why(n));
    const gaps = Array.from({ length: 100 }, (_, n) => [10 + 2 * n, 10 + 2 * n] as [number, number]);
    for (const full of [{ refused: troubles }, { quarantined: troubles }, { gaps }]) {
      expect(acknowledged(record(), ack({ through: 999, ...full }), T0).custody).toBe("received");
      const items: Ack["items"] = [["event:r:u", 12, null]];
      expect(acknowledged(record(), ack({ through: 999, items, ...full }), T0).custody).toBe("accepted");
    }
    expect(acknowledged(record(), ack({ through: 999, refused: troubles.slice(1) }), T0).custody).toBe(
      "accepted",
    );
  });
  test("of another device says nothing by its `through`", () => {
    expect(acknowledged(record(), ack({ _id: "ack:lupita~other", through: 99 }), T0).custody).toBe(
      "received",
    );
  });
  test("that refuses or quarantines says why, and can be taken back by a later one", () => {
    const why = { event: "event:r:u", code: "role_not_allowed", message: "No.", at: T0 };
    const refused = acknowledged(record(), ack({ refused: [why] }), T0);
    expect(refused).toMatchObject({ custody: "refused", why: { code: "role_not_allowed", message: "No." } });
    expect(acknowledged(record(), ack({ quarantined: [why] }), T0).custody).toBe("quarantined");
    const after = acknowledged(refused, ack({ items: [["event:r:u", 3, null]] }), T0);
    expect(after.custody).toBe("accepted");
    expect(after.why).toBeUndefined();
  });
  test("repeated changes nothing", () => {
    const said = ack({ items: [["event:r:u", 12, null]] });
    const once = acknowledged(record(), said, T0);
    expect(acknowledged(once, said, later(1000))).toBe(once);
  });
  test("says the verdict on a photo", () => {
    const sha256 = "a".repeat(64);
    expect(judged(photo("uploaded"), ack({ photos: [{ sha256, verdict: "ok" }] }), T0).state).toBe(
      "verified",
    );
    const refused = judged(
      photo("uploaded"),
      ack({ photos: [{ sha256, verdict: "refused", code: "photo_truncated" }] }),
      T0,
    );
    expect(refused).toMatchObject({ state: "refused", why: { code: "photo_truncated" } });
  });
});

describe("the phone's copy may go", () => {
  const accepted = record({ custody: "accepted", admission: 12, accepted_at: T0 });
  const state = (change: Partial<CustodyState> = {}): CustodyState => ({
    epoch: "e",
    admission: 0,
    time: T0,
    ...change,
  });

  test.each([
    ["backed up beyond it", state({ admission: 12 }), [], true],
    ["backed up just before it", state({ admission: 11 }), [], false],
    ["72 hours by the server's clock", state({ time: later(HOLD_MS) }), [], true],
    ["a moment less", state({ time: later(HOLD_MS - 1) }), [], false],
    ["a photo only uploaded", state({ admission: 99, time: later(HOLD_MS) }), [photo("uploaded")], false],
    ["a photo refused", state({ admission: 99 }), [photo("refused")], false],
    ["a photo verified", state({ admission: 99 }), [photo("verified")], true],
    ["no check-in yet", state({ epoch: null, admission: 99, time: null }), [], false],
  ])("%s", (_name, said, photos, free) => {
    expect(isFreeable(accepted, photos, said)).toBe(free);
  });

  test("never before acceptance, whatever the server says of backups", () => {
    const custody = fc.constantFrom("saved", "received", "refused", "quarantined", "freed") as fc.Arbitrary<
      OutboxRecord["custody"]
    >;
    fc.assert(
      fc.property(custody, fc.nat(), fc.nat(), (held, admission, ms) => {
        const said = state({ admission, time: later(ms) });
        expect(isFreeable(record({ custody: held, admission: 0, accepted_at: T0 }), [], said)).toBe(false);
      }),
    );
  });
});

describe("a new epoch", () => {
  test("is told from the same one, and the first is none", () => {
    const first = nextCustody({ epoch: null, admission: 0, time: null }, { epoch: "a", admission: 5 }, T0);
    expect(first).toEqual({ state: { epoch: "a", admission: 5, time: T0 }, epochChanged: false });
    expect(nextCustody(first.state, { epoch: "a", admission: 6 }, T0).epochChanged).toBe(false);
    expect(nextCustody(first.state, { epoch: "b", admission: 2 }, T0).epochChanged).toBe(true);
  });
  test("makes pending again all that is still held, and nothing that was freed", () => {
    for (const custody of ["received", "accepted", "refused", "quarantined"] as const) {
      const again = pendingAgain(record({ custody, admission: 3, accepted_at: T0 }));
      expect(again.custody).toBe("saved");
      expect(again.admission).toBeUndefined();
      expect(again.event).toBeDefined();
    }
    const freed = record({ custody: "freed" });
    expect(pendingAgain(freed)).toBe(freed);
    expect(photoPendingAgain(photo("verified")).state).toBe("ready");
    expect(photoPendingAgain(photo("broken")).state).toBe("broken");
  });
});

test("what waits for something else to come is nobody's to let go, until it is accepted or refused", () => {
  const told = { event: "event:r:u", message: "Espera", at: T0, reason: "" };
  const held = acknowledged(record(), ack({ quarantined: [{ ...told, code: "basis_unknown" }] }), T0);
  expect(isWaiting(held)).toBe(true);
  const signed = acknowledged(record(), ack({ quarantined: [{ ...told, code: "event_signature" }] }), T0);
  expect(isWaiting(signed)).toBe(false);
  const refused = acknowledged(held, ack({ refused: [{ ...told, code: "event_let_go" }] }), T0);
  expect(isWaiting(refused)).toBe(false);
  expect(isWaiting(acknowledged(held, ack({ items: [["event:r:u", 9, null]] }), T0))).toBe(false);
});
