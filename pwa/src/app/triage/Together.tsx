/** Several at once: into an incident, or as duplicates of one of them. */
import { useState } from "preact/hooks";
import { go, path } from "../route.ts";
import type { AnyAct } from "../state/contract.ts";
import { incidents, newSubject, now, row, rows } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { typeName, whereOf, zone } from "../ui/Card.tsx";
import { commitAll } from "../ui/commit.ts";
import { useDraft } from "../ui/draft.ts";
import { Choice, Field } from "../ui/Field.tsx";
import { Screen } from "../ui/Screen.tsx";
import { say } from "../ui/toast.tsx";
import { past } from "../words/dates.ts";
import { triage as w } from "../words/triage.ts";

export function Join({ ids }: { ids: string[] }) {
  const form = useDraft(`join:${ids.join(",")}`, () => ({ name: "" }));
  const open = [...incidents.value.values()].filter((one) => !one.closed_at);
  async function into(incident: string, opening: AnyAct[] = []) {
    const joining = ids.map(
      (report): AnyAct => ({ kind: "incident_joined", report, payload: { incident }, draft: form.key }),
    );
    if (await commitAll([...opening, ...joining], w.joined(ids.length))) go("#/", true);
  }
  async function openNew() {
    const name = form.body.value.name.trim();
    if (!name) return say(w.incidentName, true);
    const types = [...new Set(ids.map((id) => row(id)?.type).filter((type): type is string => !!type))];
    const incident = newSubject();
    await into(incident, [{ kind: "incident_opened", report: incident, payload: { name, types } }]);
  }
  return (
    <Screen
      title={w.joinTitle}
      up="#/"
      action={
        <Button main big icon="plus" onClick={() => void openNew()}>
          {w.incidentOpen}
        </Button>
      }
    >
      <p class="strong">{w.selected(ids.length)}</p>
      {open.map((one) => (
        <Button
          key={one._id}
          big
          left
          icon="flag"
          onClick={() => void into(one._id.replace("incident:", ""))}
        >
          {one.name}
        </Button>
      ))}
      <h2>{w.newIncident}</h2>
      <Field
        label={w.incidentName}
        max={120}
        value={form.body.value.name}
        onInput={(name) => form.edit({ name })}
      />
    </Screen>
  );
}

export function Duplicate({ ids }: { ids: string[] }) {
  rows.value;
  const chosen = ids.map((id) => row(id)).filter((one) => one !== undefined);
  const [main, setMain] = useState(
    [...chosen].sort((a, b) => (a.captured_at < b.captured_at ? -1 : 1))[0]?.id ?? null,
  );
  async function save() {
    if (!main) return;
    const others = chosen.filter((one) => one.id !== main);
    const saved = await commitAll(
      others.map((other) => ({ kind: "marked_duplicate", report: other.id, payload: { of: main } })),
      w.duplicated(others.length),
    );
    if (!saved) return;
    go(path("report", main), true);
  }
  return (
    <Screen
      title={w.duplicateTitle}
      up="#/"
      action={
        <Button main big icon="link" onClick={() => void save()}>
          {w.duplicateSave}
        </Button>
      }
    >
      <Choice
        legend={w.duplicateTitle}
        hideLegend
        list
        name="main"
        value={main}
        options={chosen.map((one) => ({
          value: one.id,
          text: `${typeName(one.type)} · ${whereOf(one)}`,
          note: `${one.folio ?? one.provisional} · ${past(one.captured_at, now.value, zone())}`,
        }))}
        onChange={setMain}
      />
    </Screen>
  );
}
