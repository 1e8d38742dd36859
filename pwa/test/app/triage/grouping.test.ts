import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReportRow } from "../../../src/app/state/contract.ts";
import { order, previewOf, shows } from "../../../src/app/triage/board.ts";
import { groups, RADIUS } from "../../../src/app/triage/grouping.ts";
import { distance } from "../../../src/shared/geometry.ts";

const row = (id: string, more: Partial<ReportRow> = {}): ReportRow => ({
  id,
  view: "full",
  folio: null,
  provisional: id,
  type: "t",
  family: "fire",
  status: "captured",
  priority: 2,
  danger: false,
  block_name: null,
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
  unseen: false,
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

/** The law as it is said, at any cost: reports linked, pair by pair, until nothing more joins. */
function linked(all: ReportRow[]): string[] {
  const near = (a: ReportRow, b: ReportRow) =>
    (a.incident !== null && a.incident === b.incident) ||
    (a.family === b.family && distance(a.lat ?? 0, a.lon ?? 0, b.lat ?? 0, b.lon ?? 0) <= RADIUS);
  let sets = all.map((one) => [one]);
  for (let before = -1; before !== sets.length; ) {
    before = sets.length;
    const next: ReportRow[][] = [];
    for (const set of sets) {
      const joined = next.find((other) => other.some((a) => set.some((b) => near(a, b))));
      if (joined) joined.push(...set);
      else next.push([...set]);
    }
    sets = next;
  }
  return sets
    .map((set) =>
      set
        .map((one) => one.id)
        .sort()
        .join(),
    )
    .sort();
}

it("groups are what linking every pair would make, at any latitude of the country and around every edge", () => {
  const places = fc.array(
    fc.record({
      north: fc.integer({ min: -400, max: 400 }),
      east: fc.integer({ min: -400, max: 400 }),
      family: fc.constantFrom("fire", "leak"),
    }),
    { maxLength: 18 },
  );
  fc.assert(
    fc.property(places, fc.constantFrom(0, 14.5, 20.7, 32.7, 48), (list, lat) => {
      const made = list.map(({ north, east, family }, i) =>
        row(`r${String(i).padStart(2, "0")}`, {
          family,
          lat: lat + north / 111_320,
          lon: -101.2 + east / (111_320 * Math.cos((lat * Math.PI) / 180)),
        }),
      );
      expect(
        groups(made)
          .map((group) => group.rows.map((one) => one.id).join())
          .sort(),
      ).toEqual(linked(made));
    }),
    { numRuns: 500 },
  );
});

it("a storm at one corner is measured against nobody twice", () => {
  const made = Array.from({ length: 3000 }, (_, i) => row(`r${String(i).padStart(4, "0")}`, at(i % 20)));
  let asked = 0;
  const counted = made.map((one) =>
    Object.defineProperty({ ...one }, "lat", { get: () => ++asked && one.lat, enumerable: true }),
  );
  expect(groups(counted)).toHaveLength(1);
  expect(asked).toBeLessThan(10 * made.length);
});

describe("a board's preview", () => {
  const kept = (rows: ReportRow[], desk = false) => previewOf(rows, desk, "me");

  it("has the most urgent groups of each filter as the board would show them, and counts all", () => {
    const rows = Array.from({ length: 60 }, (_, i) =>
      row(`r${String(i).padStart(2, "0")}`, {
        ...at(Math.floor(i / 3) * 1000),
        priority: i === 59 ? 1 : 2,
        taken_by: i % 2 ? ["me"] : [],
      }),
    );
    const { all, mine, new: free } = kept(rows);
    expect([all?.total, mine?.total, free?.total]).toEqual([60, 30, 30]);
    expect(all?.groups).toEqual(order(groups(rows), "urgent", null).slice(0, 10));
    expect(all?.groups?.[0]?.priority).toBe(1);
    expect(Object.keys(kept(rows, true))).toEqual(["unknown", "flagged", "all"]);
  });

  it("keeps of a large group the first, and says how many there are", () => {
    const rows = Array.from({ length: 500 }, (_, i) =>
      row(`r${String(i).padStart(3, "0")}`, { taken_by: i < 100 ? ["me"] : [] }),
    );
    const [only] = kept(rows).all?.groups ?? [];
    expect([only?.rows.length, only?.total, only?.free]).toEqual([10, 500, 400]);
  });
});

describe("the board", () => {
  it("puts the urgent first, then whoever has waited longest", () => {
    const found = groups([
      row("a", { captured_at: "2026-11-20T00:00:00.000Z" }),
      row("b", { ...at(5000), priority: 1 }),
      row("c", at(10_000)),
      row("d", at(10_010)),
    ]);
    expect(order(found, "urgent", null).map((group) => group.key)).toEqual(["b", "a", "c"]);
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
