/**
 * "Mi manzana" and "Mi cuartel": what is open, what waits for the leader's word, what changed.
 *
 * Law: this is the first screen; it draws rows already in memory, a page at a time, and asks nothing of anybody.
 */
import { computed, signal } from "@preact/signals";
import { Notes } from "../capture/Notes.tsx";
import { go, path } from "../route.ts";
import { account, loaded, own, preview, previewWith, rows } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Choice } from "../ui/Field.tsx";
import { Rows } from "../ui/Rows.tsx";
import { Find, Screen } from "../ui/Screen.tsx";
import { Tabs } from "../ui/Tabs.tsx";
import { common } from "../words/common.ts";
import { mine as w } from "../words/mine.ts";
import { type Filter, listsOf, previewOf, waitsForWord } from "./lists.ts";

const filter = own(() => signal<Filter>("open"));
const sorted = computed(() => listsOf(rows.value));
previewWith(["block_leader", "sector_leader"], previewOf);

/** What is shown of each list: the first page as it last stood, until every row is read. */
const shownOf = computed(() => {
  const kept = loaded.value ? null : preview.value;
  const of = (name: Filter) => kept?.[name] ?? { total: sorted.value[name].length, rows: sorted.value[name] };
  return { open: of("open"), toVerify: of("toVerify"), closed: of("closed"), near: of("near") };
});

export function Mine() {
  const sector = account.value?.role === "sector_leader";
  const lists = shownOf.value;
  const shown = lists[filter().value];
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
          value={filter().value}
          onChange={(value) => {
            filter().value = value;
          }}
          options={[
            { value: "open", text: w.open(lists.open.total) },
            { value: "toVerify", text: w.toVerify(lists.toVerify.total) },
            { value: "closed", text: w.closed },
            ...(sector ? [] : [{ value: "near" as const, text: w.near }]),
          ]}
        />
      </div>
      {loaded.value && shown.total === 0 ? (
        <p class="empty">{w.empty[filter().value]}</p>
      ) : (
        <Rows rows={shown.rows} total={shown.total} key={filter().value}>
          {(row) => (
            <Card
              row={row}
              href={waitsForWord(row) && filter().value === "toVerify" ? path("verify", row.id) : undefined}
            />
          )}
        </Rows>
      )}
    </Screen>
  );
}
