/**
 * What Protección Civil has recorded about a report, gathered from its history. Pure.
 *
 * Law: what was once recorded stays in sight; a later record replaces a number only where it states one.
 */
import type { TimelineEntry } from "../../shared/documents.ts";

export interface Onsite {
  people: number | null;
  injured: number | null;
  shelter: string | null;
  /** Folios of the 911, in the order recorded, each once. */
  folios: string[];
}

export function onsiteOf(timeline: readonly TimelineEntry[]): Onsite | null {
  const found: Onsite = { people: null, injured: null, shelter: null, folios: [] };
  for (const { kind, payload = {} } of timeline) {
    if (kind !== "action_recorded") continue;
    if (typeof payload.people === "number") found.people = payload.people;
    if (typeof payload.injured === "number") found.injured = payload.injured;
    if (typeof payload.shelter === "string") found.shelter = payload.shelter;
    const folio = payload.folio_911;
    if (typeof folio === "string" && !found.folios.includes(folio)) found.folios.push(folio);
  }
  const said = found.people !== null || found.injured !== null || found.shelter || found.folios.length > 0;
  return said ? found : null;
}
