/** Assignments by hand; whole histories are held by the server's own table (overlay.test.ts). */
import { describe, expect, it } from "vitest";
import type { Assignment } from "../../src/shared/documents.ts";
import { assign, isOpen, isToDo, made, ours, statusAfter, work } from "../../src/shared/orders.ts";

const AT = "2026-11-22T12:00:00.000Z";
const order = (brigade: string | null, status: Assignment["status"] = "assigned"): Assignment => ({
  ...made("obras", null, brigade, AT),
  status,
});
const start = (entry: Assignment): Assignment => ({ ...entry, status: "started" });
const crew = { role: "brigade", agency: "obras", brigade: "b1" } as const;

describe("assigning", () => {
  it("adds a brigade and never takes one away", () => {
    expect(assign([order("b1")], order("b2")).map((entry) => entry.brigade)).toEqual(["b1", "b2"]);
  });

  it("leaves open work of the same brigade as it is", () => {
    const held = [order("b1", "started")];
    expect(assign(held, order("b1"))).toEqual(held);
  });

  it("opens a closed one again", () => {
    expect(assign([order("b1", "returned")], order("b1"))).toEqual([order("b1")]);
  });

  it("names the brigade of an agency's open order, not of a closed one", () => {
    expect(assign([order(null)], order("b1"))).toEqual([order("b1")]);
    expect(assign([order(null, "finished")], order("b1"))).toHaveLength(2);
  });
});

describe("working", () => {
  it("changes a brigade's own order and nobody else's", () => {
    const done = work([order("b1"), order("b2")], crew, {}, AT, start);
    expect(done.map((entry) => entry.status)).toEqual(["started", "assigned"]);
  });

  it("gives a brigade that nobody sent an order of its own", () => {
    expect(work([], crew, {}, AT, start)).toEqual([order("b1", "started")]);
  });

  it("changes all open orders of an agency that does not say which", () => {
    const office = { role: "agency", agency: "obras", brigade: null } as const;
    const done = work([order("b1"), order("b2", "finished")], office, {}, AT, start);
    expect(done.map((entry) => entry.status)).toEqual(["started", "finished"]);
  });

  it("changes only the one named", () => {
    const desk = { role: "desk", agency: null, brigade: null } as const;
    const done = work([order("b1"), order("b2")], desk, { brigade: "b2" }, AT, start);
    expect(done.map((entry) => entry.status)).toEqual(["assigned", "started"]);
  });
});

describe("the report's status", () => {
  it("is in progress while anything is open; then finished work weighs most", () => {
    expect(statusAfter([order("b1", "finished"), order("b2", "paused")], "finished")).toBe("in_progress");
    expect(statusAfter([order("b1", "not_viable"), order("b2", "finished")], "not_viable")).toBe("finished");
    expect(statusAfter([order("b1", "not_viable"), order("b2", "returned")], "finished")).toBe("not_viable");
    expect(statusAfter([order("b1", "returned")], "not_viable")).toBe("not_viable");
    expect(isOpen(order("b1", "returned"))).toBe(false);
  });
});

describe("whose order it is", () => {
  it("is the brigade's own part among several", () => {
    expect(ours([order("x", "finished"), order("y", "started")], "y")?.status).toBe("started");
  });
  it("is everybody's where it is the only one, nobody's where several are others'", () => {
    expect(ours([order("x")], "y")?.brigade).toBe("x");
    expect(ours([order("x", "finished"), order("z", "started")], "y")).toBeUndefined();
  });
  it("is to do until finished or given back, and only while the report is open", () => {
    const statuses = (["assigned", "started", "paused", "finished", "not_viable", "returned"] as const).map(
      (one) => isToDo({ status: "in_progress", assignments: [order("y", one), order("z")] }, "y"),
    );
    expect(statuses).toEqual([true, true, true, false, false, false]);
    expect(isToDo({ status: "finished", assignments: [order("y")] }, "y")).toBe(false);
    expect(isToDo({ status: "captured" }, "y")).toBe(true);
  });
});
