/** Everything that happened to a report, newest first, in words. */
import type { Kind, TimelineEntry } from "../../shared/documents.ts";
import type { LocalReport } from "../state/contract.ts";
import { account, now } from "../state/index.ts";
import { zone } from "../ui/Card.tsx";
import { Seal } from "../ui/Seal.tsx";
import { common } from "../words/common.ts";
import { full, past } from "../words/dates.ts";
import { report as w } from "../words/report.ts";
import { brigadeName } from "./brigade.ts";
import { factLine } from "./fact.ts";
import { flagWords } from "./flags.ts";
import { onsiteOf } from "./onsite.ts";

type Entry = TimelineEntry & { pending?: boolean };

export function Timeline({ report }: { report: LocalReport }) {
  const entries = [...report.timeline].reverse() as Entry[];
  if (entries.length === 0) return null;
  return (
    <section class="stack">
      <h2>{w.history}</h2>
      <ol>
        {entries.map((entry) => (
          <li key={`${entry.event}${entry.kind}`} class={entry.pending ? "line line--pending" : "line"}>
            <p class="strong">{headline(entry)}</p>
            {body(entry).map((line) => (
              <p key={line} class="pre">
                {line}
              </p>
            ))}
            <p class="small muted">
              <time dateTime={entry.at} title={full(entry.at, zone())}>
                {past(entry.at, now.value, zone())}
              </time>
              {who(entry)}
              {entry.late ? ` · ${w.late}` : ""}
            </p>
            {entry.pending && <Seal received={false} />}
            {(entry.flags ?? []).map((flag) => (
              <p class="small mark" key={flag}>
                {flagWords(flag)}
              </p>
            ))}
          </li>
        ))}
      </ol>
    </section>
  );
}

function who(entry: Entry): string {
  if (entry.actor && entry.actor === account.value?.account) return ` · ${w.byYou}`;
  if (entry.name) return ` · ${entry.name}`;
  return entry.role ? ` · ${common.role[entry.role]}` : "";
}

function headline(entry: Entry): string {
  const payload = entry.payload ?? {};
  if (entry.fact) return factLine(entry);
  if (entry.kind === "visited") return `${common.kind.visited}: ${w.outcome[String(payload.outcome)] ?? ""}`;
  if (entry.kind === "prioritized")
    return `${common.kind.prioritized}: ${common.priority[payload.priority as 1] ?? ""}`;
  if (entry.kind === "verified") return payload.solved ? w.solved : w.notSolved;
  return common.kind[entry.kind as Kind] ?? entry.kind;
}

function body(entry: Entry): string[] {
  const payload = entry.payload ?? {};
  const lines: string[] = [];
  if (typeof payload.text === "string" && payload.text && entry.kind !== "captured") lines.push(payload.text);
  if (entry.kind === "finished" && payload.done) lines.push(String(payload.done));
  if (Array.isArray(payload.materials) && payload.materials.length > 0)
    lines.push(
      (payload.materials as { name: string; quantity: number; unit?: string }[])
        .map((m) => `${m.quantity} ${m.unit ?? ""} ${m.name}`.replace(/ +/g, " "))
        .join(", "),
    );
  if (entry.kind === "assigned" && payload.brigade)
    lines.push(brigadeName(String(payload.agency), String(payload.brigade)));
  const reasons: Record<string, Record<string, string>> = {
    returned: w.returnReason,
    not_viable: w.notViableReason,
    withdrawn: w.withdrawnReason,
  };
  const reason = reasons[entry.kind]?.[String(payload.reason)];
  if (reason) lines.push(reason);
  if (entry.kind === "action_recorded")
    for (const key of ["measures", "resources"])
      if (Array.isArray(payload[key])) lines.push((payload[key] as string[]).join(", "));
  const onsite = onsiteOf([entry]);
  if (onsite?.injured != null) lines.push(w.onsite.injured(onsite.injured));
  if (onsite?.people != null) lines.push(w.onsite.people(onsite.people));
  if (onsite?.shelter) lines.push(w.onsite.shelter(onsite.shelter));
  for (const folio of onsite?.folios ?? []) lines.push(w.onsite.folio(folio));
  if (payload.return_on) lines.push(`Regresar el ${String(payload.return_on)}`);
  const position = entry.position as { verdict?: string; distance?: number } | undefined;
  if (position?.verdict === "far" && position.distance !== undefined)
    lines.push(w.positionFar(position.distance));
  return lines;
}
