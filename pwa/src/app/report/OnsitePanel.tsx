/** People hurt, shelter and the 911's folio, where they are seen without looking for them in the history. */
import type { LocalReport } from "../state/contract.ts";
import { report as w } from "../words/report.ts";
import { onsiteOf } from "./onsite.ts";

export function OnsitePanel({ report }: { report: LocalReport }) {
  const found = onsiteOf(report.timeline);
  if (!found) return null;
  const lines = [
    found.injured !== null && w.onsite.injured(found.injured),
    found.people !== null && w.onsite.people(found.people),
    found.shelter && w.onsite.shelter(found.shelter),
    ...found.folios.map(w.onsite.folio),
  ].filter((line) => typeof line === "string");
  return (
    <section class="panel" data-onsite>
      <h2>{w.onsite.title}</h2>
      {lines.map((line) => (
        <p class="strong" key={line}>
          {line}
        </p>
      ))}
    </section>
  );
}
