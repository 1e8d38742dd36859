/**
 * Reports of the same kind close together are one thing that happened.
 *
 * Law: pure and independent of the order of the input; a report is in exactly one group. Two belong together when
 * they share the family and lie within `radius` metres, or share an open incident; so do those linked through others.
 */

import { distance } from "../orders/assignment.ts";
import type { ReportRow } from "../state/contract.ts";

export const RADIUS = 150;

export interface Group {
  key: string;
  rows: ReportRow[];
}

export function groups(all: readonly ReportRow[], radius = RADIUS): Group[] {
  const rows = [...all].sort((a, b) => (a.id < b.id ? -1 : 1));
  const parent = rows.map((_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at] as number;
    parent[i] = at;
    return at;
  };
  const join = (a: number, b: number) => {
    const [x, y] = [root(a), root(b)];
    parent[Math.max(x, y)] = Math.min(x, y);
  };
  const incidents = new Map<string, number>();
  // A grid of radius-wide cells: only neighbours in nine cells can be close enough.
  const cells = new Map<string, number[]>();
  const step = radius / 111_320;
  rows.forEach((row, i) => {
    if (row.incident) {
      const first = incidents.get(row.incident);
      if (first === undefined) incidents.set(row.incident, i);
      else join(first, i);
    }
    if (row.lat === null || row.lon === null) return;
    const [cy, cx] = [
      Math.floor(row.lat / step),
      Math.floor((row.lon * Math.cos((20 * Math.PI) / 180)) / step),
    ];
    for (let y = cy - 1; y <= cy + 1; y++)
      for (let x = cx - 2; x <= cx + 2; x++)
        for (const j of cells.get(`${row.family}|${y}|${x}`) ?? []) {
          const other = rows[j] as ReportRow;
          if (
            distance(
              { lat: row.lat, lon: row.lon },
              { lat: other.lat as number, lon: other.lon as number },
            ) <= radius
          )
            join(j, i);
        }
    const key = `${row.family}|${cy}|${cx}`;
    cells.set(key, [...(cells.get(key) ?? []), i]);
  });
  const found = new Map<number, ReportRow[]>();
  rows.forEach((row, i) => {
    const at = root(i);
    found.set(at, [...(found.get(at) ?? []), row]);
  });
  return [...found.values()].map((members) => ({ key: (members[0] as ReportRow).id, rows: members }));
}
