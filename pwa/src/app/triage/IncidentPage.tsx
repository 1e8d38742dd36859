/** An incident: its reports together, and its closing, asked about where something inside is still open. */
import { useState } from "preact/hooks";
import { isOpen } from "../../shared/status.ts";
import { byUrgency } from "../../shared/urgency.ts";
import { go } from "../route.ts";
import { account, incidents, now, row, rows } from "../state/index.ts";
import { Button } from "../ui/Button.tsx";
import { Card, zone } from "../ui/Card.tsx";
import { commit } from "../ui/commit.ts";
import { Screen } from "../ui/Screen.tsx";
import { Sheet } from "../ui/Sheet.tsx";
import { common } from "../words/common.ts";
import { past } from "../words/dates.ts";
import { triage as w } from "../words/triage.ts";
import { waitingOf } from "./grouping.ts";

export default function IncidentPage({ args }: { args: string[] }) {
  const id = args[0] ?? "";
  const incident = incidents.value.get(id);
  const [asking, setAsking] = useState(false);
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
  const open = members.filter((one) => isOpen(one.status));
  const urgent = open.filter((one) => one.priority === 1).length;
  function close() {
    const what = { kind: "incident_closed" as const, report: id, payload: {} };
    void commit(what, w.incidentClosed).then((saved) => saved && go("#/", true));
  }
  return (
    <Screen
      title={incident.name}
      up="#/"
      bare
      action={
        !incident.closed_at && account.value?.role === "civil_protection" ? (
          <Button big icon="check" onClick={() => (open.length > 0 ? setAsking(true) : close())}>
            {w.incidentClose}
          </Button>
        ) : null
      }
    >
      <p class="body">
        {w.incidentReports(members.length)} · {past(incident.opened_at, now.value, zone())}
        {incident.text ? ` · ${incident.text}` : ""}
      </p>
      {[...members]
        .sort((a, b) => byUrgency(waitingOf(a), waitingOf(b)))
        .map((one) => (
          <Card key={one.id} row={one} />
        ))}
      {asking && (
        <Sheet label={w.incidentAsk} onClose={() => setAsking(false)}>
          <p class="strong">{w.incidentOpenInside(open.length, urgent)}</p>
          <p>{w.incidentOpenStay}</p>
          <Button
            risk
            big
            onClick={() => {
              setAsking(false);
              close();
            }}
          >
            {w.incidentCloseAll}
          </Button>
          <Button big onClick={() => setAsking(false)}>
            {common.cancel}
          </Button>
        </Sheet>
      )}
    </Screen>
  );
}
