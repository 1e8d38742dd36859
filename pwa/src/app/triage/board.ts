/** Which reports a board shows and in which order. Pure. */

import { distance } from "../orders/assignment.ts";
import type { ReportRow } from "../state/contract.ts";
import type { Group } from "./grouping.ts";

export type Show = "new" | "all" | "mine" | "unknown" | "flagged";
export type Order = "urgent" | "nearest" | "oldest";

const OPEN = new Set(["captured", "in_progress", "reopened"]);

export function shows(row: ReportRow, show: Show, me: string): boolean {
  if (row.view === "card" || row.status === "withdrawn") return false;
  if (show === "flagged") return row.flags.length > 0;
  if (!OPEN.has(row.status)) return false;
  if (show === "unknown") return row.type === null || row.type === "unknown";
  if (show === "new") return row.taken_by.length === 0;
  if (show === "mine") return row.taken_by.includes(me);
  return true;
}

export function order(groups: Group[], by: Order, here: { lat: number; lon: number } | null): Group[] {
  const oldest = (group: Group) => group.rows.map((row) => row.captured_at).sort()[0] ?? "";
  const priority = (group: Group) => Math.min(...group.rows.map((row) => row.priority));
  const away = (group: Group) =>
    Math.min(
      ...group.rows.map((row) =>
        here && row.lat !== null && row.lon !== null
          ? distance(here, { lat: row.lat, lon: row.lon })
          : Number.POSITIVE_INFINITY,
      ),
    );
  const age = (a: Group, b: Group) => (oldest(a) < oldest(b) ? -1 : 1);
  return [...groups].sort((a, b) => {
    if (by === "nearest") return Math.sign(away(a) - away(b)) || priority(a) - priority(b) || age(a, b);
    if (by === "oldest") return age(a, b);
    return priority(a) - priority(b) || b.rows.length - a.rows.length || age(a, b);
  });
}
