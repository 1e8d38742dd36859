import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepZone, readZone } from "../../../src/app/state/zone.ts";
import { takeZone } from "../../../src/app/storage/zone.ts";
import { forgetZones, localTime } from "../../../src/shared/zones.ts";
import { enrolledPhone, freshStorage, NOON } from "../../phone.ts";

freshStorage();
afterEach(forgetZones);

const ZONE = "America/Hermosillo";
const DAY = 86_400_000;
let asked: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  asked = vi.spyOn(Intl.DateTimeFormat.prototype, "formatToParts");
});
afterEach(() => asked.mockRestore());

test("the next start knows local time without asking the browser", async () => {
  const { db } = await enrolledPhone();
  expect(await keepZone(db, ZONE, "browser 1", NOON)).toBe(true);
  forgetZones();
  asked.mockClear();
  await readZone(db);
  expect(localTime(NOON, ZONE)).toBe(NOON - 7 * 3_600_000);
  expect(localTime(NOON - 365 * DAY, ZONE)).toBe(NOON - 365 * DAY - 7 * 3_600_000);
  expect(asked).not.toHaveBeenCalled();
});

test("it is made anew after a week, with another browser, another zone or a clock set back", async () => {
  const { db } = await enrolledPhone();
  const keep = (zone: string, browser: string, at: number) => keepZone(db, zone, browser, at);
  expect(await keep(ZONE, "browser 1", NOON)).toBe(true);
  expect(await keep(ZONE, "browser 1", NOON + 7 * DAY - 1)).toBe(false);
  expect(await keep(ZONE, "browser 1", NOON + 7 * DAY)).toBe(true);
  expect(await keep(ZONE, "browser 2", NOON + 7 * DAY)).toBe(true);
  expect(await keep("America/Tijuana", "browser 2", NOON + 7 * DAY)).toBe(true);
  expect(await keep("America/Tijuana", "browser 2", NOON)).toBe(true);
  expect(await keepZone(db, undefined, "browser 3", NOON)).toBe(false);
});

test("what the server told counts over the browser's data, from then on and at the next start", async () => {
  const { db } = await enrolledPhone();
  await keepZone(db, ZONE, "browser 1", NOON);
  const [from, until] = [Math.floor(NOON / 1000) - 500 * 86_400, Math.floor(NOON / 1000) + 500 * 86_400];
  const told = { zone: ZONE, from, until, offsets: [[from, -6 * 3600]] as [number, number][] };
  expect(await takeZone(db, told)).toBe(true);
  expect(localTime(NOON, ZONE)).toBe(NOON - 6 * 3_600_000);
  expect(await takeZone(db, told)).toBe(false);
  forgetZones();
  await readZone(db);
  expect(localTime(NOON, ZONE)).toBe(NOON - 6 * 3_600_000);
  expect(await keepZone(db, ZONE, "browser 2", NOON + 8 * DAY)).toBe(false);
  expect(localTime(NOON, ZONE)).toBe(NOON - 6 * 3_600_000);
  expect(await keepZone(db, ZONE, "browser 2", until * 1000)).toBe(true);
});

test("a zone the browser does not know is left to the server", async () => {
  const { db } = await enrolledPhone();
  expect(await keepZone(db, "America/Ciudad_Nueva", "browser 1", NOON)).toBe(false);
});
