/** The action recorded: measures, resources, people, shelter, 911 folio. Everything by touch but the numbers. */

import type { Payloads } from "../../shared/documents.ts";
import { PhotoPicker } from "../photo/PhotoPicker.tsx";
import { actAndReturn } from "../report/ActPage.tsx";
import { path } from "../route.ts";
import { SaveButton } from "../ui/Button.tsx";
import { useDraft } from "../ui/draft.ts";
import { Field, Many } from "../ui/Field.tsx";
import { Screen } from "../ui/Screen.tsx";
import { say } from "../ui/toast.tsx";
import { asPosition, useFix } from "../ui/usefix.ts";
import { triage as w } from "../words/triage.ts";

interface Body {
  measures: string[];
  resources: string[];
  people: string;
  injured: string;
  shelter: string;
  folio_911: string;
  text: string;
}

/** Only what was filled in: an empty field says nothing, not zero. Pure. */
export function toAction(body: Body): Payloads["action_recorded"] {
  const payload: Payloads["action_recorded"] = {};
  if (body.measures.length > 0) payload.measures = body.measures;
  if (body.resources.length > 0) payload.resources = body.resources;
  for (const key of ["people", "injured"] as const) {
    const count = Number.parseInt(body[key], 10);
    if (Number.isInteger(count) && count >= 0) payload[key] = count;
  }
  for (const key of ["shelter", "folio_911", "text"] as const)
    if (body[key].trim()) payload[key] = body[key].trim();
  return payload;
}

const options = (list: readonly string[]) => list.map((text) => ({ value: text, text }));

export function ActionForm({ id }: { id: string }) {
  const fix = useFix();
  const form = useDraft<Body>(`action:${id}`, () => ({
    measures: [],
    resources: [],
    people: "",
    injured: "",
    shelter: "",
    folio_911: "",
    text: "",
  }));
  const body = form.body.value;
  async function save() {
    const payload = toAction(body);
    if (Object.keys(payload).length === 0) return say(w.actionMissing, true);
    await actAndReturn(
      {
        kind: "action_recorded",
        report: id,
        payload,
        position: asPosition(fix),
        photos: form.photoIds(),
        draft: form.key,
      },
      w.actionSaved,
    );
  }
  return (
    <Screen title={w.actionTitle} up={path("report", id)} action={<SaveButton onSave={save} />}>
      <Many
        legend={w.measures}
        values={body.measures}
        options={options(w.measureList)}
        onChange={(measures) => form.edit({ measures })}
      />
      <Many
        legend={w.resources}
        values={body.resources}
        options={options(w.resourceList)}
        onChange={(resources) => form.edit({ resources })}
      />
      <div class="two">
        <Field
          label={w.people}
          mode="numeric"
          max={6}
          value={body.people}
          onInput={(people) => form.edit({ people })}
        />
        <Field
          label={w.injured}
          mode="numeric"
          max={6}
          value={body.injured}
          onInput={(injured) => form.edit({ injured })}
        />
      </div>
      <Field label={w.shelter} max={200} value={body.shelter} onInput={(shelter) => form.edit({ shelter })} />
      <Field
        label={w.folio911}
        max={40}
        value={body.folio_911}
        onInput={(folio_911) => form.edit({ folio_911 })}
      />
      <PhotoPicker form={form} />
      <Field
        label={w.actionText}
        lines
        max={4000}
        value={body.text}
        onInput={(text) => form.edit({ text })}
      />
    </Screen>
  );
}
