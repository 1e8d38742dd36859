/**
 * Reports of the same kind close together are one thing that happened.
 *
 * Law: pure and independent of the order of the input; a report is in exactly one group. Two belong together when
 * they share the family and lie within `radius` metres, or share an open incident; so do those linked through others.
 * A storm's thousand reports of one corner cost as much as a thousand of a thousand corners.
 */

import { distance } from "../../shared/geometry.ts";
import { byUrgency, type Waiting } from "../../shared/urgency.ts";
import type { Group, ReportRow } from "../state/contract.ts";

export const RADIUS = 150;

/** Any two points of one cell are within the radius: √(0.65² + 0.69²) < 1, wider nowhere than at the equator. */
const CELL = 0.65;
/** Degrees of longitude are measured once for all, in the middle of the country. */
const COSINE = Math.cos((20 * Math.PI) / 180);
/** Cells beside and below one that can hold something within the radius, up to 60° of latitude. */
const BESIDE = 3;
const BELOW = 2;

/** A report as the order of urgent things sees it: attended is what somebody has taken. */
export const waitingOf = (row: ReportRow): Waiting => ({
  priority: row.priority,
  attended: row.taken_by.length > 0,
  danger: row.danger,
  since: row.captured_at,
});

export function groups(all: readonly ReportRow[], radius = RADIUS): Group[] {
  const rows = [...all].sort((a, b) => (a.id < b.id ? -1 : 1));
  const parent = rows.map((_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] as number] as number;
      at = parent[at] as number;
    }
    return at;
  };
  const join = (a: number, b: number) => {
    const [x, y] = [root(a), root(b)];
    parent[Math.max(x, y)] = Math.min(x, y);
  };
  const incidents = new Map<string, number>();
  const cells = new Map<string, Cell>();
  const step = (CELL * radius) / 111_320;
  rows.forEach((row, i) => {
    if (row.incident) {
      const first = incidents.get(row.incident);
      if (first === undefined) incidents.set(row.incident, i);
      else join(first, i);
    }
    if (row.lat === null || row.lon === null) return;
    const [y, x] = [Math.floor(row.lat / step), Math.floor((row.lon * COSINE) / step)];
    const key = `${row.family}|${y}|${x}`;
    const cell = cells.get(key);
    if (cell) {
      join(cell.members[0] as number, i);
      cell.members.push(i);
    } else cells.set(key, { family: row.family, y, x, members: [i] });
  });
  const isNear = (i: number, j: number) => metres(rows[i], rows[j]) <= radius;
  for (const { family, y, x, members } of cells.values()) {
    for (let down = 0; down <= BELOW; down++) {
      for (let side = down === 0 ? 1 : -BESIDE; side <= BESIDE; side++) {
        const others = cells.get(`${family}|${y + down}|${x + side}`)?.members;
        const [a, b] = [members[0] as number, others?.[0]];
        if (!others || b === undefined || root(a) === root(b)) continue;
        if (members.some((i) => others.some((j) => isNear(i, j)))) join(a, b);
      }
    }
  }
  const found = new Map<number, ReportRow[]>();
  rows.forEach((row, i) => {
    const at = root(i);
    const members = found.get(at);
    if (members) members.push(row);
    else found.set(at, [row]);
  });
  return [...found.values()].map(groupOf);
}

interface Cell {
  family: string | null;
  y: number;
  x: number;
  members: number[];
}

/** Between two that stand in cells, so that both have a place. */
const metres = (a: ReportRow | undefined, b: ReportRow | undefined): number =>
  distance(a?.lat as number, a?.lon as number, b?.lat as number, b?.lon as number);

function groupOf(rows: ReportRow[]): Group {
  const first = rows[0] as ReportRow;
  let oldest = first.captured_at;
  let free = 0;
  let danger = false;
  let top = first;
  let lead = waitingOf(first);
  for (const row of rows) {
    const waiting = waitingOf(row);
    if (row.captured_at < oldest) oldest = row.captured_at;
    if (!waiting.attended) free += 1;
    if (waiting.danger) danger = true;
    if (byUrgency(waiting, lead) < 0) {
      top = row;
      lead = waiting;
    }
  }
  return {
    key: first.id,
    rows,
    total: rows.length,
    free,
    oldest,
    priority: lead.priority,
    danger,
    top,
    lead,
  };
}
