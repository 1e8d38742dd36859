import { expect, it } from "vitest";
import { needed } from "../../../src/app/state/photos.ts";
import type { ReportRow } from "../../../src/app/storage/shown.ts";

const row = (id: string, brigade: string, more: object = {}): ReportRow =>
  ({
    id,
    priority: 3,
    due_at: null,
    assignments: [{ brigade, status: "assigned" }],
    ...more,
  }) as unknown as ReportRow;

it("a brigade needs the pictures of its open orders, the most urgent and then the soonest due first", () => {
  const rows = [
    row("late", "b1", { due_at: "2026-12-01" }),
    row("soon", "b1", { due_at: "2026-11-23" }),
    row("undated", "b1"),
    row("urgent", "b1", { priority: 1 }),
    row("others", "b2"),
    row("done", "b1", { assignments: [{ brigade: "b1", status: "finished" }] }),
    row("paused", "b1", {
      priority: 2,
      assignments: [
        { brigade: "b2", status: "finished" },
        { brigade: "b1", status: "paused" },
      ],
    }),
  ];
  expect(needed(rows, "b1")).toEqual(["urgent", "paused", "soon", "late", "undated"]);
  expect(needed(rows, null)).toEqual([]);
  expect(needed(rows, undefined)).toEqual([]);
});
