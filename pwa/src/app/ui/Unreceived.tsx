/** "Nadie lo ha recibido aún": an urgent capture that no server has, and what to do. */
import { counts, municipality, row } from "../state/index.ts";
import { mine as w } from "../words/mine.ts";
import { LinkButton } from "./Button.tsx";
import { typeName, whereOf } from "./Card.tsx";
import { Icon } from "./Icon.tsx";

export function Unreceived({ report }: { report?: string | undefined }) {
  const waiting = counts.value.urgent_unreceived.filter((one) => !report || one.report === report);
  const first = waiting[0];
  if (!first) return null;
  const about = row(first.report);
  const emergency = municipality.value?.emergency_phone ?? "911";
  const duty = municipality.value?.duty_phone;
  const where = about ? [whereOf(about), point(about)].filter(Boolean).join(" ") : "";
  const text = about ? w.urgent.text(typeName(about.type), about.danger, where, about.provisional) : "";
  return (
    <section class="panel panel--alarm panel--edge" role="alert">
      <h2 class="row">
        <Icon name="siren" class="mark-alarm" />
        {w.urgent.title}
      </h2>
      <p>{w.urgent.body}</p>
      <LinkButton big wide icon="call" href={`tel:${emergency}`}>
        {w.urgent.call(emergency)}
      </LinkButton>
      {duty && (
        <LinkButton wide icon="message" href={`sms:${duty}?body=${encodeURIComponent(text)}`}>
          {w.urgent.sms}
        </LinkButton>
      )}
    </section>
  );
}

function point(about: { lat: number | null; lon: number | null }): string {
  return about.lat === null || about.lon === null ? "" : `(${about.lat.toFixed(5)}, ${about.lon.toFixed(5)})`;
}
