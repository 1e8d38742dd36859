/** What Protección Civil and the desk do on a report's page. */
import { directions } from "../orders/OrderDoing.tsx";
import { go, path } from "../route.ts";
import type { LocalReport } from "../state/contract.ts";
import { account } from "../state/index.ts";
import { Button, LinkButton } from "../ui/Button.tsx";
import { commit } from "../ui/commit.ts";
import { isOpen } from "../ui/Light.tsx";
import { triage as w } from "../words/triage.ts";
import { names } from "./Board.tsx";

export default function TriageDoing({ report, main }: { report: LocalReport; main: boolean }) {
  return main ? <Main report={report} /> : <Rest report={report} />;
}

function Main({ report }: { report: LocalReport }) {
  const desk = account.value?.role === "desk";
  const mine = report.taken_by?.some((one) => one.account === account.value?.account);
  if (desk && (!report.type || report.type === "unknown"))
    return (
      <Button main big icon="search" onClick={() => go(path("triage", "classify", report.id))}>
        {w.classify}
      </Button>
    );
  if (mine)
    return (
      <Button main big icon="note" onClick={() => go(path("triage", "action", report.id))}>
        {w.action}
      </Button>
    );
  return (
    <Button
      main
      big
      icon="check"
      onClick={() => void commit({ kind: "taken", report: report.id, payload: {} }, w.taken)}
    >
      {w.take}
    </Button>
  );
}

function Rest({ report }: { report: LocalReport }) {
  const role = account.value?.role;
  const held = report.taken_by ?? [];
  const { lat, lon } = report.place ?? {};
  const open = isOpen(report.status);
  const officer = role === "civil_protection";
  return (
    <div class="stack">
      <p class="strong">{held.length > 0 ? w.takenBy(names(held.map((one) => one.account))) : w.nobody}</p>
      {lat !== undefined && lon !== undefined && (
        <LinkButton wide left icon="route" href={directions(lat, lon)}>
          {w.directions}
        </LinkButton>
      )}
      {open && (
        <>
          <LinkButton wide left icon="people" href={path("triage", "assign", report.id)}>
            {w.assign}
          </LinkButton>
          {role !== "agency" && (
            <LinkButton wide left icon="flag" href={path("triage", "priority", report.id)}>
              {w.priority}
            </LinkButton>
          )}
          {officer && (
            <>
              <LinkButton wide left icon="note" href={path("triage", "action", report.id)}>
                {w.action}
              </LinkButton>
              <LinkButton wide left icon="layers" href={path("triage", "join", report.id)}>
                {w.incident}
              </LinkButton>
              <LinkButton wide left icon="check" href={path("order", "finish", report.id)}>
                {w.finish}
              </LinkButton>
            </>
          )}
          {role === "desk" && (
            <LinkButton wide left icon="search" href={path("triage", "classify", report.id)}>
              {w.classify}
            </LinkButton>
          )}
          {role !== "civil_protection" && (
            <LinkButton wide left icon="call" href={path("triage", "answer", report.id)}>
              {w.answer}
            </LinkButton>
          )}
        </>
      )}
      <LinkButton wide left icon="note" href={path("order", "note", report.id)}>
        {w.note}
      </LinkButton>
    </div>
  );
}
