/** Priority, classification, first answer. */
import { useState } from "preact/hooks";
import type { Payloads, Priority } from "../../shared/documents.ts";
import { bare } from "../capture/Tiles.tsx";
import { back, path } from "../route.ts";
import { row, rows, searchTypes } from "../state/index.ts";
import { Button, SaveButton } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { commit } from "../ui/commit.ts";
import { useDraft } from "../ui/draft.ts";
import { Choice, Field } from "../ui/Field.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { say } from "../ui/toast.tsx";
import { common } from "../words/common.ts";
import { triage as w } from "../words/triage.ts";

const PRIORITIES: Priority[] = [1, 2, 3, 4];

export function PriorityPage({ id }: { id: string }) {
  rows.value;
  const seen = row(id)?.priority ?? 3;
  async function set(priority: Priority) {
    const saved = await commit(
      { kind: "prioritized", report: id, payload: { priority, seen_priority: seen } },
      w.prioritized,
    );
    if (saved) back(path("report", id));
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
    const saved = await commit({ kind: "amended", report: id, payload: { type } }, w.classified);
    if (saved) back(path("report", id));
  }
  return (
    <Screen title={w.classifyTitle} up={path("report", id)} bare>
      {about && <Card row={about} />}
      <div class="body">
        <Field
          label={common.newReport}
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
        {found.length === 0 && (
          <p role="status">
            <Icon name="search" />
          </p>
        )}
      </div>
    </Screen>
  );
}

type Way = NonNullable<Payloads["answered"]["by"]>;

export function Answer({ id }: { id: string }) {
  const form = useDraft<{ text: string; by: Way }>(`answer:${id}`, () => ({ text: "", by: "phone" }));
  const { text, by } = form.body.value;
  async function save() {
    if (!text.trim()) return say(w.answerText, true);
    const saved = await commit(
      { kind: "answered", report: id, payload: { text: text.trim(), by }, draft: form.key },
      w.answered,
    );
    if (saved) back(path("report", id));
  }
  return (
    <Screen title={w.answer} up={path("report", id)} action={<SaveButton onSave={save} />}>
      <Choice<Way>
        legend={w.answerBy}
        name="by"
        value={by}
        options={(Object.keys(w.answerWays) as Way[]).map((value) => ({ value, text: w.answerWays[value] }))}
        onChange={(value) => form.edit({ by: value })}
      />
      <Field
        label={w.answerText}
        lines
        max={4000}
        value={text}
        onInput={(value) => form.edit({ text: value })}
      />
    </Screen>
  );
}
