import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { dayNumber, forgetZones, isKnown, localTime, rememberZone, tableOf } from "../../src/shared/zones.ts";

afterEach(forgetZones);

const [FROM, UNTIL] = [Date.parse("2021-06-01T00:00:30Z"), Date.parse("2027-06-01T00:00:00Z")];
/** Without a change since, with the last summer time of 2022, with changes as in the United States, and far from it. */
const ZONES = [
  "America/Hermosillo",
  "America/Mexico_City",
  "America/Tijuana",
  "Africa/Casablanca",
  "Asia/Kathmandu",
];

test.each(ZONES)("%s: a table says what the browser says, of any instant", (zone) => {
  const table = tableOf(zone, FROM, UNTIL);
  const instants = fc.integer({ min: FROM - 1e10, max: UNTIL + 1e10 });
  // Around each change, where it is easiest to be wrong.
  const near = fc
    .tuple(fc.constantFrom(...table.offsets), fc.integer({ min: -7_200_000, max: 7_200_000 }))
    .map(([{ since }, by]) => since + by);
  fc.assert(
    fc.property(fc.oneof(instants, near), (at) => {
      forgetZones();
      const asked = localTime(at, zone);
      rememberZone(table);
      expect(localTime(at, zone)).toBe(asked);
    }),
    { numRuns: 2000 },
  );
});

test("as many changes as there were", () => {
  const changes = (zone: string) => tableOf(zone, FROM, UNTIL).offsets.length - 1;
  expect(changes("America/Hermosillo")).toBe(0);
  // Autumn 2021, spring and autumn 2022; abolished then.
  expect(changes("America/Mexico_City")).toBe(3);
  expect(changes("America/Tijuana")).toBe(12);
});

test("within a table the browser is not asked", () => {
  rememberZone(tableOf("America/Bahia_Banderas", FROM, UNTIL));
  const asked = vi.spyOn(Intl.DateTimeFormat.prototype, "formatToParts");
  localTime(FROM, "America/Bahia_Banderas");
  localTime(UNTIL - 1, "America/Bahia_Banderas");
  expect(asked).not.toHaveBeenCalled();
  localTime(UNTIL, "America/Bahia_Banderas");
  expect(asked).toHaveBeenCalledOnce();
  asked.mockRestore();
});

describe("days", () => {
  test("are the zone's calendar's, over a change of the clocks too", () => {
    const before = new Date("2026-10-31T12:00:00Z");
    const after = new Date("2026-11-02T12:00:00Z");
    expect(dayNumber(after, "America/Tijuana") - dayNumber(before, "America/Tijuana")).toBe(2);
  });

  test("begin at the zone's midnight", () => {
    const midnight = Date.parse("2026-11-24T07:00:00Z");
    expect(dayNumber(midnight, "America/Hermosillo") - dayNumber(midnight - 1, "America/Hermosillo")).toBe(1);
  });

  test("are the phone's own where no zone is known", () => {
    const at = new Date("2026-11-23T16:05:00Z");
    expect(dayNumber(at)).toBe(
      Math.round(Date.UTC(at.getFullYear(), at.getMonth(), at.getDate()) / 86_400_000),
    );
  });
});

test("an instant that is none has no local time; no table is made of a zone nobody knows", () => {
  expect(localTime(Number.NaN, "America/Hermosillo")).toBeNaN();
  expect(() => tableOf("America/Nowhere", FROM, UNTIL)).toThrow(RangeError);
});

describe("a browser that does not know the zone", () => {
  const ZONE = "America/Ciudad_Nueva"; // as Ciudad Juárez is to a browser of before it had a zone of its own
  const AT = Date.parse("2026-07-15T18:30:00Z");

  test("shows the phone's own time, and never fails", () => {
    expect(isKnown(ZONE)).toBe(false);
    expect(localTime(AT, ZONE)).toBe(localTime(AT, undefined));
    expect(dayNumber(AT, ZONE)).toBe(dayNumber(AT));
    expect(isKnown("America/Hermosillo")).toBe(true);
  });

  test("says what the server told, also beyond what it told", () => {
    const [from, until] = [Date.parse("2025-01-01T00:00:00Z"), Date.parse("2028-01-01T00:00:00Z")];
    const summer = Date.parse("2026-03-08T09:00:00Z");
    rememberZone({
      zone: ZONE,
      from,
      until,
      offsets: [
        { since: from, offset: -7 * 3_600_000 },
        { since: summer, offset: -6 * 3_600_000 },
      ],
    });
    expect(localTime(summer - 1, ZONE)).toBe(summer - 1 - 7 * 3_600_000);
    expect(localTime(AT, ZONE)).toBe(AT - 6 * 3_600_000);
    expect(localTime(until + 1, ZONE)).toBe(until + 1 - 6 * 3_600_000);
    expect(localTime(from - 1, ZONE)).toBe(from - 1 - 7 * 3_600_000);
  });
});
