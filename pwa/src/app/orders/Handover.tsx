/** The list for whoever takes over the shift: what is under way, what waits and why, what nobody started. */

import { ours } from "../../shared/orders.ts";
import type { ReportRow } from "../state/contract.ts";
import { counts, municipality, now, profile, rows } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { Card, typeName, whereOf, zone } from "../ui/Card.tsx";
import { shade } from "../ui/Light.tsx";
import { Screen } from "../ui/Screen.tsx";
import { share } from "../ui/share.ts";
import { day } from "../words/dates.ts";
import { orders as w } from "../words/orders.ts";
import { compare, split } from "./lists.ts";

export default function Handover() {
  const brigade = profile.value?.brigade;
  const todo = [...split(rows.value, brigade).todo].sort(compare("priority", () => 0));
  const of = (status: string) =>
    todo.filter((row) => (ours(row.assignments, brigade)?.status ?? "assigned") === status);
  const groups = [
    { name: w.handoverWorking, rows: of("started") },
    { name: w.handoverPaused, rows: of("paused") },
    { name: w.handoverNew, rows: of("assigned") },
  ].filter((group) => group.rows.length > 0);
  const why = (row: ReportRow) => {
    const part = ours(row.assignments, brigade);
    const outcome = part?.outcome ? w.outcomes[part.outcome as keyof typeof w.outcomes] : null;
    return [outcome, part?.return_on ? w.returnOn(day(part.return_on, now.value, zone())) : null]
      .filter(Boolean)
      .join(" · ");
  };
  const text = () =>
    [
      `${w.handoverTitle} · ${municipality.value?.municipality ?? ""}`,
      ...groups.flatMap((group) => [
        "",
        group.name.toUpperCase(),
        ...group.rows.map((row) =>
          [
            row.folio ?? row.provisional,
            typeName(row.type),
            whereOf(row),
            shade(row, now.value, zone()).words,
            why(row),
          ]
            .filter(Boolean)
            .join(" · "),
        ),
      ]),
    ].join("\n");
  const unsent = counts.value.on_phone + counts.value.photos_on_phone;
  return (
    <Screen
      title={w.handoverTitle}
      up="#/"
      bare
      action={
        <Button main big icon="share" onClick={() => void share(w.handoverTitle, text())}>
          {w.handoverShare}
        </Button>
      }
    >
      <div class="body stack">
        <p>{w.handoverLead}</p>
        {unsent > 0 && <p class="panel panel--warn">{w.handoverUnsent(unsent)}</p>}
        {groups.length === 0 && <p class="empty">{w.empty}</p>}
      </div>
      {groups.map((group) => (
        <section key={group.name}>
          <h2 class="band">
            {group.name} · {group.rows.length}
          </h2>
          {group.rows.map((row) => (
            <Card key={row.id} row={row} extra={why(row) || undefined} />
          ))}
        </section>
      ))}
    </Screen>
  );
}
