/** The board of Protección Civil and of the desk: what is urgent, grouped, with who has it. */
import { computed, signal } from "@preact/signals";
import { Notes } from "../mine/Notes.tsx";
import { go, path } from "../route.ts";
import type { ReportRow } from "../state/contract.ts";
import {
  account,
  colleagues,
  incidents,
  loaded,
  now,
  profile,
  quarantine,
  refusals,
  rows,
} from "../state/index.ts";
import { Button, LinkButton } from "../ui/Button.tsx";
import { Card, pictogram, typeName, whereOf, zone } from "../ui/Card.tsx";
import { Choice } from "../ui/Field.tsx";
import { Icon, Sign } from "../ui/Icon.tsx";
import { Find, Screen } from "../ui/Screen.tsx";
import { Tabs } from "../ui/Tabs.tsx";
import { useFix } from "../ui/usefix.ts";
import { common } from "../words/common.ts";
import { and, past } from "../words/dates.ts";
import { triage as w } from "../words/triage.ts";
import { type Order, order, type Show, shows } from "./board.ts";
import { type Group, groups } from "./grouping.ts";
import "./triage.css";

const chosen = signal<Show | null>(null);
const sort = signal<Order>("urgent");
const opened = signal<ReadonlySet<string>>(new Set());
const SHOWN = 40;

const counted = computed(() => {
  const me = account.value?.account ?? "";
  const count = (show: Show) => rows.value.reduce((sum, row) => sum + Number(shows(row, show, me)), 0);
  return {
    new: count("new"),
    all: count("all"),
    mine: count("mine"),
    unknown: count("unknown"),
    flagged: count("flagged"),
  };
});

export function names(accounts: readonly string[]): string {
  return and(
    accounts.map((id) =>
      id === account.value?.account ? (profile.value?.name ?? id) : (colleagues.value.get(id)?.name ?? id),
    ),
  );
}

export default function Board() {
  const fix = useFix();
  const desk = account.value?.role === "desk";
  const show = chosen.value ?? (desk ? "unknown" : "all");
  const me = account.value?.account ?? "";
  const found = order(groups(rows.value.filter((row) => shows(row, show, me))), sort.value, fix);
  const held = refusals.value.size + quarantine.value.size;
  const open = [...incidents.value.values()].filter((one) => !one.closed_at);
  const count = counted.value;
  const kinds: Show[] = desk ? ["unknown", "flagged", "all"] : ["all", "new", "mine"];
  return (
    <Screen
      title={common.tabs.board}
      bare
      tools={<Find />}
      tabs={<Tabs at="#/" />}
      action={
        <>
          <Button big icon="check" onClick={() => go(path("select"))}>
            {w.selectMany}
          </Button>
          <Button main big icon="plus" onClick={() => go(path("new"))}>
            {common.newReport}
          </Button>
        </>
      }
    >
      <Notes />
      <div class="body body--low stack">
        {held > 0 && (
          <LinkButton wide icon="warning" href={path("rejections")}>
            {w.rejections(held)}
          </LinkButton>
        )}
        <Choice<Show>
          legend={w.show}
          hideLegend
          tight
          name="show"
          value={show}
          options={kinds.map((value) => ({ value, text: w.filters[value](count[value]) }))}
          onChange={(value) => {
            chosen.value = value;
          }}
        />
        <Choice<Order>
          legend={w.sort}
          hideLegend
          tight
          name="order"
          value={sort.value}
          options={(["urgent", "nearest", "oldest"] as const).map((value) => ({ value, text: w.by[value] }))}
          onChange={(value) => {
            sort.value = value;
          }}
        />
        {open.map((one) => (
          <LinkButton
            key={one._id}
            wide
            left
            icon="flag"
            href={path("incident", one._id.replace("incident:", ""))}
          >
            {one.name} · {w.incidentReports(one.reports.length)}
          </LinkButton>
        ))}
      </div>
      {loaded.value && found.length === 0 && <p class="empty">{desk ? w.emptyDesk : w.empty}</p>}
      <ul class="cards">
        {found.slice(0, SHOWN).map((group) => (
          <li key={group.key}>
            {group.rows.length === 1 ? <One row={group.rows[0] as ReportRow} /> : <Many group={group} />}
          </li>
        ))}
      </ul>
    </Screen>
  );
}

function One({ row }: { row: ReportRow }) {
  const held = row.taken_by.length > 0 ? w.takenBy(names(row.taken_by)) : w.nobody;
  return <Card row={row} extra={`${past(row.captured_at, now.value, zone())} · ${held}`} />;
}

function Many({ group }: { group: Group }) {
  const first = group.rows[0] as ReportRow;
  const isOpen = opened.value.has(group.key);
  const free = group.rows.filter((row) => row.taken_by.length === 0).length;
  const alarm = group.rows.some((row) => row.priority === 1);
  const oldest = group.rows.map((row) => row.captured_at).sort()[0] ?? first.captured_at;
  function turn() {
    const next = new Set(opened.value);
    if (!next.delete(group.key)) next.add(group.key);
    opened.value = next;
  }
  return (
    <>
      <button type="button" class="card" aria-expanded={isOpen} onClick={turn}>
        {alarm && (
          <span class="alarm">
            <Icon name="siren" />
            {common.emergency}
          </span>
        )}
        <Sign name={pictogram(first)} alarm={alarm} />
        <span class="card__text">
          <span class="card__name">{w.group(group.rows.length, typeName(first.type))}</span>
          <span class="card__where">
            {whereOf(first)} · {past(oldest, now.value, zone())}
          </span>
          <span class="card__marks">
            <span class="strong small">
              {free > 0 ? w.filters.new(free) : w.takenBy(names(first.taken_by))}
            </span>
          </span>
        </span>
        <Icon name="next" class={isOpen ? "turned" : ""} />
      </button>
      {isOpen && (
        <ul class="inside">
          {group.rows.map((row) => (
            <li key={row.id}>
              <One row={row} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
