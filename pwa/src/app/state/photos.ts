/**
 * The pictures that a brigade's phone should have before anybody asks. Pure.
 *
 * Law: those of the orders still to do, the most urgent first.
 */
import { isOpen } from "../../shared/orders.ts";
import type { ReportRow } from "../storage/shown.ts";

/** Ids of the reports whose pictures are needed, the most needed first; none for whoever is no brigade. */
export function needed(rows: readonly ReportRow[], brigade: string | null | undefined): string[] {
  if (!brigade) return [];
  return rows
    .filter((row) => row.assignments.some((one) => one.brigade === brigade && isOpen(one)))
    .sort((a, b) => a.priority - b.priority || (a.due_at ?? "9").localeCompare(b.due_at ?? "9"))
    .map((row) => row.id);
}
