import fc from "fast-check";
import { expect, test } from "vitest";
import { AIM_BYTES, fitting, nextStep, reductions, STEPS } from "../../src/worker/steps.ts";

test("a light picture is encoded once, one a little heavy once more, a heavy one goes straight to a smaller side", () => {
  expect(nextStep(0, AIM_BYTES, AIM_BYTES)).toBeNull();
  expect(nextStep(0, 1.2 * AIM_BYTES, 1.2 * AIM_BYTES)).toBe(1);
  expect(nextStep(0, 2 * AIM_BYTES, 2 * AIM_BYTES)).toBe(2);
  expect(nextStep(2, 1.1 * AIM_BYTES, 2 * AIM_BYTES)).toBe(3);
  expect(nextStep(0, 5 * AIM_BYTES, 5 * AIM_BYTES)).toBe(3);
});

test("it ends, always forwards, under the aim or at the last step", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 4_000_000 }), { minLength: 4, maxLength: 4 }), (sizes) => {
      let at = 0;
      for (;;) {
        const next = nextStep(at, sizes[at] as number, sizes[0] as number);
        if (next === null) break;
        expect(next).toBeGreaterThan(at);
        at = next;
      }
      expect((sizes[at] as number) <= AIM_BYTES || at === STEPS.length - 1).toBe(true);
    }),
  );
});

test("a picture keeps its shape and grows never", () => {
  expect(fitting(4000, 3000, 1600)).toEqual({ width: 1600, height: 1200 });
  expect(fitting(300, 4000, 1600)).toEqual({ width: 120, height: 1600 });
  expect(fitting(640, 480, 1600)).toEqual({ width: 640, height: 480 });
});

test("it is halved while it is twice too large, and ends at its size", () => {
  expect(reductions(4000, 3000, 1600)).toEqual([
    { width: 2000, height: 1500 },
    { width: 1600, height: 1200 },
  ]);
  expect(reductions(3200, 2400, 1600)).toEqual([{ width: 1600, height: 1200 }]);
  expect(reductions(640, 480, 1600)).toEqual([{ width: 640, height: 480 }]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12_000 }), fc.integer({ min: 1, max: 12_000 }), (width, height) => {
      const sizes = reductions(width, height, 1600);
      const last = sizes.at(-1) as { width: number; height: number };
      expect(last).toEqual(fitting(width, height, 1600));
    }),
  );
});
