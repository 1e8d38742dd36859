/** What the municipality did by itself, in a line of the history. Pure. */
import type { TimelineEntry } from "../../shared/documents.ts";
import { report as w } from "../words/report.ts";

/** The fact's kind is the entry's (docs/documents.md); one this version does not know is said in general words. */
export function factLine(entry: Pick<TimelineEntry, "kind" | "payload">): string {
  if (entry.kind === "folio") return w.fact.folio(String(entry.payload?.folio ?? ""));
  const said = Object.hasOwn(w.factSaid, entry.kind) ? w.factSaid[entry.kind] : undefined;
  return said ?? w.fact.other;
}
