import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { and, clock, day, full, metres, past } from "../../../src/app/words/dates.ts";

const ZONE = "America/Mexico_City";
// 10:05 in Mexico City.
const now = new Date("2026-11-23T16:05:00.000Z");

describe("past", () => {
  it.each([
    ["2026-11-23T16:04:40.000Z", "ahora"],
    ["2026-11-23T16:04:00.000Z", "hace 1 minuto"],
    ["2026-11-23T15:20:00.000Z", "hace 45 minutos"],
    ["2026-11-23T14:32:00.000Z", "hoy 08:32"],
    ["2026-11-23T05:30:00.000Z", "ayer 23:30"],
    ["2026-11-20T16:05:00.000Z", "hace 3 días"],
    ["nothing", "nothing"],
  ])("%s is %s", (at, words) => {
    expect(past(at, now, ZONE)).toBe(words);
  });
});

describe("day", () => {
  it.each([
    ["2026-11-23", "hoy"],
    ["2026-11-24", "mañana"],
    ["2026-11-22", "ayer"],
    ["2026-11-27", "en 4 días"],
    ["2026-11-20", "hace 3 días"],
    // 23:30 of the 23rd in Mexico City, though the 24th in Greenwich.
    ["2026-11-24T05:30:00.000Z", "hoy"],
  ])("%s is %s", (at, words) => {
    expect(day(at, now, ZONE)).toBe(words);
  });
});

it("says instants as the browser would in es-MX, without asking it", () => {
  const spoken = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("es-MX", { ...options, timeZone: ZONE, hourCycle: "h23" });
  const date = { day: "numeric", month: "short", year: "numeric" } as const;
  const time = { hour: "2-digit", minute: "2-digit" } as const;
  const [wholes, times, dates, days] = [
    spoken({ ...date, ...time }),
    spoken(time),
    spoken(date),
    spoken({ day: "numeric", month: "short" }),
  ];
  fc.assert(
    fc.property(
      fc.date({ min: new Date("2020-01-01"), max: new Date("2035-01-01"), noInvalidDate: true }),
      (at) => {
        const later = new Date(at.getTime() + 40 * 86_400_000);
        expect(full(at.toISOString(), ZONE)).toBe(wholes.format(at));
        expect(clock(at, ZONE)).toBe(times.format(at));
        expect(past(at.toISOString(), later, ZONE)).toBe(days.format(at));
        expect(past(at.toISOString(), new Date("2036-01-01"), ZONE)).toBe(dates.format(at));
      },
    ),
  );
});

it("says distances and lists as people do", () => {
  expect([metres(0.2), metres(35.4), metres(994), metres(1234)]).toEqual(["1 m", "35 m", "994 m", "1.2 km"]);
  expect([and([]), and(["a"]), and(["a", "b", "c"])]).toEqual(["", "a", "a, b y c"]);
});
