/** One page with everything but what it is. The main button is always in sight. */
import { useRef, useState } from "preact/hooks";
import { PhotoPicker } from "../photo/PhotoPicker.tsx";
import { back, go, path } from "../route.ts";
import { improveFix, types, capture as write } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { pictogram, typeName } from "../ui/Card.tsx";
import { guarded } from "../ui/commit.ts";
import { Field } from "../ui/Field.tsx";
import { Icon, Sign } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { say } from "../ui/toast.tsx";
import { capture as w } from "../words/capture.ts";
import { common } from "../words/common.ts";
import { CallMe } from "./CallMe.tsx";
import { closeFix, form, keepOpen, lacksWords, toCapture } from "./form.ts";
import { Nearby } from "./Nearby.tsx";
import { Questions } from "./Questions.tsx";
import { keepSame } from "./same.ts";
import { newKey } from "./unfinished.ts";
import { PlaceLine } from "./WherePage.tsx";
import { Who } from "./Who.tsx";

export function FormPage() {
  const body = form.body.value;
  const type = body.type ? types.value.get(body.type) : undefined;
  const [missing, setMissing] = useState<string | null>(null);
  const [silent, setSilent] = useState(false);
  const saving = useRef(false);
  const urgent = body.urgent;

  async function save(another: boolean) {
    const lacking = type?.questions.find(
      (question) => question.required && body.answers[question.id] === undefined,
    );
    // What is urgent is never held back by a question.
    if (lacking && !urgent) {
      setMissing(lacking.text);
      document.getElementById(`q-${lacking.id}`)?.scrollIntoView({ block: "center" });
      return;
    }
    if (lacksWords()) {
      setSilent(true);
      document.getElementById("unknown-text")?.scrollIntoView({ block: "center" });
      return;
    }
    if (saving.current) return; // a second tap of a nervous thumb is the same report
    saving.current = true;
    const what = toCapture(form.body.value);
    // Kept though nothing was typed on it: what is saved can be given back whole. Where there is no room, saving says so.
    form.keep().catch(() => undefined);
    const saved = await guarded(() => write(what), another ? common.seal.phone : undefined);
    saving.current = false;
    if (!saved) return;
    if (saved.already) {
      // Another window made the report of this draft; what was added here since is nobody's.
      await form.clear(true);
      closeFix();
      go(path("report", saved.report), true);
      return say(w.already, true); // after the change of screen, which would take it away
    }
    const same = keepSame(form.body.value, saved.report);
    if (!another) {
      // Away first: a form emptied in sight would be drawn once more, with the whole catalogue in its place.
      closeFix();
      go(path("saved", saved.report, saved.uuid), true);
    }
    const cleared = form.clear(false);
    improveFix(saved, what.position);
    await cleared;
    if (another) {
      form.begin(newKey(Date.now()));
      keepOpen();
      form.edit(same);
      window.scrollTo(0, 0);
    }
  }

  return (
    <Screen
      title={urgent ? w.danger.title : w.title}
      up="#/"
      onBack={() => back(path("new"))}
      action={
        <Button main={!urgent} alarm={urgent} big icon="check" onClick={() => void save(false)}>
          {urgent ? w.urgentSave : w.save}
        </Button>
      }
    >
      {form.resumed.value && (
        <div class="row row--wrap">
          <p class="grow muted">{w.resumed}</p>
          <Button
            icon="repeat"
            onClick={() => {
              go(path("new"), true); // this one stays unfinished, and is offered there
            }}
          >
            {w.another}
          </Button>
        </div>
      )}
      <div class="row">
        <Sign name={pictogram({ type: body.type })} alarm={urgent} />
        <h2 class="grow">{typeName(body.type)}</h2>
        <Button
          label={`${common.change}: ${typeName(body.type)}`}
          onClick={() => {
            go(path("new", "change"), true);
          }}
        >
          {common.change}
        </Button>
      </div>
      {type?.confidential && (
        <p class="row">
          <Icon name="lock" />
          {w.confidential}
        </p>
      )}
      <PlaceLine />
      <Nearby />
      <PhotoPicker form={form} />
      {type && <Questions type={type} missing={missing} />}
      {body.type === "unknown" && (
        <div id="unknown-text">
          {silent && lacksWords() && (
            <p class="panel panel--warn" role="alert">
              {w.unknownLacks}
            </p>
          )}
          <Field
            label={w.textUnknown}
            lines
            max={4000}
            value={body.text}
            onInput={(text) => form.edit({ text })}
          />
        </div>
      )}
      <Who />
      {!type?.confidential && <CallMe />}
      <Field
        label={w.where.reference}
        help={w.where.referenceHelp}
        max={200}
        value={body.place.reference ?? ""}
        onInput={(reference) => form.edit({ place: { ...form.body.value.place, reference } })}
      />
      {(type?.family === "lamp" || type?.family === "cable") && (
        <Field
          label={w.where.pole}
          max={40}
          value={body.place.pole ?? ""}
          onInput={(pole) => form.edit({ place: { ...form.body.value.place, pole } })}
        />
      )}
      {body.type !== "unknown" && (
        <Field label={w.text} lines max={4000} value={body.text} onInput={(text) => form.edit({ text })} />
      )}
      <Button icon="copy" wide onClick={() => void save(true)}>
        {w.saveAnother}
      </Button>
    </Screen>
  );
}
