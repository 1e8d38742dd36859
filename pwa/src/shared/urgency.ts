/**
 * The order in which urgent things stand wherever they are listed. Pure.
 *
 * Law: the more urgent first; of the same urgency what nobody attends before what somebody does, somebody in danger
 * before nobody, and then whoever has waited longest. The table is `schemas/cases/urgent_order.json`.
 */
import type { Priority } from "./documents.ts";

export interface Waiting {
  priority: Priority;
  attended: boolean;
  danger: boolean;
  /** Instant since when it waits. */
  since: string;
}

export function byUrgency(a: Waiting, b: Waiting): number {
  return (
    a.priority - b.priority ||
    Number(a.attended) - Number(b.attended) ||
    Number(b.danger) - Number(a.danger) ||
    (a.since < b.since ? -1 : a.since > b.since ? 1 : 0)
  );
}
