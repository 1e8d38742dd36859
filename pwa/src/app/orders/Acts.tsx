/**
 * Pause, note, correct the place, not viable, return.
 *
 * Law: "no se pudo" is two taps from the order: open this page, touch the reason. A return date can be added to it
 * afterwards; it never stands in the way.
 */
import { useState } from "preact/hooks";
import type { Payloads } from "../../shared/documents.ts";
import { lazy } from "../lazy.tsx";
import { PhotoPicker } from "../photo/PhotoPicker.tsx";
import { back, go, path } from "../route.ts";
import { now, row, rows } from "../state/index.ts";
import { SaveButton } from "../ui/Button.tsx";
import { commit } from "../ui/commit.ts";
import { useDraft } from "../ui/draft.ts";
import { Choice, Field } from "../ui/Field.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
import { say } from "../ui/toast.tsx";
import { asPosition, useFix } from "../ui/usefix.ts";
import { common } from "../words/common.ts";
import { orders as w } from "../words/orders.ts";
import { report as rw } from "../words/report.ts";

const PinPicker = lazy(() => import("../map/PinPicker.tsx"));
type Outcome = Payloads["visited"]["outcome"];
type When = keyof typeof w.dates;

/** A calendar date some days from `from`, in the phone's zone. Pure. */
export function dateIn(from: Date, days: number): string {
  const at = new Date(from.getFullYear(), from.getMonth(), from.getDate() + days);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
}

const ICONS: Record<Outcome, string> = {
  waiting_material: "tools",
  no_access: "lock",
  not_found: "search",
  partial: "pause",
  already_fixed: "check",
  unsafe: "warning",
};

export function Pause({ id }: { id: string }) {
  const fix = useFix();
  const [when, setWhen] = useState<When>("tomorrow");
  const DAYS: Record<When, number | null> = { today: 0, tomorrow: 1, week: 7, none: null };
  async function because(outcome: Outcome) {
    const days = DAYS[when];
    const returning = days !== null && outcome !== "already_fixed";
    const saved = await commit(
      {
        kind: "visited",
        report: id,
        payload: { outcome, ...(returning && { return_on: dateIn(now.value, days) }) },
        position: asPosition(fix),
      },
      outcome === "unsafe" ? w.riskDone : w.paused_,
    );
    if (saved) back(path("report", id));
  }
  return (
    <Screen title={w.pauseTitle} up={path("report", id)}>
      <Choice<When>
        legend={w.when}
        name="when"
        value={when}
        options={(Object.keys(w.dates) as When[]).map((value) => ({ value, text: w.dates[value] }))}
        onChange={setWhen}
      />
      <div class="tiles">
        {(Object.keys(w.outcomes) as Outcome[]).map((outcome) => (
          <button type="button" class="tile" key={outcome} onClick={() => void because(outcome)}>
            <Icon name={ICONS[outcome]} />
            <span class="tile__name">{w.outcomes[outcome]}</span>
          </button>
        ))}
      </div>
    </Screen>
  );
}

interface ReasonBody<R extends string> {
  reason: R | null;
  text: string;
}

function Reasons<R extends string>(props: {
  title: string;
  id: string;
  kind: "not_viable" | "returned";
  reasons: Record<R, string>;
  words: string;
  photos?: boolean;
}) {
  const fix = useFix();
  const form = useDraft<ReasonBody<R>>(`${props.kind}:${props.id}`, () => ({ reason: null, text: "" }));
  const { reason, text } = form.body.value;
  async function save() {
    if (!reason) return say(props.title, true);
    const said = text.trim();
    const payload = { reason, ...(said && { text: said }) };
    const saved = await commit(
      {
        kind: props.kind,
        report: props.id,
        payload: payload as unknown as Payloads["returned"],
        position: asPosition(fix),
        photos: form.photoIds(),
        draft: form.key,
      },
      props.words,
    );
    if (saved) go("#/", true);
  }
  return (
    <Screen title={props.title} up={path("report", props.id)} action={<SaveButton onSave={save} />}>
      <div class="glove">
        <Choice<R>
          legend={props.title}
          hideLegend
          list
          name="reason"
          value={reason}
          options={(Object.keys(props.reasons) as R[]).map((value) => ({
            value,
            text: props.reasons[value],
          }))}
          onChange={(value) => form.edit({ reason: value })}
        />
      </div>
      <Field label={w.why} lines max={4000} value={text} onInput={(value) => form.edit({ text: value })} />
      {props.photos && <PhotoPicker form={form} />}
    </Screen>
  );
}

export function NotViable({ id }: { id: string }) {
  return (
    <Reasons
      title={w.viableTitle}
      id={id}
      kind="not_viable"
      reasons={rw.notViableReason as Record<Payloads["not_viable"]["reason"], string>}
      words={w.viableSaved}
      photos
    />
  );
}

export function Return({ id }: { id: string }) {
  return (
    <Reasons
      title={w.backTitle}
      id={id}
      kind="returned"
      reasons={rw.returnReason as Record<Payloads["returned"]["reason"], string>}
      words={w.backSaved}
    />
  );
}

export function NotePage({ id }: { id: string }) {
  const form = useDraft(`note:${id}`, () => ({ text: "" }));
  async function save() {
    const text = form.body.value.text.trim();
    if (!text) return say(w.noteMissing, true);
    const saved = await commit(
      { kind: "noted", report: id, payload: { text }, photos: form.photoIds(), draft: form.key },
      w.noteSaved,
    );
    if (saved) back(path("report", id));
  }
  return (
    <Screen title={w.note} up={path("report", id)} action={<SaveButton onSave={save} />}>
      <Field
        label={w.note}
        lines
        max={4000}
        value={form.body.value.text}
        onInput={(text) => form.edit({ text })}
      />
      <PhotoPicker form={form} />
    </Screen>
  );
}

export function CorrectPlace({ id }: { id: string }) {
  rows.value;
  const about = row(id);
  const fix = useFix();
  const start =
    fix ?? (about && about.lat !== null && about.lon !== null ? { lat: about.lat, lon: about.lon } : null);
  return (
    <PinPicker
      start={start}
      title={w.correct}
      label={common.save}
      up={path("report", id)}
      onPick={(point: { lat: number; lon: number }) => {
        void commit(
          {
            kind: "amended",
            report: id,
            payload: { place_corrected: true },
            position: { source: "pin", ...point },
          },
          w.corrected,
        ).then((saved) => saved && back(path("report", id)));
      }}
    />
  );
}
