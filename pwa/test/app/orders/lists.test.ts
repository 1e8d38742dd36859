import { expect, it } from "vitest";
import { compare, previewOf, split } from "../../../src/app/orders/lists.ts";
import type { ReportRow } from "../../../src/app/state/contract.ts";

const order = (id: string, more: object = {}) =>
  ({
    id,
    view: "full",
    status: "in_progress",
    priority: 3,
    due_at: null,
    assignments: [{ agency: "light", brigade: "us", status: "assigned" }],
    ...more,
  }) as unknown as ReportRow;
const finished = [{ agency: "light", brigade: "us", status: "finished" }];

it("a brigade's own part decides what is still to do; cards and what was withdrawn are in no list", () => {
  const { todo, done } = split(
    [
      order("a"),
      order("b", { assignments: [...finished, { agency: "water", brigade: "them", status: "assigned" }] }),
      order("c", { status: "finished", assignments: finished }),
      order("d", { view: "card" }),
      order("e", { status: "withdrawn" }),
    ],
    "us",
  );
  expect([todo.map((row) => row.id), done.map((row) => row.id)]).toEqual([["a"], ["b", "c"]]);
});

it("a preview is the first page of each list as it would be shown, with all counted", () => {
  const rows = Array.from({ length: 40 }, (_, i) =>
    order(`r${i}`, {
      priority: 1 + ((i * 7) % 4),
      due_at: `2026-11-${String(10 + ((i * 3) % 20)).padStart(2, "0")}T00:00:00.000Z`,
      ...(i % 5 === 0 ? { assignments: finished } : {}),
    }),
  );
  const { todo, done } = split(rows, "us");
  expect(previewOf(rows, "us")).toEqual({
    todo: { total: 32, rows: todo.sort(compare("priority", () => 0)).slice(0, 10) },
    done: { total: 8, rows: done },
  });
});
