/**
 * The four lists of a leader's first screen. Pure.
 *
 * Law: every row is in one list, a neighbour's closed one in none; emergencies come first, then what changed, then what is due first.
 */
import { firstBy, sortedBy } from "../../shared/ordering.ts";
import { isOpen } from "../../shared/status.ts";
import type { Preview, ReportRow } from "../state/contract.ts";
import { FIRST } from "../ui/screenful.ts";

export type Filter = "open" | "toVerify" | "closed" | "near";
export type Lists = Record<Filter, ReportRow[]>;

/** Finished, and nobody of the block has said yet whether it was. */
export const waitsForWord = (row: ReportRow): boolean =>
  row.status === "finished" && row.verified === null && row.view === "full";

/** Milliseconds no instant reaches: what has no deadline comes after all that have one. */
const NEVER = 1e14;

/** Emergencies, those with somebody in danger before others, then what changed, then what is due first, as one number. */
function need(row: ReportRow): number {
  const due = Date.parse(row.due_at ?? "");
  const rank = row.priority === 1 ? Number(!row.danger) : 2;
  return (rank * 2 + Number(!row.changed)) * 2 * NEVER + (Number.isNaN(due) ? NEVER : due);
}

const newer = (a: ReportRow, b: ReportRow): number =>
  a.captured_at < b.captured_at ? 1 : a.captured_at > b.captured_at ? -1 : 0;

const byNeed = (a: ReportRow, b: ReportRow): number => need(a) - need(b) || newer(a, b);

function split(rows: readonly ReportRow[]): Lists {
  const lists: Lists = { open: [], toVerify: [], closed: [], near: [] };
  for (const row of rows) {
    if (row.view === "card") {
      if (isOpen(row.status)) lists.near.push(row);
    } else if (waitsForWord(row)) lists.toVerify.push(row);
    else if (isOpen(row.status)) lists.open.push(row);
    else lists.closed.push(row);
  }
  return lists;
}

export function listsOf(rows: readonly ReportRow[]): Lists {
  const lists = split(rows);
  return {
    ...lists,
    open: sortedBy(lists.open, need, newer),
    near: sortedBy(lists.near, need, newer),
  };
}

/** The first page of each list, without sorting the rest. */
export function previewOf(rows: readonly ReportRow[]): Preview {
  const { open, toVerify, closed, near } = split(rows);
  const sorted = (list: ReportRow[]) => ({ total: list.length, rows: firstBy(list, FIRST, byNeed) });
  const plain = (list: ReportRow[]) => ({ total: list.length, rows: list.slice(0, FIRST) });
  return { open: sorted(open), toVerify: plain(toVerify), closed: plain(closed), near: sorted(near) };
}
