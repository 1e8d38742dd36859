/** The padrón of the sector: blocks with and without leader, found by name, called with one tap. */
import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import type { Block } from "../../shared/documents.ts";
import { bare } from "../ids.ts";
import { path } from "../route.ts";
import { blocks, leaders, own } from "../state/index.ts";
import { Choice, Field } from "../ui/Field.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { Tabs } from "../ui/Tabs.tsx";
import { registry as w } from "../words/registry.ts";
import { type Entry, entries, matches } from "./entries.ts";
import "./registry.css";

type Show = "all" | "vacant" | "led";
const show = own(() => signal<Show>("all"));

export default function Registry() {
  const [query, setQuery] = useState("");
  const all = entries([...blocks.value.values()] as Block[], [...leaders.value.values()]);
  const vacant = all.filter((one) => one.vacant);
  const led = all.filter((one) => !one.vacant);
  const shown = { all, vacant, led }[show().value].filter((one) => matches(one, query));
  return (
    <Screen title={w.title} bare tabs={<Tabs at="#/registry" />}>
      <div class="body stack">
        <Field label={w.search} type="search" mode="search" value={query} onInput={setQuery} />
        <Choice<Show>
          legend={w.show}
          hideLegend
          name="show"
          value={show().value}
          options={[
            { value: "all", text: w.all(all.length) },
            { value: "vacant", text: w.vacant(vacant.length) },
            { value: "led", text: w.led(led.length) },
          ]}
          onChange={(value) => {
            show().value = value;
          }}
        />
        {all.length === 0 && <p class="empty">{w.empty}</p>}
        {all.length > 0 && shown.length === 0 && <p role="status">{w.nothing}</p>}
      </div>
      <ul class="rows">
        {shown.map((entry) => (
          <li key={entry.block._id}>
            <Row entry={entry} />
          </li>
        ))}
      </ul>
    </Screen>
  );
}

function Row({ entry }: { entry: Entry }) {
  return (
    <a class="item" href={path("block", bare(entry.block._id))}>
      <Icon name={entry.vacant ? "question" : "person"} />
      <span class="grow">
        <span class="strong">{entry.block.name}</span>
        <br />
        <span class={entry.vacant ? "vacant" : "muted"}>
          {entry.pending ? w.pending : entry.vacant ? w.none : entry.name}
        </span>
      </span>
      <Icon name="next" />
    </a>
  );
}
