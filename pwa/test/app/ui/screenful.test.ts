import fc from "fast-check";
import { expect, test } from "vitest";
import { FIRST, screenful, startingWith } from "../../../src/app/ui/screenful.ts";

test("a small phone is filled, a tall one gets the whole first page", () => {
  expect(screenful(640)).toBe(6);
  expect(screenful(800)).toBe(8);
  expect(screenful(1400)).toBe(FIRST);
  expect(screenful(0)).toBe(1);
});

test("cards already there are used, never more than a page", () => {
  expect(startingWith(0, 640)).toBe(6);
  expect(startingWith(9, 640)).toBe(9);
  expect(startingWith(70, 640)).toBe(FIRST);
  fc.assert(
    fc.property(fc.nat(200), fc.nat(3000), (drawn, height) => {
      const shown = startingWith(drawn, height);
      expect(shown).toBeGreaterThanOrEqual(screenful(height));
      expect(shown).toBeLessThanOrEqual(FIRST);
    }),
  );
});
