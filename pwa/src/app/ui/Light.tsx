/** The semáforo: shape, words and colour together, so that it survives sun, greyscale and a reading aloud. */
import type { Status } from "../../shared/documents.ts";
import { type Due, type Semaforo, semaforo } from "../../shared/semaforo.ts";
import { Icon } from "./Icon.tsx";

export type Shade = "ok" | "soon" | "late" | "done" | "other";

const OPEN: ReadonlySet<Status> = new Set(["captured", "in_progress", "reopened"]);
export const isOpen = (status: Status): boolean => OPEN.has(status);

const SHADES: Record<Semaforo["colour"], Shade> = {
  green: "ok",
  amber: "soon",
  red: "late",
  emergency: "late",
  none: "other",
};

/**
 * What the semáforo says at `now`, by the rule the server shares. An emergency's own mark is the black bar: here its
 * deadline is said, and never that there is time.
 */
export function shade(due: Due, now: Date, zone?: string): { shade: Shade; words: string } {
  const plain = { ...due, priority: undefined };
  let light = semaforo(plain, now, zone);
  if (due.priority === 1 && light.colour === "green") {
    // Due from the beginning of time: the same deadline in the words of what is about to run out.
    light = semaforo({ ...plain, amber_at: new Date(0).toISOString() }, now, zone);
  }
  return { shade: due.status === "finished" ? "done" : SHADES[light.colour], words: light.words };
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
