/**
 * What this person may do with this report now: one main action, the rest below.
 *
 * Law: offers only what the role may do (the server judges again); an action is one tap, or opens its own page.
 */
import type { ComponentChildren, ComponentType } from "preact";
import { useState } from "preact/hooks";
import { isOpen } from "../../shared/status.ts";
import { go, path } from "../route.ts";
import type { LocalReport } from "../state/contract.ts";
import { account } from "../state/index.ts";
import { Button, LinkButton } from "../ui/Button.tsx";
import { commit } from "../ui/commit.ts";
import { Choice } from "../ui/Field.tsx";
import { Sheet } from "../ui/Sheet.tsx";
import { common } from "../words/common.ts";
import { report as w } from "../words/report.ts";

export type Part = "main" | "first" | "rest";

/** What other rooms offer on this page: a brigade's part, and that of Protección Civil, desk and agency. */
export interface Doers {
  Order: ComponentType<{ report: LocalReport; part: Part }>;
  Triage: ComponentType<{ report: LocalReport; main: boolean }>;
}

export function doingOf(
  report: LocalReport,
  { Order, Triage }: Doers,
): {
  main: ComponentChildren;
  /** Above the place and what was said: nothing to scroll for. */
  first?: ComponentChildren;
  rest: ComponentChildren;
} {
  const role = account.value?.role;
  if (role === "brigade" && report.view === "full") {
    return {
      main: isOpen(report.status) ? <Order report={report} part="main" /> : null,
      first: <Order report={report} part="first" />,
      rest: <Order report={report} part="rest" />,
    };
  }
  if ((role === "civil_protection" || role === "desk" || role === "agency") && report.view === "full") {
    const main = isOpen(report.status) ? <Triage report={report} main /> : null;
    return { main, rest: <Triage report={report} main={false} /> };
  }
  if (report.view === "card")
    return {
      main: isOpen(report.status) ? <Join report={report.id} main /> : null,
      rest: null,
    };
  const verify = report.status === "finished" && !report.verified && report.view === "full";
  return {
    main: verify ? (
      <Button main big icon="check" onClick={() => go(path("verify", report.id))}>
        {w.verify}
      </Button>
    ) : null,
    rest: <LeaderRest report={report} />,
  };
}

/** "A mí también": one more neighbour's voice on what is already reported. */
function Join({ report, main = false }: { report: string; main?: boolean }) {
  return (
    <Button
      main={main}
      big={main}
      wide={!main}
      icon="plus"
      onClick={() => void commit({ kind: "supported", report, payload: {} }, w.joined)}
    >
      {w.join}
    </Button>
  );
}

function LeaderRest({ report }: { report: LocalReport }) {
  const [asking, setAsking] = useState(false);
  const open = isOpen(report.status);
  if (report.view === "own") return null;
  return (
    <div class="stack">
      {open && (
        <LinkButton wide icon="note" href={path("amend", report.id)}>
          {w.amend}
        </LinkButton>
      )}
      {open && report.captured_by !== account.value?.account && <Join report={report.id} />}
      {!open && report.status !== "withdrawn" && report.status !== "duplicate" && report.verified?.solved && (
        <Button
          wide
          icon="repeat"
          onClick={() => void commit({ kind: "reopened", report: report.id, payload: {} }, w.reopened)}
        >
          {w.reopen}
        </Button>
      )}
      {report.can_withdraw && open && (
        <Button wide icon="trash" onClick={() => setAsking(true)}>
          {w.withdraw}
        </Button>
      )}
      {asking && <Withdraw report={report.id} onClose={() => setAsking(false)} />}
    </div>
  );
}

type Reason = "mistake" | "solved_itself" | "other";

function Withdraw({ report, onClose }: { report: string; onClose: () => void }) {
  const [reason, setReason] = useState<Reason>("mistake");
  return (
    <Sheet label={w.withdrawAsk} onClose={onClose}>
      <Choice<Reason>
        legend={w.withdrawAsk}
        hideLegend
        list
        name="withdraw"
        value={reason}
        options={(Object.keys(w.withdrawReason) as Reason[]).map((value) => ({
          value,
          text: w.withdrawReason[value],
        }))}
        onChange={setReason}
      />
      <Button
        risk
        big
        onClick={() =>
          void commit({ kind: "withdrawn", report, payload: { reason } }, w.withdrawn).then(
            (saved) => saved && onClose(),
          )
        }
      >
        {w.withdraw}
      </Button>
      <Button onClick={onClose}>{common.cancel}</Button>
    </Sheet>
  );
}
