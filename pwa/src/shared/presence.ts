/**
 * Whether somebody is at a report's place, as the server will judge it (`server/cases/presence.py`). Pure.
 *
 * Law: a fix is compared with the place by what the phone itself claims of its accuracy; beyond `GOOD_ACCURACY` it says
 * nothing of one address. Both sides run `schemas/cases/presence.json`.
 */
import { distance, GOOD_ACCURACY } from "./geometry.ts";

/** Metres from the report's place within which a person is there: the place may be a block's middle. */
const THERE_M = 100;

export interface Presence {
  verdict: "ok" | "far" | "unverifiable" | "none";
  /** Metres between fix and place. */
  distance?: number;
}

export function presence(
  fix: { lat: number; lon: number; accuracy: number } | null,
  place: { lat?: number | null | undefined; lon?: number | null | undefined },
): Presence {
  if (!fix) return { verdict: "none" };
  const { lat, lon } = place;
  if (lat == null || lon == null) return { verdict: "unverifiable" };
  const away = distance(fix.lat, fix.lon, lat, lon);
  if (fix.accuracy > GOOD_ACCURACY) return { verdict: "unverifiable", distance: away };
  return { verdict: away - fix.accuracy <= THERE_M ? "ok" : "far", distance: away };
}
