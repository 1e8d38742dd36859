/**
 * Local time in a time zone, from a small table of its offsets. Pure but for what is remembered.
 *
 * Law: a table says only what the server, or the browser's own time-zone data, said when it was made; an instant outside
 * it, or a zone without one, is asked of the browser. One that does not know the zone shows the phone's own time: nothing
 * is ever left undrawn for a zone. Asking for the first time costs a slow phone a quarter of a second, which is why tables
 * are kept from one start to the next (`state/zone.ts`).
 */

/** Offsets of one zone between two instants, all in milliseconds. */
export interface ZoneTable {
  zone: string;
  from: number;
  until: number;
  /** The offset from UTC that holds since each instant, the earliest first; the first begins at `from`. */
  offsets: { since: number; offset: number }[];
}

/** Shorter than any zone keeps an offset: Morocco's month of Ramadan is the shortest. */
const STEP = 7 * 86_400_000;
/** Clocks change at a whole minute. */
const EXACT = 60_000;

const tables = new Map<string, ZoneTable>();
/** Making a DateTimeFormat costs more than using it. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** From now on `localTime` answers from this table where it reaches. */
export function rememberZone(table: ZoneTable): void {
  tables.set(table.zone, table);
}

export function forgetZones(): void {
  tables.clear();
}

/** Zones that the browser does not have. */
const unknown = new Set<string>();

/** What the browser says; null where its data do not have the zone: Ciudad Juárez is younger than browsers in use. */
function saidOffset(at: number, zone: string): number | null {
  if (unknown.has(zone)) return null;
  try {
    return askedOffset(at, zone);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    unknown.add(zone);
    return null;
  }
}

export const isKnown = (zone: string): boolean => saidOffset(0, zone) !== null;

const ownOffset = (at: number): number => -new Date(at).getTimezoneOffset() * 60_000;

/** What the browser says. Throws RangeError where it doesn't know the zone. */
function askedOffset(at: number, zone: string): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/** Makes the table of a zone for every instant in [from, until). Throws RangeError for a zone nobody knows. */
export function tableOf(zone: string, from: number, until: number): ZoneTable {
  const offsets = [{ since: from, offset: askedOffset(from, zone) }];
  for (let at = from; at < until; at += STEP) {
    const held = (offsets.at(-1) as { offset: number }).offset;
    let [low, high] = [at, Math.min(at + STEP, until)];
    const changed = askedOffset(high, zone);
    if (changed === held) continue;
    while (high - low > EXACT) {
      const middle = Math.floor((low + high) / 2 / EXACT) * EXACT;
      if (middle <= low) break;
      if (askedOffset(middle, zone) === held) low = middle;
      else high = middle;
    }
    offsets.push({ since: Math.floor(high / EXACT) * EXACT, offset: changed });
  }
  return { zone, from, until, offsets };
}

function offsetOf(at: number, zone: string): number {
  const table = tables.get(zone);
  if (!table || at < table.from || at >= table.until) {
    const said = saidOffset(at, zone);
    if (said !== null) return said;
    if (!table) return ownOffset(at);
  }
  // Beyond its ends, where nobody knows better, the nearest offset goes on.
  let { offset } = table.offsets[0] as { offset: number };
  for (const one of table.offsets) if (one.since <= at) offset = one.offset;
  return offset;
}

/**
 * The wall clock at an instant, as the milliseconds at which UTC's would show the same: read it with `getUTC…`. NaN stays
 * NaN. Without a zone, the phone's own.
 */
export function localTime(at: Date | number, zone: string | undefined): number {
  const instant = Number(at);
  if (Number.isNaN(instant)) return Number.NaN;
  return instant + (zone ? offsetOf(instant, zone) : ownOffset(instant));
}

/** Calendar day of an instant in a zone as a whole number, so that differences are days and not 24 hours. */
export const dayNumber = (at: Date | number, zone?: string): number =>
  Math.floor(localTime(at, zone) / 86_400_000);
