import { expect, test } from "vitest";
import { waitOf } from "../../../src/app/state/network.ts";

test.each([
  ["always", "cellular", "nothing"],
  ["always", undefined, "nothing"],
  ["wifi", "wifi", "nothing"],
  ["wifi", "ethernet", "nothing"],
  ["wifi", "cellular", "wifi"],
  ["wifi", "bluetooth", "wifi"],
  ["wifi", "none", "wifi"],
  // A browser that hides it, and one that doesn't know.
  ["wifi", undefined, "a_touch"],
  ["wifi", "unknown", "a_touch"],
  ["wifi", "other", "a_touch"],
] as const)("photos %s on %s wait for %s", (choice, kind, wait) => {
  expect(waitOf(choice, kind)).toBe(wait);
});
