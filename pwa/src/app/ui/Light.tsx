/** The semáforo: shape, words and colour together, so that it survives sun, greyscale and a reading aloud. */
import type { Assignment } from "../../shared/documents.ts";
import { type Due, type Semaforo, semaforo } from "../../shared/semaforo.ts";
import { isOpen } from "../../shared/status.ts";
import { common as w } from "../words/common.ts";
import { Icon } from "./Icon.tsx";

export type Shade = "ok" | "soon" | "late" | "done" | "other";

const SHADES: Record<Semaforo["colour"], Shade> = {
  green: "ok",
  amber: "soon",
  red: "late",
  emergency: "late",
  none: "other",
};

/** A report as its light sees it. */
export interface Lit extends Due {
  taken_by?: readonly unknown[] | undefined;
  assignments?: readonly Pick<Assignment, "status">[] | undefined;
}

const isAttended = ({ taken_by = [], assignments = [] }: Lit): boolean =>
  taken_by.length > 0 || assignments.some(({ status }) => status === "started" || status === "paused");

/**
 * What the semáforo says at `now`, by the rule the server shares. An emergency's own mark is the black bar: here it is
 * said whether anybody is at it, or how late it is, and never that there is time.
 */
export function shade(due: Lit, now: Date, zone?: string): { shade: Shade; words: string } {
  const { colour, words } = semaforo({ ...due, priority: undefined }, now, zone);
  if (due.priority === 1 && isOpen(due.status) && colour !== "red")
    return isAttended(due) ? { shade: "soon", words: w.attended } : { shade: "late", words: w.unattended };
  return { shade: due.status === "finished" ? "done" : SHADES[colour], words };
}

export function Light({ due, now, zone }: { due: Lit; now: Date; zone?: string | undefined }) {
  const light = shade(due, now, zone);
  return (
    <span class={`light light--${light.shade}`}>
      <Icon name={`s-${light.shade}`} />
      {light.words}
    </span>
  );
}
