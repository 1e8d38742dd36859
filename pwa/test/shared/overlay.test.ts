/** Pending events over a received copy: the table made of the server's own histories. */
import { cases } from "@schemas/cases/overlay.json";
import { expect, test } from "vitest";
import type { Report } from "../../src/shared/documents.ts";
import { overlay, type PendingEvent } from "../../src/shared/overlay.ts";
import { mismatch } from "../tables.ts";

interface Given {
  report: Report;
  pending: (PendingEvent & { scope: { agency: string | null; brigade: string | null } })[];
}

test.each(cases)("$description", ({ given, expect: wanted }) => {
  const { report, pending } = given as unknown as Given;
  const before = JSON.stringify(report);
  let shown: Report = report;
  for (const event of pending) {
    const found = overlay(shown, [event], { ...event.scope, type: () => undefined });
    if (found) shown = found.report;
  }
  expect(mismatch(wanted, shown)).toBeNull();
  expect(JSON.stringify(report)).toBe(before);
});
