/**
 * How a report was closed: what was done, by whom, when, and whether whoever closed it was there. Pure.
 *
 * Law: the last closing that counts; what came too late to change anything is only history.
 */
import type { Assignment, PetitionType, Role, TimelineEntry } from "../../shared/documents.ts";

export interface Closing {
  kind: "finished" | "not_viable";
  at: string;
  role: Role | null;
  /** As the catalogue words it, where it does. */
  done: string | null;
  text: string | null;
  materials: { name: string; quantity: number; unit?: string }[];
  /** Where it was closed from, as the municipality judged it; null where it has not. */
  verdict: "ok" | "far" | "unverifiable" | "none" | null;
  agency: string | null;
  brigade: string | null;
}

export function closingOf(
  timeline: readonly TimelineEntry[],
  assignments: readonly Assignment[],
  type: PetitionType | undefined,
): Closing | null {
  const last = [...timeline]
    .reverse()
    .find((entry) => (entry.kind === "finished" || entry.kind === "not_viable") && !entry.late);
  if (!last) return null;
  const payload = (last.payload ?? {}) as Record<string, unknown>;
  const code = typeof payload.done === "string" ? payload.done : null;
  const order = assignments.find((one) => one.status === last.kind);
  const position = last.position as { verdict?: Closing["verdict"] } | undefined;
  return {
    kind: last.kind as Closing["kind"],
    at: last.at,
    role: (last.role as Role | undefined) ?? null,
    done: type?.closing.codes?.find((one) => one.value === code)?.text ?? code,
    text: typeof payload.text === "string" ? payload.text : null,
    materials: Array.isArray(payload.materials) ? (payload.materials as Closing["materials"]) : [],
    verdict: position?.verdict ?? null,
    agency: order?.agency ?? null,
    brigade: order?.brigade ?? null,
  };
}
