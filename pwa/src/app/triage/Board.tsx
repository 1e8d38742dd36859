/** The board of Protección Civil and of the desk: what is urgent, grouped, with who has it. */
import { computed, signal } from "@preact/signals";
import { byUrgency } from "../../shared/urgency.ts";
import { Notes } from "../capture/Notes.tsx";
import { go, path } from "../route.ts";
import type { Group, ReportRow } from "../state/contract.ts";
import {
  account,
  colleagues,
  incidents,
  loaded,
  now,
  own,
  preview,
  previewWith,
  profile,
  quarantine,
  refusals,
  rows,
} from "../state/index.ts";
import { Alarm } from "../ui/Alarm.tsx";
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
import { kindsOf, type Order, order, previewOf, type Show, shows } from "./board.ts";
import { groups, waitingOf } from "./grouping.ts";
import "./triage.css";

const chosen = own(() => signal<Show | null>(null));
const sort = own(() => signal<Order>("urgent"));
const opened = own(() => signal<ReadonlySet<string>>(new Set()));
const SHOWN = 40;
const EMPTY: Record<string, string> = { desk: w.emptyDesk, agency: w.emptyAgency };

const isDesk = computed(() => account.value?.role === "desk");
const mine = computed(() => account.value?.account ?? "");
const shown = computed(() => chosen().value ?? (isDesk.value ? "unknown" : "all"));
previewWith(["civil_protection", "desk", "agency"], (all) => previewOf(all, isDesk.peek(), mine.peek()));

/** As the board last stood, until every row is read. */
const kept = computed(() => (loaded.value ? null : preview.value));

const counted = computed(() => {
  const count = (show: Show) =>
    kept.value?.[show]?.total ??
    rows.value.reduce((sum, row) => sum + Number(shows(row, show, mine.value)), 0);
  return {
    new: count("new"),
    all: count("all"),
    mine: count("mine"),
    unknown: count("unknown"),
    flagged: count("flagged"),
  };
});

const found = computed(
  () =>
    kept.value?.[shown.value]?.groups ??
    groups(rows.value.filter((row) => shows(row, shown.value, mine.value))),
);

export function names(accounts: readonly string[]): string {
  return and(
    accounts.map((id) =>
      id === account.value?.account ? (profile.value?.name ?? id) : (colleagues.value.get(id)?.name ?? id),
    ),
  );
}

export default function Board() {
  const fix = useFix();
  const desk = isDesk.value;
  const show = shown.value;
  const list = order(found.value, sort().value, fix);
  const held = refusals.value.size + quarantine.value.size;
  const open = [...incidents.value.values()].filter((one) => !one.closed_at);
  const count = counted.value;
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
          options={kindsOf(desk).map((value) => ({ value, text: w.filters[value](count[value]) }))}
          onChange={(value) => {
            chosen().value = value;
          }}
        />
        <Choice<Order>
          legend={w.sort}
          hideLegend
          tight
          name="order"
          value={sort().value}
          options={(["urgent", "nearest", "oldest"] as const).map((value) => ({ value, text: w.by[value] }))}
          onChange={(value) => {
            sort().value = value;
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
      {loaded.value && list.length === 0 && (
        <p class="empty">{EMPTY[account.value?.role ?? ""] ?? w.empty}</p>
      )}
      <ul class="cards">
        {list.slice(0, SHOWN).map((group) => (
          <li key={group.key}>
            {group.total === 1 ? <One row={group.rows[0] as ReportRow} /> : <Many group={group} />}
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
  // A fresh one beside an old one is seen by its own place and time: the group stands for what is most urgent in it.
  const { free, top } = group;
  const isOpen = opened().value.has(group.key);
  const alarm = group.priority === 1;
  function turn() {
    const next = new Set(opened().value);
    if (!next.delete(group.key)) next.add(group.key);
    opened().value = next;
  }
  return (
    <>
      <button type="button" class="card" aria-expanded={isOpen} onClick={turn}>
        {alarm && <Alarm danger={group.danger} />}
        <Sign name={pictogram(top)} alarm={alarm} />
        <span class="card__text">
          <span class="card__name">{w.group(group.total, typeName(top.type))}</span>
          <span class="card__where">
            {whereOf(top)} · {past(top.captured_at, now.value, zone())}
          </span>
          <span class="card__marks">
            {group.rows.some((row) => row.unseen) && <span class="mark mark--new">{common.unseen}</span>}
            <span class="strong small">
              {free > 0 ? w.filters.new(free) : w.takenBy(names(top.taken_by))}
            </span>
          </span>
        </span>
        <Icon name="next" class={isOpen ? "turned" : ""} />
      </button>
      {isOpen && (
        <ul class="inside">
          {[...group.rows]
            .sort((a, b) => byUrgency(waitingOf(a), waitingOf(b)))
            .map((row) => (
              <li key={row.id}>
                <One row={row} />
              </li>
            ))}
        </ul>
      )}
    </>
  );
}
