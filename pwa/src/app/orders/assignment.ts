/** Which part of a report is this brigade's, and how far it has come. Pure. */
import type { Assignment, AssignmentStatus } from "../../shared/documents.ts";

export function ours(
  assignments: readonly Assignment[] | undefined,
  brigade: string | null | undefined,
): Assignment | undefined {
  const list = assignments ?? [];
  return list.find((one) => brigade && one.brigade === brigade) ?? (list.length === 1 ? list[0] : undefined);
}

const TO_DO: ReadonlySet<AssignmentStatus> = new Set(["assigned", "started", "paused"]);
export const toDo = (one: Assignment | undefined): boolean => one === undefined || TO_DO.has(one.status);

/** Metres between two points, on a plane tangent to the place: centimetres off within a city. */
export function distance(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const metresPerDegree = 111_320;
  const x = (b.lon - a.lon) * metresPerDegree * Math.cos(((a.lat + b.lat) * Math.PI) / 360);
  const y = (b.lat - a.lat) * metresPerDegree;
  return Math.hypot(x, y);
}

/** As the server judges it (server/cases/presence.py): accuracy counts up to 50 m, "there" is within 100 m of it. */
export function presence(
  fix: { lat: number; lon: number; accuracy: number } | null,
  place: { lat?: number | undefined; lon?: number | undefined },
): { verdict: "ok" | "far" | "unverifiable" | "none"; distance?: number } {
  if (!fix) return { verdict: "none" };
  if (place.lat === undefined || place.lon === undefined) return { verdict: "unverifiable" };
  const away = distance(fix, { lat: place.lat, lon: place.lon });
  if (fix.accuracy > 50) return { verdict: "unverifiable", distance: away };
  return { verdict: away - fix.accuracy <= 100 ? "ok" : "far", distance: away };
}
