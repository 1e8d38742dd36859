/**
 * A report's assignments, one per brigade or per agency, as the server's fold treats them. Pure.
 *
 * Law: assigning adds, never takes away; only a return and the closings end an assignment.
 */
import type { Assignment, AssignmentStatus, Role, Status } from "./documents.ts";
import { isOpen as isOpenReport } from "./status.ts";

export interface Worker {
  role: Role;
  agency: string | null;
  brigade: string | null;
}

const OPEN = new Set<AssignmentStatus>(["assigned", "started", "paused"]);
export const isOpen = (entry: Assignment): boolean => OPEN.has(entry.status);

export function made(
  agency: string,
  department: string | null,
  brigade: string | null,
  assigned_at: string,
  by?: string,
): Assignment {
  const entry: Assignment = { agency, department, brigade, status: "assigned", assigned_at };
  return by === undefined ? entry : { ...entry, by };
}

function indexOf(entries: readonly Assignment[], agency: string | null, brigade: string | null): number {
  return entries.findIndex((entry) =>
    brigade !== null ? (entry.brigade ?? null) === brigade : !entry.brigade && entry.agency === agency,
  );
}

/** With `entry` put in: a closed one of the same brigade opens again, an unnamed one of its agency becomes precise. */
export function assign(entries: readonly Assignment[], entry: Assignment): Assignment[] {
  const brigade = entry.brigade ?? null;
  let index = indexOf(entries, entry.agency, brigade);
  if (index >= 0 && isOpen(entries[index] as Assignment)) return [...entries];
  if (index < 0 && brigade !== null) {
    index = indexOf(entries, entry.agency, null);
    if (index >= 0 && !isOpen(entries[index] as Assignment)) index = -1;
  }
  return index < 0 ? [...entries, entry] : entries.map((held, i) => (i === index ? entry : held));
}

/** Applies `change` to the entries an action is about; a brigade without an entry gets one. */
export function work(
  entries: readonly Assignment[],
  worker: Worker,
  named: { agency?: string; brigade?: string },
  at: string,
  change: (entry: Assignment) => Assignment,
): Assignment[] {
  if (named.agency !== undefined || named.brigade !== undefined) {
    return entries.map((entry) =>
      isOpen(entry) &&
      (named.brigade === undefined || named.brigade === entry.brigade) &&
      (named.agency === undefined || named.agency === entry.agency)
        ? change(entry)
        : entry,
    );
  }
  const { role, agency, brigade } = worker;
  if (role === "brigade") {
    let index = indexOf(entries, agency, brigade);
    if (index < 0 && agency !== null) {
      index = indexOf(entries, agency, null);
      if (index >= 0 && !isOpen(entries[index] as Assignment)) index = -1;
    }
    if (index >= 0) return entries.map((entry, i) => (i === index ? change(entry) : entry));
  } else if (role === "agency") {
    const own = entries.filter((entry) => entry.agency === agency);
    const open = own.filter(isOpen);
    const about = new Set(open.length > 0 ? open : own);
    if (own.length > 0 || entries.length === 0) {
      return entries.map((entry) => (about.has(entry) ? change(entry) : entry));
    }
  } else {
    return entries.map((entry) => (isOpen(entry) ? change(entry) : entry));
  }
  return agency === null ? [...entries] : [...entries, change(made(agency, null, brigade, at))];
}

/** The report's status once an action changed its assignments; `closing` where none decides. */
export function statusAfter(entries: readonly Assignment[], closing: Status): Status {
  if (entries.some(isOpen)) return "in_progress";
  if (entries.some((entry) => entry.status === "finished")) return "finished";
  if (entries.some((entry) => entry.status === "not_viable")) return "not_viable";
  return closing;
}

/** A brigade's own part of a report; an only part is everybody's. */
export function ours(
  assignments: readonly Assignment[] | undefined,
  brigade: string | null | undefined,
): Assignment | undefined {
  const list = assignments ?? [];
  return list.find((one) => brigade && one.brigade === brigade) ?? (list.length === 1 ? list[0] : undefined);
}

/** Whether a report is still this brigade's to do: open, and its own part neither done nor given back. */
export function isToDo(
  report: { status: Status; assignments?: readonly Assignment[] },
  brigade: string | null | undefined,
): boolean {
  const part = ours(report.assignments, brigade);
  return isOpenReport(report.status) && (part === undefined || isOpen(part));
}
