/**
 * How exactly a report's place is known, in words. Pure.
 *
 * Law: whoever goes there learns whether the point is where somebody stood, where they put a finger, or only the
 * middle of a block: a point on a map looks exact whatever it is.
 */
import type { Place } from "../../shared/documents.ts";
import { GOOD_ACCURACY } from "../../shared/geometry.ts";
import { report as w } from "../words/report.ts";

/** `block`: the block's name, where it is known. */
export function exactness(place: Place, block: string | null): string {
  const { source, accuracy } = place;
  if (place.lat === undefined || place.lon === undefined) return w.exact.none;
  if (source === "gps" && accuracy !== undefined)
    return accuracy <= GOOD_ACCURACY ? w.exact.gps(accuracy) : w.exact.rough(accuracy);
  if (source === "gps") return w.exact.gpsPlain;
  if (source === "pin") return w.exact.pin;
  if (source === "block") return w.exact.block(block);
  return w.exact.other;
}
