import { expect, it } from "vitest";
import { timeOf, uuid7 } from "../../src/shared/uuid7.ts";

it("says the millisecond a uuid was made at, and of nothing else", () => {
  const at = Date.parse("2026-11-22T16:00:00.123Z");
  expect(timeOf(uuid7(at))).toBe(at);
  expect(timeOf("")).toBeNaN();
  expect(timeOf("0193537e-7c00-4abc-8def-0123456789ab")).toBeNaN();
});
