/** What was done, by whom, when and from where: what one must know before saying whether it was. */
import type { LocalReport } from "../state/contract.ts";
import { agencies, now, types } from "../state/index.ts";
import { zone } from "../ui/Card.tsx";
import { common } from "../words/common.ts";
import { past } from "../words/dates.ts";
import { report as w } from "../words/report.ts";
import { brigadeName } from "./brigade.ts";
import { closingOf } from "./closing.ts";

export function ClosingPanel({ report }: { report: LocalReport }) {
  const type = report.type ? types.value.get(report.type) : undefined;
  const closing = closingOf(report.timeline, report.assignments ?? [], type);
  if (!closing) return null;
  const { agency, brigade, role, verdict } = closing;
  const who =
    agency && brigade
      ? brigadeName(agency, brigade)
      : ((agency && agencies.value.get(agency)?.name) ?? (role && common.role[role]));
  const used = closing.materials
    .map(({ quantity, unit, name }) => [quantity, unit, name].filter(Boolean).join(" "))
    .join(", ");
  return (
    <section class="panel" data-closing>
      <h2>{closing.kind === "finished" ? w.closing.done : w.closing.notViable}</h2>
      {closing.done && <p class="strong">{closing.done}</p>}
      {closing.text && <p class="pre">{closing.text}</p>}
      {used && <p>{w.closing.used(used)}</p>}
      <p>{[who, past(closing.at, now.value, zone())].filter(Boolean).join(" · ")}</p>
      {verdict && <p class={verdict === "far" ? "strong far" : "muted"}>{w.closing.from[verdict]}</p>}
    </section>
  );
}
