/** The shared table of presence: the server judges the same pairs alike (tests/server/cases/test_presence.py). */
import { cases } from "@schemas/cases/presence.json";
import { expect, test } from "vitest";
import { distance } from "../../src/shared/geometry.ts";
import { presence } from "../../src/shared/presence.ts";

test.each(cases)("$description", ({ given: { fix, place }, expect: wanted }) => {
  const found = presence(fix, place);
  expect(found.verdict).toBe(wanted.verdict);
  if (wanted.distance === undefined) expect(found.distance).toBeUndefined();
  else expect(Math.abs((found.distance ?? Number.NaN) - wanted.distance)).toBeLessThan(0.01);
});

test("metres are the same ones wherever the phone measures", () => {
  for (const { given, expect: wanted } of cases) {
    const { fix, place } = given;
    if (!fix || place.lat === null || place.lon === null || wanted.distance === undefined) continue;
    expect(Math.abs(distance(fix.lat, fix.lon, place.lat, place.lon) - wanted.distance)).toBeLessThan(0.01);
  }
});
