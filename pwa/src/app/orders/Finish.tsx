/** Finish: what was done, materials, photos, and the position judged before the person's eyes. Nothing bounces work. */

import type { Material } from "../../shared/documents.ts";
import { presence } from "../../shared/presence.ts";
import { PhotoPicker } from "../photo/PhotoPicker.tsx";
import { actAndReturn } from "../report/ActPage.tsx";
import { path } from "../route.ts";
import { row, rows, types } from "../state/index.ts";
import { Button, SaveButton } from "../ui/Button.tsx";
import { typeName } from "../ui/Card.tsx";
import { useDraft } from "../ui/draft.ts";
import { Choice, Field } from "../ui/Field.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { say } from "../ui/toast.tsx";
import { asPosition, useFix } from "../ui/usefix.ts";
import { orders as w } from "../words/orders.ts";

interface Body {
  code: string | null;
  text: string;
  materials: Material[];
  name: string;
  quantity: string;
}

export function Finish({ id }: { id: string }) {
  const form = useDraft<Body>(`finish:${id}`, () => ({
    code: null,
    text: "",
    materials: [],
    name: "",
    quantity: "1",
  }));
  const fix = useFix();
  rows.value;
  const about = row(id);
  const type = about?.type ? types.value.get(about.type) : undefined;
  const body = form.body.value;
  const codes = type?.closing.codes ?? [];
  const judged = presence(fix, { lat: about?.lat ?? undefined, lon: about?.lon ?? undefined });

  function add(): Material[] {
    const name = body.name.trim();
    const quantity = Number(body.quantity.replace(",", "."));
    if (!name || !(quantity > 0)) return body.materials;
    return [...body.materials, { name, quantity }];
  }
  async function save() {
    const text = body.text.trim();
    const done = body.code ?? text;
    if (!done) return say(w.doneMissing, true);
    const materials = add(); // one typed but not yet added is meant too
    await actAndReturn(
      {
        kind: "finished",
        report: id,
        payload: {
          done,
          ...(materials.length > 0 && { materials }),
          ...(body.code && text && { text }),
        },
        position: asPosition(fix),
        photos: form.photoIds(),
        draft: form.key,
      },
      w.finished,
      true,
    );
  }
  return (
    <Screen
      title={w.finish}
      up={path("report", id)}
      action={<SaveButton onSave={save} words={w.finishSave} />}
    >
      <h2>{typeName(about?.type)}</h2>
      {codes.length > 0 && (
        <div class="glove">
          <Choice
            legend={w.doneLegend}
            list
            name="done"
            value={body.code}
            options={codes}
            onChange={(code) => form.edit({ code })}
          />
        </div>
      )}
      <PhotoPicker form={form} />
      {type?.closing.photo && form.photos.value.length === 0 && <p class="small">{w.photoNeeded}</p>}
      <p class="panel place">
        <Icon name={judged.verdict === "ok" ? "check" : judged.verdict === "far" ? "warning" : "locate"} />
        <span class="place__text">
          <span class="strong" role="status">
            {judged.verdict === "ok"
              ? w.position.ok(judged.distance ?? 0)
              : judged.verdict === "far"
                ? w.position.far(judged.distance ?? 0)
                : w.position[judged.verdict]}
          </span>
          <br />
          <span class="small muted">{w.position.note}</span>
        </span>
      </p>
      <fieldset class="stack">
        <legend>{w.materials}</legend>
        {body.materials.map((material, index) => (
          <p class="row" key={`${material.name}${index}`}>
            <span class="grow">
              {material.quantity} {material.name}
            </span>
            <Button
              icon="trash"
              label={w.removeMaterial(material.name)}
              onClick={() => form.edit({ materials: body.materials.filter((_, i) => i !== index) })}
            />
          </p>
        ))}
        <div class="two">
          <Field label={w.material} max={120} value={body.name} onInput={(name) => form.edit({ name })} />
          <Field
            label={w.quantity}
            mode="decimal"
            max={9}
            value={body.quantity}
            onInput={(quantity) => form.edit({ quantity })}
          />
        </div>
        <Button icon="plus" onClick={() => form.edit({ materials: add(), name: "", quantity: "1" })}>
          {w.addMaterial}
        </Button>
      </fieldset>
      <Field label={w.doneText} lines max={4000} value={body.text} onInput={(text) => form.edit({ text })} />
    </Screen>
  );
}
