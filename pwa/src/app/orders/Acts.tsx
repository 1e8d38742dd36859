/**
 * Pause, note, correct the place, not viable, return.
 *
 * Law: "no se pudo" is two taps from the order: open this page, touch the reason. A return date can be added to it
 * afterwards; it never stands in the way.
 */
import { useState } from "preact/hooks";
import type { Payloads } from "../../shared/documents.ts";
import { lazy } from "../lazy.tsx";
import { ActPage, actAndReturn } from "../report/ActPage.tsx";
import { path } from "../route.ts";
import { now, row, rows } from "../state/index.ts";
import { Choice } from "../ui/Field.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Screen } from "../ui/Screen.tsx";
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
    await actAndReturn(
      {
        kind: "visited",
        report: id,
        payload: { outcome, ...(returning && { return_on: dateIn(now.value, days) }) },
        position: asPosition(fix),
      },
      outcome === "unsafe" ? w.riskDone : w.paused_,
    );
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

export function NotViable({ id }: { id: string }) {
  type Reason = Payloads["not_viable"]["reason"];
  return (
    <ActPage<"not_viable", Reason>
      id={id}
      kind="not_viable"
      title={w.viableTitle}
      reasons={{
        legend: w.viableTitle,
        words: rw.notViableReason as Record<Reason, string>,
        missing: w.reasonMissing,
        list: true,
      }}
      text={{ label: w.why }}
      photos
      fix={useFix()}
      payload={(reason, text) => ({ reason, ...(text && { text }) })}
      done={w.viableSaved}
      home
    />
  );
}

export function Return({ id }: { id: string }) {
  type Reason = Payloads["returned"]["reason"];
  return (
    <ActPage<"returned", Reason>
      id={id}
      kind="returned"
      title={w.backTitle}
      reasons={{
        legend: w.backTitle,
        words: rw.returnReason as Record<Reason, string>,
        missing: w.reasonMissing,
        list: true,
      }}
      text={{ label: w.why }}
      fix={useFix()}
      payload={(reason, text) => ({ reason, ...(text && { text }) })}
      done={w.backSaved}
      home
    />
  );
}

export function NotePage({ id }: { id: string }) {
  return (
    <ActPage
      id={id}
      kind="noted"
      title={w.note}
      text={{ label: w.note, missing: w.noteMissing }}
      photos
      payload={(_, text) => ({ text })}
      done={w.noteSaved}
    />
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
        void actAndReturn(
          {
            kind: "amended",
            report: id,
            payload: { place_corrected: true },
            position: { source: "pin", ...point },
          },
          w.corrected,
        );
      }}
    />
  );
}
