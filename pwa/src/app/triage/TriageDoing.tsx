/** What Protección Civil and the desk do on a report's page: what docs/authorization.md lets each do. */

import { isOpen } from "../../shared/status.ts";
import { directions } from "../map/directions.ts";
import { go, path } from "../route.ts";
import type { LocalReport } from "../state/contract.ts";
import { account } from "../state/index.ts";
import { Button, LinkButton } from "../ui/Button.tsx";
import { commit } from "../ui/commit.ts";
import { report as rw } from "../words/report.ts";
import { triage as w } from "../words/triage.ts";
import { names } from "./Board.tsx";

export default function TriageDoing({ report, main }: { report: LocalReport; main: boolean }) {
  return main ? <Main report={report} /> : <Rest report={report} />;
}

const isClosed = (status: string): boolean => status === "finished" || status === "not_viable";

interface Next {
  icon: string;
  to: [screen: string, act: string];
  words: string;
}
const ACTION: Next = { icon: "note", to: ["triage", "action"], words: w.action };
const ANSWER: Next = { icon: "call", to: ["triage", "answer"], words: w.answer };
const FINISH: Next = { icon: "check", to: ["order", "finish"], words: w.finish };

function Main({ report }: { report: LocalReport }) {
  const desk = account.value?.role === "desk";
  const mine = report.taken_by?.some((one) => one.account === account.value?.account);
  if (desk && (!report.type || report.type === "unknown"))
    return (
      <Button main big icon="search" onClick={() => go(path("triage", "classify", report.id))}>
        {w.classify}
      </Button>
    );
  if (mine) {
    const { icon, to, words } = desk ? ANSWER : ACTION;
    return (
      <Button main big icon={icon} onClick={() => go(path(...to, report.id))}>
        {words}
      </Button>
    );
  }
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
      {open && held.some((one) => one.account === account.value?.account) && (
        <Button
          wide
          left
          icon="return"
          onClick={() => void commit({ kind: "released", report: report.id, payload: {} }, w.released)}
        >
          {w.release}
        </Button>
      )}
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
              <Act report={report} next={ACTION} />
              <LinkButton wide left icon="layers" href={path("triage", "join", report.id)}>
                {w.incident}
              </LinkButton>
            </>
          )}
          {role === "desk" && (
            <LinkButton wide left icon="search" href={path("triage", "classify", report.id)}>
              {w.classify}
            </LinkButton>
          )}
          {officer && <Act report={report} next={FINISH} />}
          {!officer && <Act report={report} next={ANSWER} />}
          <LinkButton wide left icon="forbid" href={path("order", "viable", report.id)}>
            {w.notViable}
          </LinkButton>
        </>
      )}
      {isClosed(report.status) && role !== "agency" && (
        <Button
          wide
          left
          icon="repeat"
          onClick={() => void commit({ kind: "reopened", report: report.id, payload: {} }, rw.reopened)}
        >
          {rw.reopen}
        </Button>
      )}
      <LinkButton wide left icon="note" href={path("order", "note", report.id)}>
        {w.note}
      </LinkButton>
    </div>
  );
}

function Act({ report, next }: { report: LocalReport; next: Next }) {
  return (
    <LinkButton wide left icon={next.icon} href={path(...next.to, report.id)}>
      {next.words}
    </LinkButton>
  );
}
