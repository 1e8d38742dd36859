/**
 * Incidents with this phone's own acts laid over the copies the municipality sent.
 *
 * Law: pure. An act counts here until the municipality has decided on it; from then on its copy says it.
 */
import type { Incident, Payloads } from "../../shared/documents.ts";
import type { OutboxRecord } from "../storage/records.ts";

/** Undecided acts about incidents, in order of saving. */
export function incidentActs(records: readonly OutboxRecord[]): OutboxRecord[] {
  return records.filter(
    (one) => one.kind.startsWith("incident_") && (one.custody === "saved" || one.custody === "received"),
  );
}

/** Incidents by uuid: those of `copies`, and what `acts` opened, joined and closed without signal. */
export function withActs(
  copies: ReadonlyMap<string, Incident>,
  acts: readonly OutboxRecord[],
): ReadonlyMap<string, Incident> {
  if (acts.length === 0) return copies;
  const found = new Map(copies);
  for (const act of acts) {
    if (act.kind === "incident_opened" && !found.has(act.subject)) {
      found.set(act.subject, opened(act, act.raw.payload as Payloads["incident_opened"]));
    } else if (act.kind === "incident_joined") {
      const { incident } = act.raw.payload as Payloads["incident_joined"];
      const joined = found.get(incident);
      if (joined && !joined.reports.includes(act.subject))
        found.set(incident, { ...joined, reports: [...joined.reports, act.subject] });
    } else if (act.kind === "incident_closed") {
      const closing = found.get(act.subject);
      if (closing && !closing.closed_at) found.set(act.subject, { ...closing, closed_at: act.saved_at });
    }
  }
  return found;
}

function opened(act: OutboxRecord, payload: Payloads["incident_opened"]): Incident {
  return {
    _id: `incident:${act.subject}`,
    schema: "incident.v1",
    name: payload.name,
    opened_at: act.saved_at,
    opened_by: act.actor,
    closed_at: null,
    reports: [],
    text: payload.text ?? null,
    types: payload.types ?? [],
  };
}
