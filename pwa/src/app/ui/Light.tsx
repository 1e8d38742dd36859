/** The semáforo: shape, words and colour together, so that it survives sun, greyscale and a reading aloud. */
import type { Priority, Status } from "../../shared/documents.ts";
import { common as w } from "../words/common.ts";
import { dayNumber } from "../words/dates.ts";
import { Icon } from "./Icon.tsx";

export interface Due {
  status: Status;
  priority?: Priority | undefined;
  due_at?: string | null | undefined;
  amber_at?: string | null | undefined;
}

export type Shade = "ok" | "soon" | "late" | "done" | "other";

const OPEN: ReadonlySet<Status> = new Set(["captured", "in_progress", "reopened"]);
export const isOpen = (status: Status): boolean => OPEN.has(status);

/** What the semáforo says at `now`; days are calendar days of the municipality. */
export function shade(due: Due, now: Date, zone?: string): { shade: Shade; words: string } {
  if (!isOpen(due.status)) {
    return { shade: due.status === "finished" ? "done" : "other", words: w.statusOf[due.status] };
  }
  if (!due.due_at) return { shade: "other", words: w.statusOf[due.status] };
  const at = new Date(due.due_at);
  const days = dayNumber(at, zone) - dayNumber(now, zone);
  if (at.getTime() <= now.getTime()) return { shade: "late", words: w.light.late(Math.max(0, -days)) };
  if (due.amber_at && new Date(due.amber_at).getTime() <= now.getTime()) {
    const words = days <= 0 ? w.light.dueToday : days === 1 ? w.light.dueTomorrow : w.light.dueIn(days);
    return { shade: "soon", words };
  }
  return { shade: "ok", words: w.light.onTime(Math.max(0, days)) };
}

export function Light({ due, now, zone }: { due: Due; now: Date; zone?: string | undefined }) {
  const light = shade(due, now, zone);
  return (
    <span class={`light light--${light.shade}`}>
      <Icon name={`s-${light.shade}`} />
      {light.words}
    </span>
  );
}
