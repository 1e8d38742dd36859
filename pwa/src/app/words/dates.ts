/**
 * Instants and dates as a person says them: "hoy 10:32", "mañana", "hace 3 días".
 *
 * Law: pure; `now` and the municipality's time zone are passed in, because a phone may be set to another one.
 */
import { dayNumber, localTime } from "../../shared/zones.ts";

const DAY = 86_400_000;
const MONTHS = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"];

const two = (number: number): string => String(number).padStart(2, "0");

/** "08:32". */
export function clock(at: Date, zone?: string): string {
  const local = new Date(localTime(at, zone));
  return `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`;
}

const dayMonth = (local: Date): string => `${local.getUTCDate()} ${MONTHS[local.getUTCMonth()]}`;

function dayAndMonth(at: Date, now: Date, zone?: string): string {
  const local = new Date(localTime(at, zone));
  const sameYear = Math.abs(at.getTime() - now.getTime()) < 300 * DAY;
  return sameYear ? dayMonth(local) : `${dayMonth(local)} ${local.getUTCFullYear()}`;
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
  const local = new Date(localTime(at, zone));
  return `${dayMonth(local)} ${local.getUTCFullYear()}, ${clock(at, zone)}`;
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
