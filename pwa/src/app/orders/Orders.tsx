/** A brigade's orders: by priority, deadline or distance. Big targets: gloves. */
import { signal } from "@preact/signals";
import { Notes } from "../mine/Notes.tsx";
import type { ReportRow } from "../state/contract.ts";
import { loaded, now, profile, rows } from "../state/index.ts";
import { Card, zone } from "../ui/Card.tsx";
import { Choice } from "../ui/Field.tsx";
import { isOpen } from "../ui/Light.tsx";
import { Rows } from "../ui/Rows.tsx";
import { Find, Screen } from "../ui/Screen.tsx";
import { Tabs } from "../ui/Tabs.tsx";
import { useFix } from "../ui/usefix.ts";
import { common } from "../words/common.ts";
import { day } from "../words/dates.ts";
import { orders as w } from "../words/orders.ts";
import { distance, ours, toDo } from "./assignment.ts";

export type Sort = "priority" | "due" | "distance";
const sort = signal<Sort>("priority");
const show = signal<"todo" | "done">("todo");

/** Orders still to do, and those done or given back. */
export function split(all: readonly ReportRow[], brigade: string | null | undefined) {
  const todo: ReportRow[] = [];
  const done: ReportRow[] = [];
  for (const row of all) {
    if (row.view === "card" || row.status === "withdrawn") continue;
    (isOpen(row.status) && toDo(ours(row.assignments, brigade)) ? todo : done).push(row);
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
    return by === "due" ? due || urgent : urgent || due;
  };
}

export default function Orders() {
  const fix = useFix();
  const brigade = profile.value?.brigade;
  const lists = split(rows.value, brigade);
  const away = (row: ReportRow) =>
    fix && row.lat !== null && row.lon !== null
      ? distance(fix, { lat: row.lat, lon: row.lon })
      : Number.POSITIVE_INFINITY;
  const shown = show.value === "todo" ? [...lists.todo].sort(compare(sort.value, away)) : lists.done;
  return (
    <Screen title={common.tabs.orders} bare tools={<Find />} tabs={<Tabs at="#/" />}>
      <Notes />
      <div class="body body--low stack">
        <Choice
          legend={w.show}
          hideLegend
          tight
          name="show"
          value={show.value}
          options={[
            { value: "todo", text: w.pending(lists.todo.length) },
            { value: "done", text: w.done(lists.done.length) },
          ]}
          onChange={(value) => {
            show.value = value;
          }}
        />
        {show.value === "todo" && (
          <Choice<Sort>
            legend={w.sort}
            hideLegend
            tight
            name="sort"
            value={sort.value}
            options={(["priority", "due", "distance"] as const).map((value) => ({
              value,
              text: w.by[value],
            }))}
            onChange={(value) => {
              sort.value = value;
            }}
          />
        )}
      </div>
      {loaded.value && shown.length === 0 && <p class="empty">{w.empty}</p>}
      <Rows rows={shown} key={show.value}>
        {(row) => {
          const part = ours(row.assignments, brigade);
          const extra = [
            Number.isFinite(away(row)) ? w.away(away(row)) : null,
            part?.status === "started" ? w.working : null,
            part?.status === "paused"
              ? part.return_on
                ? w.returnOn(day(part.return_on, now.value, zone()))
                : w.paused
              : null,
          ].filter(Boolean);
          return <Card row={row} extra={extra.join(" · ") || undefined} />;
        }}
      </Rows>
    </Screen>
  );
}
