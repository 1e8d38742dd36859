/** The shared table of the order of urgent things, whatever order they came in. */
import { cases } from "@schemas/cases/urgent_order.json";
import { expect, test } from "vitest";
import type { Priority } from "../../src/shared/documents.ts";
import { byUrgency } from "../../src/shared/urgency.ts";

test.each(cases)("$description", ({ given, expect: wanted }) => {
  const waiting = given.waiting.map((one) => ({ ...one, priority: one.priority as Priority }));
  const names = (list: typeof waiting) => list.map((one) => one.name);
  expect(names([...waiting].sort(byUrgency))).toEqual(wanted);
  expect(names([...waiting].reverse().sort(byUrgency))).toEqual(wanted);
});
