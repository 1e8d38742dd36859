/**
 * "Mi manzana" and "Mi cuartel": what is open, what waits for the leader's word, what changed.
 *
 * Law: this is the first screen; it draws rows already in memory, a page at a time, and asks nothing of anybody.
 */
import { computed, signal } from "@preact/signals";
import { go, path } from "../route.ts";
import type { ReportRow } from "../state/contract.ts";
import { account, loaded, rows } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Choice } from "../ui/Field.tsx";
import { isOpen } from "../ui/Light.tsx";
import { Rows } from "../ui/Rows.tsx";
import { Find, Screen } from "../ui/Screen.tsx";
import { Tabs } from "../ui/Tabs.tsx";
import { common } from "../words/common.ts";
import { mine as w } from "../words/mine.ts";
import { Notes } from "./Notes.tsx";

export type Filter = "open" | "toVerify" | "closed" | "near";
const filter = signal<Filter>("open");

/** Finished, and nobody of the block has said yet whether it was. */
export const waitsForWord = (row: ReportRow): boolean =>
  row.status === "finished" && row.verified === null && row.view === "full";

/** Emergencies, then what changed, then what is due first. */
export function byNeed(a: ReportRow, b: ReportRow): number {
  const alarm = Number(b.priority === 1) - Number(a.priority === 1);
  if (alarm) return alarm;
  const news = Number(b.changed) - Number(a.changed);
  if (news) return news;
  const due = (a.due_at ?? "9") < (b.due_at ?? "9") ? -1 : (a.due_at ?? "9") > (b.due_at ?? "9") ? 1 : 0;
  return due || (a.captured_at < b.captured_at ? 1 : -1);
}

const sorted = computed(() => {
  const open: ReportRow[] = [];
  const toVerify: ReportRow[] = [];
  const closed: ReportRow[] = [];
  const near: ReportRow[] = [];
  for (const row of rows.value) {
    if (row.view === "card") {
      if (isOpen(row.status)) near.push(row);
    } else if (waitsForWord(row)) toVerify.push(row);
    else if (isOpen(row.status)) open.push(row);
    else closed.push(row);
  }
  open.sort(byNeed);
  near.sort(byNeed);
  return { open, toVerify, closed, near };
});

export function Mine() {
  const sector = account.value?.role === "sector_leader";
  const lists = sorted.value;
  const shown = lists[filter.value];
  const title = sector ? common.tabs.sector : common.tabs.mine;
  return (
    <Screen
      title={title}
      bare
      tools={<Find map={sector} />}
      action={
        <Button main big icon="plus" onClick={() => go(path("new"))}>
          {common.newReport}
        </Button>
      }
      tabs={<Tabs at="#/" />}
    >
      <Notes />
      <div class="body body--low">
        <Choice<Filter>
          legend={w.filter}
          hideLegend
          tight
          name="filter"
          value={filter.value}
          onChange={(value) => {
            filter.value = value;
          }}
          options={[
            { value: "open", text: w.open(lists.open.length) },
            { value: "toVerify", text: w.toVerify(lists.toVerify.length) },
            { value: "closed", text: w.closed },
            ...(sector ? [] : [{ value: "near" as const, text: w.near }]),
          ]}
        />
      </div>
      {loaded.value && shown.length === 0 ? (
        <p class="empty">{w.empty[filter.value]}</p>
      ) : (
        <Rows rows={shown} key={filter.value}>
          {(row) => (
            <Card
              row={row}
              href={waitsForWord(row) && filter.value === "toVerify" ? path("verify", row.id) : undefined}
            />
          )}
        </Rows>
      )}
    </Screen>
  );
}
