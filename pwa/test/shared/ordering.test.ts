import fc from "fast-check";
import { expect, test } from "vitest";
import { firstBy, sortedBy } from "../../src/shared/ordering.ts";

const item = fc.record({
  key: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(Number.NaN)),
  name: fc.nat(9),
});
const byName = (a: { name: number }, b: { name: number }): number => a.name - b.name;
const last = (key: number): number => (Number.isNaN(key) ? 99 : key);

test("by key, then by the tie, and what has no key last", () => {
  fc.assert(
    fc.property(fc.array(item), (items) => {
      const expected = [...items].sort((a, b) => last(a.key) - last(b.key) || byName(a, b));
      expect(sortedBy(items, ({ key }) => key, byName)).toEqual(expected);
    }),
  );
});

test("the first few are those of the whole order", () => {
  fc.assert(
    fc.property(fc.array(item), fc.nat(6), (items, count) => {
      expect(firstBy(items, count, byName)).toEqual([...items].sort(byName).slice(0, count));
    }),
  );
});
