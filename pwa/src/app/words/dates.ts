/**
 * Instants and dates as a person says them: "hoy 10:32", "mañana", "hace 3 días".
 *
 * Law: pure; `now` and the municipality's time zone are passed in, because a phone may be set to another one.
 */
const DAY = 86_400_000;

/** Parts that do not change between calls are kept: building a DateTimeFormat costs more than using it. */
const formats = new Map<string, Intl.DateTimeFormat>();
function format(
  zone: string | undefined,
  key: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const id = `${zone ?? ""}|${key}`;
  let found = formats.get(id);
  if (!found) {
    found = new Intl.DateTimeFormat("es-MX", zone ? { ...options, timeZone: zone } : options);
    formats.set(id, found);
  }
  return found;
}

/** Calendar day in the zone as a whole number, so that differences are days and not 24 hours. */
export function dayNumber(at: Date, zone?: string): number {
  const parts = format(zone, "ymd", { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(at);
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value ?? 0);
  return Math.round(Date.UTC(part("year"), part("month") - 1, part("day")) / DAY);
}

export function clock(at: Date, zone?: string): string {
  return format(zone, "hm", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}

function dayAndMonth(at: Date, now: Date, zone?: string): string {
  const sameYear = Math.abs(at.getTime() - now.getTime()) < 300 * DAY;
  return format(zone, sameYear ? "dm" : "dmy", {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" as const }),
  }).format(at);
}

/** "hace 5 minutos", "hoy 10:32", "ayer 18:04", "hace 3 días", "14 oct". */
export function past(iso: string, now: Date, zone?: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const minutes = Math.floor((now.getTime() - at.getTime()) / 60_000);
  if (minutes >= -5 && minutes < 1) return "ahora";
  if (minutes > 0 && minutes < 60) return minutes === 1 ? "hace 1 minuto" : `hace ${minutes} minutos`;
  const days = dayNumber(now, zone) - dayNumber(at, zone);
  if (days === 0) return `hoy ${clock(at, zone)}`;
  if (days === 1) return `ayer ${clock(at, zone)}`;
  if (days > 1 && days <= 30) return `hace ${days} días`;
  return dayAndMonth(at, now, zone);
}

/** "hoy", "mañana", "en 4 días", "el 3 dic"; past ones "ayer", "hace 3 días". Takes an instant or a date. */
export function day(iso: string, now: Date, zone?: string): string {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(iso) ? new Date(`${iso}T12:00:00Z`) : new Date(iso);
  const days = dayNumber(at, zone) - dayNumber(now, zone);
  if (days === 0) return "hoy";
  if (days === 1) return "mañana";
  if (days === -1) return "ayer";
  if (days < -1) return `hace ${-days} días`;
  if (days <= 14) return `en ${days} días`;
  return `el ${dayAndMonth(at, now, zone)}`;
}

/** Full, for the timeline: "12 nov 2026, 10:32". */
export function full(iso: string, zone?: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return format(zone, "full", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(at);
}

/** "35 m", "1.2 km". */
export function metres(distance: number): string {
  return distance < 995 ? `${Math.max(1, Math.round(distance))} m` : `${(distance / 1000).toFixed(1)} km`;
}

/** "a, b y c". */
export function and(parts: readonly string[]): string {
  if (parts.length < 2) return parts[0] ?? "";
  return `${parts.slice(0, -1).join(", ")} y ${parts.at(-1)}`;
}
