import fc from "fast-check";
import { expect, test } from "vitest";
import { listsOf, previewOf } from "../../../src/app/mine/lists.ts";
import type { ReportRow } from "../../../src/app/state/contract.ts";
import { rowOfReport } from "../../../src/app/storage/rows.ts";
import { FIRST } from "../../../src/app/ui/screenful.ts";
import type { Report } from "../../../src/shared/documents.ts";

const instant = fc.integer({ min: 0, max: 6 }).map((n) => `2026-11-2${n}T16:00:00.000Z`);
const row: fc.Arbitrary<ReportRow> = fc
  .record({
    id: fc.uuid(),
    view: fc.constantFrom("full", "card"),
    status: fc.constantFrom("captured", "in_progress", "finished", "withdrawn"),
    priority: fc.constantFrom(1, 3),
    changed: fc.boolean(),
    danger: fc.boolean(),
    due_at: fc.option(instant),
    captured_at: instant,
    verified: fc.constantFrom(null, true),
  })
  .map(({ id, changed, verified, due_at, ...rest }) => ({
    ...rowOfReport(id, { ...rest, _id: `report:${id}` } as Report),
    due_at,
    verified,
    mine: false,
    changed,
    unseen: false,
    pending: 0,
  }));

test("what a start shows is the first page of the lists it becomes", () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
      const [whole, first] = [listsOf(rows), previewOf(rows)];
      for (const name of ["open", "toVerify", "closed", "near"] as const) {
        expect(first[name]).toEqual({ total: whole[name].length, rows: whole[name].slice(0, FIRST) });
      }
    }),
  );
});

test("every row of one's own, and every open one nearby, is in one list; emergencies (danger before none), then news, then what is due first, then the newest", () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
      const { open, toVerify, closed, near } = listsOf(rows);
      expect([...open, ...toVerify, ...closed, ...near].map(({ id }) => id).sort()).toEqual(
        rows
          .filter(({ view, status }) => view === "full" || status === "captured" || status === "in_progress")
          .map(({ id }) => id)
          .sort(),
      );
      const rank = (one: ReportRow): [number, number, string] => [
        one.priority === 1 ? (one.danger ? 0 : 1) : 2,
        one.changed ? 0 : 1,
        one.due_at ?? "9",
      ];
      open.slice(1).forEach((next, i) => {
        const one = open[i] as ReportRow;
        const [a, b] = [rank(one).join(), rank(next).join()];
        expect(a < b || (a === b && one.captured_at >= next.captured_at)).toBe(true);
      });
    }),
  );
});
