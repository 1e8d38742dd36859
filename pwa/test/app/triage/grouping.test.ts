import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReportRow } from "../../../src/app/state/contract.ts";
import { order, shows } from "../../../src/app/triage/board.ts";
import { groups } from "../../../src/app/triage/grouping.ts";

const row = (id: string, more: Partial<ReportRow> = {}): ReportRow => ({
  id,
  view: "full",
  folio: null,
  provisional: id,
  type: "t",
  family: "fire",
  status: "captured",
  priority: 2,
  urgent: false,
  captured_at: "2026-11-23T16:05:00.000Z",
  captured_by: null,
  mine: false,
  amber_at: null,
  due_at: null,
  answer_due_at: null,
  finished_at: null,
  verified: null,
  lat: 20.7,
  lon: -101.2,
  street: null,
  block: null,
  colonia: null,
  sector: null,
  agency: null,
  assignments: [],
  taken_by: [],
  incident: null,
  duplicate_of: null,
  supports: 0,
  flags: [],
  version: 1,
  changed: false,
  pending: 0,
  ...more,
});
const at = (metres: number) => ({ lat: 20.7 + metres / 111_320 });
const members = (all: ReportRow[]) => groups(all).map((group) => group.rows.map((one) => one.id));

describe("groups", () => {
  it("holds together what is close and of one family", () => {
    expect(members([row("a"), row("b", at(100)), row("c", at(900))])).toEqual([["a", "b"], ["c"]]);
  });
  it("keeps families apart at the same place", () => {
    expect(members([row("a"), row("b", { family: "leak" })])).toEqual([["a"], ["b"]]);
  });
  it("chains through neighbours", () => {
    expect(members([row("a"), row("b", at(140)), row("c", at(280))])).toEqual([["a", "b", "c"]]);
  });
  it("gathers an incident from anywhere, places unknown too", () => {
    expect(members([row("a", { incident: "i" }), row("b", { incident: "i", lat: null, lon: null })])).toEqual(
      [["a", "b"]],
    );
  });
  it("does not depend on the order, and puts each report in one group", () => {
    const rows = fc.uniqueArray(
      fc.record({
        id: fc.uuid(),
        m: fc.integer({ min: 0, max: 3000 }),
        i: fc.option(fc.constantFrom("x", "y"), { nil: null }),
      }),
      { selector: (one) => one.id, maxLength: 25 },
    );
    fc.assert(
      fc.property(rows, (list) => {
        const made = list.map((one) => row(one.id, { ...at(one.m), incident: one.i }));
        const one = groups(made);
        expect(groups([...made].reverse())).toEqual(one);
        expect(one.flatMap((group) => group.rows.map((r) => r.id)).sort()).toEqual(
          made.map((r) => r.id).sort(),
        );
      }),
    );
  });
});

describe("the board", () => {
  it("puts the urgent first, then the larger group, then the older", () => {
    const found = groups([
      row("a", { captured_at: "2026-11-20T00:00:00.000Z" }),
      row("b", { ...at(5000), priority: 1 }),
      row("c", at(10_000)),
      row("d", at(10_010)),
    ]);
    expect(order(found, "urgent", null).map((group) => group.key)).toEqual(["b", "c", "a"]);
    expect(order(found, "oldest", null)[0]?.key).toBe("a");
    expect(order(found, "nearest", { lat: at(10_000).lat, lon: -101.2 })[0]?.key).toBe("c");
  });
  it("shows what each filter says", () => {
    const taken = row("a", { taken_by: ["me"] });
    const closed = row("b", { status: "finished", flags: ["far"] });
    expect([shows(taken, "new", "me"), shows(taken, "mine", "me"), shows(closed, "all", "me")]).toEqual([
      false,
      true,
      false,
    ]);
    expect(shows(closed, "flagged", "me")).toBe(true);
    expect(shows(row("c", { type: "unknown" }), "unknown", "me")).toBe(true);
    expect(shows(row("d", { view: "card" }), "all", "me")).toBe(false);
  });
});
