/** An incident: its reports together, and its closing. */
import { go } from "../route.ts";
import { account, incidents, now, row, rows } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { Card, zone } from "../ui/Card.tsx";
import { commit } from "../ui/commit.ts";
import { Screen } from "../ui/Screen.tsx";
import { past } from "../words/dates.ts";
import { triage as w } from "../words/triage.ts";

export default function IncidentPage({ args }: { args: string[] }) {
  const id = args[0] ?? "";
  const incident = incidents.value.get(id);
  if (!incident)
    return (
      <Screen title={w.incidentTitle} up="#/">
        <p>{w.incidentGone}</p>
      </Screen>
    );
  const inside = new Set(incident.reports);
  const members = rows.value
    .filter((one) => one.incident === id || inside.has(one.id))
    .map((one) => row(one.id) ?? one);
  return (
    <Screen
      title={incident.name}
      up="#/"
      bare
      action={
        !incident.closed_at && account.value?.role === "civil_protection" ? (
          <Button
            big
            icon="check"
            onClick={() =>
              void commit({ kind: "incident_closed", report: id, payload: {} }, w.incidentClosed).then(
                (saved) => saved && go("#/", true),
              )
            }
          >
            {w.incidentClose}
          </Button>
        ) : null
      }
    >
      <p class="body">
        {w.incidentReports(members.length)} · {past(incident.opened_at, now.value, zone())}
        {incident.text ? ` · ${incident.text}` : ""}
      </p>
      {members.map((one) => (
        <Card key={one.id} row={one} />
      ))}
    </Screen>
  );
}
