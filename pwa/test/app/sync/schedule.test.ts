import fc from "fast-check";
import { expect, test } from "vitest";
import { IDLE_MS, nextDelay } from "../../../src/app/sync/schedule.ts";

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("the idle pace is around five minutes, spread", () => {
  fc.assert(
    fc.property(random, (r) => {
      const delay = nextDelay(0, null, r);
      expect(delay).toBeGreaterThanOrEqual(IDLE_MS * 0.8);
      expect(delay).toBeLessThanOrEqual(IDLE_MS * 1.2);
    }),
  );
});

test("retries start within seconds, never exceed a quarter of an hour, and never come at once", () => {
  expect(nextDelay(1, null, 0.99)).toBeLessThanOrEqual(4_000);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), random, (failures, r) => {
      const delay = nextDelay(failures, null, r);
      expect(delay).toBeGreaterThanOrEqual(2_000);
      expect(delay).toBeLessThanOrEqual(900_000);
    }),
  );
});

test("the server's Retry-After is a least, and those told the same time spread", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 3_600_000 }),
      random,
      (n, asked, r) => {
        expect(nextDelay(n, asked, r)).toBeGreaterThanOrEqual(asked);
      },
    ),
  );
  expect(nextDelay(1, 60_000, 0.9) - nextDelay(1, 60_000, 0)).toBeGreaterThan(20_000);
});
