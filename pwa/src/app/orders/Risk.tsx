/**
 * Leaving because it is not safe: one tap, apart from every other button, and then somebody is told.
 *
 * Law: the tap alone is enough. What follows asks nothing: it offers to call, and to tell the guard by message where
 * there is no signal for anything else; the municipality tells its guard by itself as soon as it has it.
 */
import { useState } from "preact/hooks";
import type { LocalReport } from "../state/contract.ts";
import { municipality } from "../state/index.ts";
import { Button, LinkButton } from "../ui/Button.tsx";
import { typeName, whereOf } from "../ui/Card.tsx";
import { commit } from "../ui/commit.ts";
import { Sheet } from "../ui/Sheet.tsx";
import { asPosition, useFix } from "../ui/usefix.ts";
import { common } from "../words/common.ts";
import { mine as mw } from "../words/mine.ts";
import { orders as w } from "../words/orders.ts";
import "./orders.css";

export function Risk({ report }: { report: LocalReport }) {
  const fix = useFix();
  const [left, setLeft] = useState(false);
  async function leave() {
    const act = {
      kind: "visited" as const,
      report: report.id,
      payload: { outcome: "unsafe" as const },
      position: asPosition(fix),
    };
    if (await commit(act, common.seal.phone, async () => setLeft(false))) setLeft(true);
  }
  return (
    <div class="apart">
      <Button risk big wide icon="exit" onClick={() => void leave()}>
        {w.risk}
      </Button>
      {left && <Told report={report} onClose={() => setLeft(false)} />}
    </div>
  );
}

function Told({ report, onClose }: { report: LocalReport; onClose: () => void }) {
  const emergency = municipality.value?.emergency_phone ?? "911";
  const duty = municipality.value?.duty_phone;
  const folio = report.folio ?? report.provisional_folio;
  const text = w.riskText(typeName(report.type), whereOf(report.place ?? {}), folio);
  return (
    <Sheet label={w.riskTitle} onClose={onClose}>
      <p>{w.riskTold}</p>
      <LinkButton big wide alarm icon="call" href={`tel:${emergency}`}>
        {mw.urgent.call(emergency)}
      </LinkButton>
      {duty && (
        <LinkButton big wide icon="message" href={`sms:${duty}?body=${encodeURIComponent(text)}`}>
          {mw.urgent.sms}
        </LinkButton>
      )}
      <Button big onClick={onClose}>
        {common.close}
      </Button>
    </Sheet>
  );
}
