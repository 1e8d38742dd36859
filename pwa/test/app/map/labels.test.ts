import fc from "fast-check";
import { expect, test } from "vitest";
import { clear } from "../../../src/app/map/labels.ts";

const at = (text: string, x: number, y: number) => ({ text, x, y });

test("of two names in one place the first stays", () => {
  expect(clear([at("La Loma", 100, 100), at("El Mezquite", 130, 108)], 16).map((one) => one.text)).toEqual([
    "La Loma",
  ]);
});

test("names under each other or apart all stay", () => {
  const apart = [at("Centro", 100, 100), at("Centro", 100, 130), at("Centro", 300, 100)];
  expect(clear(apart, 16)).toEqual(apart);
});

test("no two kept names touch, and what is kept is kept again", () => {
  const label = fc.record({
    text: fc.string({ minLength: 1, maxLength: 20 }),
    x: fc.integer({ min: 0, max: 360 }),
    y: fc.integer({ min: 0, max: 400 }),
  });
  fc.assert(
    fc.property(fc.array(label, { maxLength: 30 }), (labels) => {
      const kept = clear(labels, 16);
      if (labels.length > 0) expect(kept[0]).toBe(labels[0]);
      for (const [i, one] of kept.entries())
        for (const other of kept.slice(i + 1))
          expect(Math.abs(one.y - other.y) >= 20 || Math.abs(one.x - other.x) >= 9).toBe(true);
      expect(clear(kept, 16)).toEqual(kept);
    }),
  );
});
