/**
 * The report as this phone knows it: the last copy received, with the phone's own pending events applied. Pure.
 *
 * Law: the same transition table as the server's (`schemas/transitions.v1.json`). What the phone shows of its own
 * events is an expectation; the copy that lists them replaces it. Nothing here is ever sent.
 */
import { closed, table } from "@schemas/transitions.v1.json";
import type {
  Kind,
  Payloads,
  Place,
  PlaceText,
  Position,
  Priority,
  Report,
  Role,
  Status,
} from "./documents.ts";
import { provisionalFolio } from "./folio.ts";
import { assign, isOpen, made, statusAfter, type Worker, work } from "./orders.ts";

export interface PendingEvent<K extends Kind = Kind> {
  /** Event id. */
  id: string;
  subject: string;
  kind: K;
  actor: string;
  role: Role;
  at: string;
  payload: Payloads[K];
  position: Position;
  /** Where the server has told it. */
  admission?: number | null;
}

/** What the catalogue says of a type, to show a capture as the municipality will likely take it. */
export interface TypeFacts {
  family: string;
  priority: Priority;
  agency: string;
  department?: string | null;
  confidential: boolean;
}

export interface OverlayContext extends Omit<Worker, "role"> {
  type(id: string): TypeFacts | undefined;
}

interface Cell {
  to: string;
  apply?: string;
  flag?: string;
}
const TABLE = table as Record<string, Record<string, Cell>>;
const CLOSING: Partial<Record<Kind, Status>> = {
  finished: "finished",
  not_viable: "not_viable",
  returned: "captured",
};

/** Whether a copy already contains an event: listed, or admitted before the copy was folded. */
export function covers(copy: Report, event: { id: string; admission?: number | null }): boolean {
  if (copy.events?.includes(event.id)) return true;
  return typeof event.admission === "number" && event.admission <= copy.version;
}

/**
 * The copy with the events it does not contain applied in order; null where there is neither a copy nor a capture.
 */
export function overlay(
  copy: Report | null,
  events: readonly PendingEvent[],
  context: OverlayContext,
): { report: Report; pending: number } | null {
  let report = copy;
  let pending = 0;
  for (const event of events) {
    if (copy && covers(copy, event)) continue;
    if (report === null) {
      if (event.kind !== "captured") continue;
      report = captured(event as PendingEvent<"captured">, context);
    } else {
      report = applied(report, event, context);
    }
    pending += 1;
    report = {
      ...report,
      timeline: [
        ...(report.timeline ?? []),
        {
          event: event.id,
          kind: event.kind,
          at: event.at,
          actor: event.actor,
          role: event.role,
          payload: event.payload as Record<string, unknown>,
          position: event.position,
          pending: true,
        },
      ],
    };
  }
  return report && { report, pending };
}

function captured(event: PendingEvent<"captured">, context: OverlayContext): Report {
  const { payload, position } = event;
  const facts = context.type(payload.type);
  return {
    _id: `report:${event.subject}`,
    view: "full",
    version: 0,
    events: [],
    folio: null,
    provisional_folio: provisionalFolio(event.subject),
    type: payload.type,
    answers: payload.answers,
    text: payload.text ?? null,
    ...(facts ? { family: facts.family, agency: facts.agency, confidential: facts.confidential } : {}),
    channel: payload.channel,
    for_whom: payload.for_whom,
    citizen: payload.citizen ?? null,
    status: "captured",
    priority: payload.urgent ? 1 : (facts?.priority ?? 3),
    urgent: payload.urgent,
    danger: payload.danger ?? false,
    captured_at: event.at,
    captured_by: event.actor,
    place: { ...payload.place, ...position },
    assignments: [],
    taken_by: [],
    timeline: [],
    evidence: [],
    supports: 0,
    flags: [],
  };
}

function applied(before: Report, event: PendingEvent, context: OverlayContext): Report {
  const cell = TABLE[event.kind]?.[before.status];
  if (!cell) return before;
  const report = cell.apply ? affected(before, event, cell.apply, context) : { ...before };
  const assignments = report.assignments ?? [];
  if (cell.to === "by_assignments") {
    report.status = statusAfter(assignments, CLOSING[event.kind] ?? before.status);
    // A return that leaves other orders open changes nothing for them.
    if (event.kind === "returned" && report.status === "in_progress") report.status = before.status;
  } else if (cell.to === "by_progress") {
    const busy = assignments.some(
      (entry) => isOpen(entry) && (entry.status !== "assigned" || entry.by !== undefined),
    );
    report.status = busy || (report.taken_by ?? []).length > 0 ? "in_progress" : "captured";
  } else if (cell.to !== "keep") {
    report.status = cell.to as Status;
  }
  const isClosed = (status: Status): boolean => (closed as string[]).includes(status);
  if (isClosed(report.status) && !isClosed(before.status)) report.finished_at = event.at;
  if (cell.flag && !report.flags?.includes(cell.flag)) report.flags = [...(report.flags ?? []), cell.flag];
  return report;
}

function affected(before: Report, event: PendingEvent, effect: string, context: OverlayContext): Report {
  const report: Report = { ...before };
  const orders = report.assignments ?? [];
  const worker: Worker = { role: event.role, agency: context.agency, brigade: context.brigade };
  const { at } = event;
  switch (effect) {
    case "amend":
      return amended(report, event as PendingEvent<"amended">, context);
    case "support":
      report.supports = (report.supports ?? 0) + 1;
      break;
    case "prioritize": {
      const { priority, seen_priority } = event.payload as Payloads["prioritized"];
      const lowers = priority > (report.priority ?? 4);
      if (!lowers || seen_priority <= (report.priority ?? 4)) report.priority = priority;
      break;
    }
    case "take":
      if (!report.taken_by?.some((taken) => taken.account === event.actor)) {
        report.taken_by = [...(report.taken_by ?? []), { account: event.actor, at }];
      }
      break;
    case "release":
      report.taken_by = (report.taken_by ?? []).filter((taken) => taken.account !== event.actor);
      break;
    case "assign": {
      const { agency, department, brigade } = event.payload as Payloads["assigned"];
      const own = context.agency;
      // An agency that assigns another one asks it in: the report stays its own, and so does work in it.
      const asksIn = event.role === "agency" && own && own !== agency;
      const kept =
        asksIn && !orders.some((entry) => entry.agency === own)
          ? assign(orders, made(own, null, null, at, event.id))
          : orders;
      report.assignments = assign(kept, made(agency, department ?? null, brigade ?? null, at, event.id));
      if (!asksIn) {
        report.agency = agency;
        report.department = department ?? null;
      }
      break;
    }
    case "start":
      report.assignments = work(orders, worker, {}, at, (entry) => ({
        ...entry,
        status: "started",
        started_at: entry.started_at ?? at,
      }));
      break;
    case "visit": {
      const { outcome, return_on } = event.payload as Payloads["visited"];
      report.assignments = work(orders, worker, {}, at, (entry) => ({
        ...entry,
        status: "paused",
        outcome,
        started_at: entry.started_at ?? at,
        ...(return_on ? { return_on } : {}),
      }));
      break;
    }
    case "finish":
    case "give_up": {
      const status = effect === "finish" ? "finished" : "not_viable";
      report.assignments = work(orders, worker, {}, at, (entry) => ({ ...entry, status, finished_at: at }));
      break;
    }
    case "return":
      report.assignments = work(orders, worker, event.payload as Payloads["returned"], at, (entry) => ({
        ...entry,
        status: "returned",
      }));
      break;
    case "answer":
      report.answered_at ??= at;
      break;
    case "verify":
      report.verified = { solved: (event.payload as Payloads["verified"]).solved, at };
      break;
    case "reopen":
      report.assignments = orders.map((entry) =>
        entry.status === "finished" || entry.status === "not_viable"
          ? made(entry.agency, entry.department ?? null, entry.brigade ?? null, at, event.id)
          : entry,
      );
      report.finished_at = null;
      report.verified = null;
      report.taken_by = [];
      break;
    case "merge":
      report.duplicate_of ??= (event.payload as Payloads["marked_duplicate"]).of;
      break;
    case "unmerge":
      report.duplicate_of = null;
      break;
    case "join":
      report.incident = (event.payload as Payloads["incident_joined"]).incident;
      break;
  }
  return report;
}

function amended(report: Report, event: PendingEvent<"amended">, context: OverlayContext): Report {
  const { payload, position } = event;
  const facts = payload.type === undefined ? undefined : context.type(payload.type);
  const place = payload.place === undefined ? report.place : readdressed(report.place, payload.place);
  return {
    ...report,
    ...(payload.type === undefined ? {} : { type: payload.type }),
    ...(facts ? { family: facts.family, agency: facts.agency } : {}),
    ...(payload.answers === undefined ? {} : { answers: payload.answers }),
    ...(payload.text === undefined ? {} : { text: payload.text }),
    ...(payload.urgent === undefined ? {} : { urgent: payload.urgent }),
    ...(payload.for_whom === undefined ? {} : { for_whom: payload.for_whom }),
    ...(payload.citizen === undefined ? {} : { citizen: payload.citizen }),
    ...(place || payload.place_corrected
      ? { place: { ...place, ...(payload.place_corrected ? position : {}) } }
      : {}),
  };
}

/** An address is replaced as a whole; the point, and what the municipality found of it, stay. */
function readdressed(before: Place | undefined, address: PlaceText): Place {
  const { street: _s, between: _b, reference: _r, pole: _p, ...kept } = before ?? {};
  return { ...kept, ...address };
}
