import { expect, it } from "vitest";
import { cardOf } from "../../../src/app/state/card.ts";
import type { AccountEntry } from "../../../src/app/storage/phone.ts";
import type { OutboxRecord, PhotoRecord } from "../../../src/app/storage/records.ts";

const entry: AccountEntry = {
  account: "ana",
  name: "Ana",
  role: "block_leader",
  municipality: "valle",
  device: "ana~1",
  pin: null,
  needs_enrol: false,
  signed_out: false,
  added_at: "",
};

it("tells how much of a person's work no server has, and whether their account is locked", () => {
  const records = [{ custody: "saved" }, { custody: "accepted" }] as OutboxRecord[];
  const photos = [
    { state: "ready", event: "e" },
    { state: "ready", event: null },
    { state: "broken", event: "e" },
  ] as PhotoRecord[];
  expect(cardOf(entry, records, photos)).toMatchObject({ unsent: 2, has_pin: false, pin_wait: null });
  const pin = { salt: "", hash: "", failures: 5, wait_until: "2026-11-22T12:00:00.000Z" };
  const locked = cardOf({ ...entry, pin }, [], []);
  expect(locked).toMatchObject({ unsent: 0, has_pin: true, pin_wait: pin.wait_until });
  // Neither salt nor hash is anything a screen needs.
  expect(JSON.stringify(locked)).not.toContain("hash");
});
