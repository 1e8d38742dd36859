import { expect, it } from "vitest";
import { isOlder } from "../../src/shared/version.ts";

it.each([
  ["0.1.0", "0.1.0", false],
  ["0.1.0", "0.1.1", true],
  ["0.2.0", "0.10.0", true],
  ["1.0.0", "0.9.9", false],
  ["1.0", "1.0.0", false],
  ["1.0", "1.0.1", true],
])("%s is older than %s: %s", (version, floor, wanted) => {
  expect(isOlder(version, floor)).toBe(wanted);
});
