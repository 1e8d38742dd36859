/** What is open: every status of the book of words is told apart. */
import { status as words } from "@schemas/words.v1.json";
import { expect, it } from "vitest";
import type { Status } from "../../src/shared/documents.ts";
import { isOpen } from "../../src/shared/status.ts";

it("is what somebody still has to end, and nothing else", () => {
  const statuses = Object.keys(words) as Status[];
  expect(statuses.filter(isOpen)).toEqual(["captured", "in_progress", "reopened"]);
  expect(statuses.length).toBeGreaterThan(3);
});
