/** A brigade's two lists and their order. Pure. */
import { firstBy } from "../../shared/ordering.ts";
import { isToDo } from "../../shared/orders.ts";
import type { Preview, ReportRow } from "../state/contract.ts";
import { FIRST } from "../ui/screenful.ts";

export type Sort = "priority" | "due" | "distance";

/** Orders still to do, and those done or given back. */
export function split(all: readonly ReportRow[], brigade: string | null | undefined) {
  const todo: ReportRow[] = [];
  const done: ReportRow[] = [];
  for (const row of all) {
    if (row.view === "card" || row.status === "withdrawn") continue;
    (isToDo(row, brigade) ? todo : done).push(row);
  }
  return { todo, done };
}

const text = (a: string | null, b: string | null) =>
  (a ?? "9") < (b ?? "9") ? -1 : (a ?? "9") > (b ?? "9") ? 1 : 0;

export function compare(by: Sort, away: (row: ReportRow) => number) {
  return (a: ReportRow, b: ReportRow): number => {
    const urgent = a.priority - b.priority;
    const due = text(a.due_at, b.due_at);
    if (by === "distance") return away(a) - away(b) || urgent || due;
    if (by === "priority" && urgent === 0 && a.danger !== b.danger)
      return Number(b.danger) - Number(a.danger);
    return by === "due" ? due || urgent : urgent || due;
  };
}

/** The first page of each list, as `state/preview.ts` keeps it: by priority, where nobody has chosen otherwise. */
export function previewOf(all: readonly ReportRow[], brigade: string | null | undefined): Preview {
  const { todo, done } = split(all, brigade);
  const first = firstBy(
    todo,
    FIRST,
    compare("priority", () => 0),
  );
  return {
    todo: { total: todo.length, rows: first },
    done: { total: done.length, rows: done.slice(0, FIRST) },
  };
}
