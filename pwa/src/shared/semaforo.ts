/**
 * The semáforo: how a deadline stands at this moment, as colour, shape and words. Pure.
 *
 * Law: computed where it is shown, from the recorded deadlines and the clock, never stored; every colour has a shape
 * and words of its own. Days are the calendar's, at the municipality's midnight. The same table as the server's
 * (`schemas/cases/semaforo.json`).
 */
import { status as words } from "@schemas/words.v1.json";
import type { Priority, Status } from "./documents.ts";
import { dayNumber } from "./zones.ts";

export interface Semaforo {
  colour: "green" | "amber" | "red" | "emergency" | "none";
  shape: "circle" | "triangle" | "octagon" | "bar" | "none";
  words: string;
}

export interface Due {
  status: Status;
  priority?: Priority | undefined;
  amber_at?: string | null | undefined;
  due_at?: string | null | undefined;
  finished_at?: string | null | undefined;
}

const ENDED: Partial<Record<Status, string>> = {
  finished: words.finished.text,
  not_viable: words.not_viable.text,
  duplicate: words.duplicate.text,
  withdrawn: words.withdrawn.text,
};

const days = (count: number): string => (count === 1 ? "1 día" : `${count} días`);

/** `zone`: the municipality's IANA time zone; the phone's own where unknown. */
export function semaforo(due: Due, now: Date, zone?: string): Semaforo {
  const { status, priority, amber_at, due_at, finished_at } = due;
  const between = (earlier: string | Date, later: string | Date): number =>
    dayNumber(new Date(later), zone) - dayNumber(new Date(earlier), zone);
  const ended = ENDED[status];
  if (ended !== undefined) {
    let words = ended;
    if ((status === "finished" || status === "not_viable") && due_at && finished_at) {
      const late = Date.parse(finished_at) > Date.parse(due_at) ? between(due_at, finished_at) : 0;
      words += late > 0 ? ` con ${days(late)} de retraso` : " a tiempo";
    }
    return { colour: "none", shape: "none", words };
  }
  if (priority === 1) return { colour: "emergency", shape: "bar", words: "Emergencia" };
  if (!due_at) return { colour: "none", shape: "none", words: "Sin plazo" };
  if (now.getTime() > Date.parse(due_at)) {
    const late = between(due_at, now);
    return { colour: "red", shape: "octagon", words: late > 0 ? `Vencido ${days(late)}` : "Venció hoy" };
  }
  const left = between(now, due_at);
  if (amber_at && now.getTime() >= Date.parse(amber_at)) {
    const when = left === 0 ? "hoy" : left === 1 ? "mañana" : `en ${days(left)}`;
    return { colour: "amber", shape: "triangle", words: `Vence ${when}` };
  }
  return {
    colour: "green",
    shape: "circle",
    words: left > 0 ? `A tiempo · ${days(left)}` : "A tiempo · vence hoy",
  };
}
