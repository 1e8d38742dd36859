/** The order of the board: the shared order of urgent things, over groups. */
import { expect, test } from "vitest";
import type { ReportRow } from "../../../src/app/state/contract.ts";
import { rowOfReport } from "../../../src/app/storage/rows.ts";
import { order } from "../../../src/app/triage/board.ts";
import { groups } from "../../../src/app/triage/grouping.ts";

const row = (id: string, more: Partial<ReportRow>): ReportRow => ({
  ...rowOfReport(id, {
    _id: `report:${id}`,
    folio: null,
    provisional_folio: "0",
    version: 1,
    events: [],
    status: "captured",
    type: "fire",
  }),
  priority: 1,
  changed: false,
  unseen: false,
  mine: false,
  pending: 0,
  captured_at: "2026-11-22T16:00:00.000Z",
  ...more,
});
const keys = (rows: ReportRow[]) => order(groups(rows), "urgent", null).map((group) => group.key);
const taken = ["rocio"];

test("a fresh emergency nobody attends stands above seven attended ones of weeks ago", () => {
  const old = Array.from({ length: 7 }, (_, i) =>
    row(`a${i}`, { taken_by: taken, captured_at: `2026-10-1${i}T09:00:00.000Z` }),
  );
  expect(keys([...old, row("z", {})])[0]).toBe("z");
  expect(keys([row("z", {}), ...old])).toEqual(["z", "a0", "a1", "a2", "a3", "a4", "a5", "a6"]);
});

test("a group stands where its most urgent report would stand alone", () => {
  const here = { lat: 20, lon: -101, family: "fire" };
  const many = [
    row("b1", { ...here, taken_by: taken, captured_at: "2026-11-01T16:00:00.000Z" }),
    row("b2", { ...here, danger: true, captured_at: "2026-11-22T16:30:00.000Z" }),
  ];
  const [first, second] = order(groups([row("a", {}), ...many]), "urgent", null);
  expect([first?.key, first?.danger, first?.free]).toEqual(["b1", true, 1]);
  // It is shown by that one's place and time, not by its oldest's.
  expect(first?.top.id).toBe("b2");
  expect([second?.key, second?.danger]).toEqual(["a", false]);
});
