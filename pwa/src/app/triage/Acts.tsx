/** Priority, classification, first answer. */
import { useState } from "preact/hooks";
import type { Payloads, Priority } from "../../shared/documents.ts";
import { bare } from "../capture/Tiles.tsx";
import { searchTypes } from "../finding/index.ts";
import { ActPage, actAndReturn } from "../report/ActPage.tsx";
import { path } from "../route.ts";
import { account, row, rows } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Field } from "../ui/Field.tsx";
import { Screen } from "../ui/Screen.tsx";
import { common } from "../words/common.ts";
import { triage as w } from "../words/triage.ts";

const PRIORITIES: Priority[] = [1, 2, 3, 4];

export function PriorityPage({ id }: { id: string }) {
  rows.value;
  const seen = row(id)?.priority ?? 3;
  async function set(priority: Priority) {
    await actAndReturn(
      { kind: "prioritized", report: id, payload: { priority, seen_priority: seen } },
      w.prioritized,
    );
  }
  return (
    <Screen title={w.priorityTitle} up={path("report", id)}>
      {PRIORITIES.map((priority) => (
        <Button
          key={priority}
          big
          alarm={priority === 1}
          icon={priority === 1 ? "siren" : "flag"}
          disabled={priority === seen}
          onClick={() => void set(priority)}
        >
          {common.priority[priority]}
        </Button>
      ))}
    </Screen>
  );
}

export function Classify({ id }: { id: string }) {
  const [query, setQuery] = useState("");
  rows.value;
  const about = row(id);
  const found = searchTypes(query)
    .filter((type) => type.active && type.family !== "question")
    .slice(0, query.trim() ? 20 : 200);
  async function set(type: string) {
    // What is classified leaves the desk: its page would only say that it is gone.
    const desk = account.value?.role === "desk";
    await actAndReturn({ kind: "amended", report: id, payload: { type } }, w.classified, desk);
  }
  return (
    <Screen title={w.classifyTitle} up={path("report", id)} bare>
      {about && <Card row={about} />}
      <div class="body">
        <Field
          label={w.classifyTitle}
          hideLabel
          type="search"
          mode="search"
          value={query}
          onInput={setQuery}
          placeholder="bache, fuga, poste…"
        />
        {found.map((type) => (
          <Button key={type._id} wide left icon={type.family} onClick={() => void set(bare(type._id))}>
            {type.name}
          </Button>
        ))}
        {found.length === 0 && <p role="status">{w.classifyNothing}</p>}
      </div>
    </Screen>
  );
}

type Way = NonNullable<Payloads["answered"]["by"]>;

export function Answer({ id }: { id: string }) {
  return (
    <ActPage<"answered", Way>
      id={id}
      kind="answered"
      title={w.answer}
      reasons={{ legend: w.answerBy, words: w.answerWays, start: "phone" }}
      text={{ label: w.answerText, missing: w.answerMissing }}
      payload={(by, text) => ({ text, by })}
      done={w.answered}
    />
  );
}
