/**
 * A report's photos as they are shown: each once, and which of them are of before the work and which of after. Pure.
 *
 * Law: a photo that this phone still holds and the municipality has as well is one photo, under the better word. None
 * is left out but those the municipality refused: whoever worked there took the later ones, everybody else the earlier.
 */
import type { Kind } from "../../shared/documents.ts";
import type { LocalReport } from "../state/contract.ts";
import { common } from "../words/common.ts";

export interface Picture {
  /** For `Photo`: this phone's own copy where it has one, else the hash. */
  id: string;
  /** Where it is, in words. */
  words: string;
  /** Event id it belongs to. */
  event: string;
}

type Pictured = Pick<LocalReport, "local_photos" | "evidence" | "timeline">;

export function picturesOf(report: Pictured): Picture[] {
  const held = new Map(report.evidence.map((one) => [one.sha256, one]));
  const own = new Set<string>();
  const found: Picture[] = [];
  for (const photo of report.local_photos) {
    // The same picture twice in one's own events is one piece of evidence.
    if (photo.sha256 !== null && own.has(photo.sha256)) continue;
    if (photo.sha256 !== null) own.add(photo.sha256);
    const ok = photo.sha256 !== null && held.get(photo.sha256)?.verdict === "ok";
    found.push({
      id: photo.id,
      words: ok ? common.photo.verified : common.photo[photo.state],
      event: photo.event,
    });
  }
  for (const one of report.evidence) {
    if (one.verdict === "refused" || own.has(one.sha256)) continue;
    const words = one.verdict === "ok" ? common.photo.verified : common.photo.uploaded;
    found.push({ id: one.sha256, words, event: one.event });
  }
  return found;
}

/** What a crew does there; a photo of any of these shows the work, or what stood in its way. */
const WORK: ReadonlySet<Kind | string> = new Set(["started", "visited", "finished", "not_viable"]);

export function beforeAndAfter(report: Pictured): { before: Picture[]; after: Picture[] } {
  const working = new Set(
    report.timeline.filter((entry) => WORK.has(entry.kind)).map((entry) => entry.event),
  );
  const of = new Map(
    report.timeline
      .filter((entry) => entry.kind === "evidence_added")
      .map((entry) => [entry.event, String(entry.payload?.of ?? "")]),
  );
  const before: Picture[] = [];
  const after: Picture[] = [];
  for (const picture of picturesOf(report)) {
    const event = of.get(picture.event) ?? picture.event;
    (working.has(event) ? after : before).push(picture);
  }
  return { before, after };
}
