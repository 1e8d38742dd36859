import { expect, test } from "vitest";
import { isPin, makePin, tryPin, waitLeft } from "../../../src/app/accounts/pin.ts";
import { NOON } from "../../phone.ts";

test("four to eight digits, nothing else", async () => {
  expect(["1234", "12345678"].every(isPin)).toBe(true);
  expect(["123", "123456789", "12a4", ""].some(isPin)).toBe(false);
  await expect(makePin("12")).rejects.toBeInstanceOf(RangeError);
});

test("the digits are not in the store, and the same digits give another hash", async () => {
  const [a, b] = [await makePin("4711"), await makePin("4711")];
  expect(JSON.stringify(a)).not.toContain("4711");
  expect(a.hash).not.toBe(b.hash);
});

test("wrong tries cost time, right ones forget them", async () => {
  let pin = await makePin("4711");
  for (let i = 0; i < 3; i++) {
    const tried = await tryPin(pin, "0000", NOON);
    expect(tried.open).toBe(false);
    pin = tried.pin;
  }
  expect(pin.wait_until).not.toBeNull();
  expect((await tryPin(pin, "4711", NOON + 1000)).open).toBe(false);
  expect(waitLeft(pin.wait_until, NOON + 1000)).toBe(29_000);
  expect(waitLeft(pin.wait_until, NOON + 30_000)).toBe(0);
  expect([waitLeft(null, NOON), waitLeft(pin.wait_until, NOON - 86_400_000)]).toEqual([0, 0]);
  const later = await tryPin(pin, "4711", NOON + 31_000);
  expect(later).toMatchObject({ open: true, pin: { failures: 0, wait_until: null } });
});

test("the wait grows to a quarter of an hour, and a clock set back locks nobody out", async () => {
  let pin = { ...(await makePin("4711")), failures: 40 };
  pin = (await tryPin(pin, "0000", NOON)).pin as typeof pin;
  expect(Date.parse(pin.wait_until ?? "") - NOON).toBe(15 * 60_000);
  expect((await tryPin(pin, "4711", NOON - 86_400_000)).open).toBe(true);
});
