/** Which reports a board shows and in which order. Pure. */

import { distance } from "../../shared/geometry.ts";
import { firstBy } from "../../shared/ordering.ts";
import { isOpen } from "../../shared/status.ts";
import { byUrgency } from "../../shared/urgency.ts";
import type { Group, Preview, ReportRow } from "../state/contract.ts";
import { FIRST } from "../ui/screenful.ts";
import { groups } from "./grouping.ts";

export type Show = "new" | "all" | "mine" | "unknown" | "flagged";
export type Order = "urgent" | "nearest" | "oldest";
type Here = { lat: number; lon: number } | null;

/** The three filters of a board: the desk's, and everybody else's. */
export const kindsOf = (desk: boolean): Show[] =>
  desk ? ["unknown", "flagged", "all"] : ["all", "new", "mine"];

export function shows(row: ReportRow, show: Show, me: string): boolean {
  if (row.view === "card" || row.status === "withdrawn") return false;
  if (show === "flagged") return row.flags.length > 0;
  if (!isOpen(row.status)) return false;
  if (show === "unknown") return row.type === null || row.type === "unknown";
  if (show === "new") return row.taken_by.length === 0;
  if (show === "mine") return row.taken_by.includes(me);
  return true;
}

const age = (a: Group, b: Group) => (a.oldest < b.oldest ? -1 : a.oldest > b.oldest ? 1 : 0);
/** A group stands where its most urgent report would stand alone. */
const urgency = (a: Group, b: Group) => byUrgency(a.lead, b.lead);

export function order(found: readonly Group[], by: Order, here: Here): Group[] {
  if (by === "oldest") return [...found].sort(age);
  if (by === "urgent") return [...found].sort(urgency);
  const away = new Map(found.map((group) => [group.key, nearest(group, here)]));
  const of = (group: Group) => away.get(group.key) as number;
  return [...found].sort(
    (a, b) => (of(a) === of(b) ? 0 : of(a) - of(b)) || a.priority - b.priority || age(a, b),
  );
}

function nearest({ rows }: Group, here: Here): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { lat, lon } of rows) {
    if (here && lat !== null && lon !== null) least = Math.min(least, distance(here.lat, here.lon, lat, lon));
  }
  return least;
}

/** The most urgent groups of each filter, with their first reports, as `state/preview.ts` keeps them. */
export function previewOf(rows: readonly ReportRow[], desk: boolean, me: string): Preview {
  const made: Preview = {};
  for (const show of kindsOf(desk)) {
    const shown = rows.filter((row) => shows(row, show, me));
    const first = firstBy(groups(shown), FIRST, urgency);
    made[show] = {
      total: shown.length,
      rows: [],
      groups: first.map((group) => ({ ...group, rows: group.rows.slice(0, FIRST) })),
    };
  }
  return made;
}
