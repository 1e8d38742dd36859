/** A brigade's orders: by priority, deadline or distance. Big targets: gloves. */
import { computed, signal } from "@preact/signals";
import { distance } from "../../shared/geometry.ts";
import { ours } from "../../shared/orders.ts";
import { Notes } from "../capture/Notes.tsx";
import type { ReportRow } from "../state/contract.ts";
import { loaded, now, own, preview, previewWith, profile, rows } from "../state/index.ts";
import { Card, zone } from "../ui/Card.tsx";
import { Choice } from "../ui/Field.tsx";
import { Rows } from "../ui/Rows.tsx";
import { Find, Screen } from "../ui/Screen.tsx";
import { Tabs } from "../ui/Tabs.tsx";
import { useFix } from "../ui/usefix.ts";
import { common } from "../words/common.ts";
import { day } from "../words/dates.ts";
import { orders as w } from "../words/orders.ts";
import { compare, previewOf, type Sort, split } from "./lists.ts";

const sort = own(() => signal<Sort>("priority"));
const show = own(() => signal<"todo" | "done">("todo"));
const whole = computed(() => split(rows.value, profile.value?.brigade));
previewWith(["brigade"], (all) => previewOf(all, profile.peek()?.brigade));

/** What is shown of both lists: their first pages as they last stood, until every row is read. */
const shownOf = computed(() => {
  const kept = loaded.value ? null : preview.value;
  const of = (name: "todo" | "done") =>
    kept?.[name] ?? { total: whole.value[name].length, rows: whole.value[name] };
  return { todo: of("todo"), done: of("done") };
});

export default function Orders() {
  const fix = useFix();
  const brigade = profile.value?.brigade;
  const lists = shownOf.value;
  const away = (row: ReportRow) =>
    fix && row.lat !== null && row.lon !== null
      ? distance(fix.lat, fix.lon, row.lat, row.lon)
      : Number.POSITIVE_INFINITY;
  const { total, rows: found } = lists[show().value];
  const shown = show().value === "todo" ? [...found].sort(compare(sort().value, away)) : found;
  return (
    <Screen title={common.tabs.orders} bare tools={<Find />} tabs={<Tabs at="#/" />}>
      <Notes />
      <div class="body body--low stack">
        <Choice
          legend={w.show}
          hideLegend
          tight
          name="show"
          value={show().value}
          options={[
            { value: "todo", text: w.pending(lists.todo.total) },
            { value: "done", text: w.done(lists.done.total) },
          ]}
          onChange={(value) => {
            show().value = value;
          }}
        />
        {show().value === "todo" && (
          <Choice<Sort>
            legend={w.sort}
            hideLegend
            tight
            name="sort"
            value={sort().value}
            options={(["priority", "due", "distance"] as const).map((value) => ({
              value,
              text: w.by[value],
            }))}
            onChange={(value) => {
              sort().value = value;
            }}
          />
        )}
      </div>
      {loaded.value && shown.length === 0 && <p class="empty">{w.empty}</p>}
      <Rows rows={shown} total={total} key={show().value}>
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
