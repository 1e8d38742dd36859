/** Correct or add: what was said, where, more photos. Each becomes an event of its own; nothing is overwritten. */
import { useState } from "preact/hooks";
import { lazy } from "../lazy.tsx";
import { PhotoPicker } from "../photo/PhotoPicker.tsx";
import { back, path } from "../route.ts";
import { account, row, rows } from "../state/index.ts";
import { Button, SaveButton } from "../ui/Button.tsx";
import { commit } from "../ui/commit.ts";
import { useDraft } from "../ui/draft.ts";
import { Field } from "../ui/Field.tsx";
import { Screen } from "../ui/Screen.tsx";
import { say } from "../ui/toast.tsx";
import { capture } from "../words/capture.ts";
import { report as w } from "../words/report.ts";

const PinPicker = lazy(() => import("../map/PinPicker.tsx"));

interface Body {
  text: string;
  reference: string;
  point: { lat: number; lon: number } | null;
}

export default function Amend({ args }: { args: string[] }) {
  const id = args[0] ?? "";
  const form = useDraft<Body>(`amend:${id}`, () => ({ text: "", reference: "", point: null }));
  const [picking, setPicking] = useState(false);
  rows.value;
  const about = row(id);
  const body = form.body.value;
  const mine = about?.mine === true || about?.captured_by === account.value?.account;

  async function save() {
    const text = body.text.trim();
    const reference = body.reference.trim();
    const photos = form.photoIds();
    if (!text && !reference && !body.point && photos.length === 0) return say(w.editor.nothing, true);
    // The author corrects; anybody else of the block adds a note.
    const saved =
      mine && (reference || body.point)
        ? await commit(
            {
              kind: "amended",
              report: id,
              payload: {
                ...(text && { text }),
                ...(reference && { place: { reference } }),
                ...(body.point && { place_corrected: true as const }),
              },
              ...(body.point && { position: { source: "pin" as const, ...body.point } }),
              photos,
              draft: form.key,
            },
            w.editor.saved,
          )
        : await commit(
            {
              kind: "noted",
              report: id,
              payload: { text: text || w.editor.photos },
              photos,
              draft: form.key,
            },
            w.editor.saved,
          );
    if (saved) back(path("report", id));
  }

  if (picking)
    return (
      <PinPicker
        start={about && about.lat !== null && about.lon !== null ? { lat: about.lat, lon: about.lon } : null}
        label={capture.where.usePoint}
        title={w.editor.place}
        up={path("report", id)}
        onBack={() => setPicking(false)}
        onPick={(point: { lat: number; lon: number }) => {
          form.edit({ point });
          setPicking(false);
        }}
      />
    );
  return (
    <Screen title={w.editor.title} up={path("report", id)} action={<SaveButton onSave={save} />}>
      <Field
        label={w.editor.text}
        lines
        max={4000}
        value={body.text}
        onInput={(text) => form.edit({ text })}
      />
      <PhotoPicker form={form} />
      {mine && (
        <>
          <Field
            label={capture.where.reference}
            max={200}
            value={body.reference}
            onInput={(reference) => form.edit({ reference })}
          />
          <Button icon="pin" onClick={() => setPicking(true)}>
            {body.point ? capture.where.pin : capture.where.optionPin}
          </Button>
        </>
      )}
    </Screen>
  );
}
