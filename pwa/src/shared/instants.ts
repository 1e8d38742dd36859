/** Instants as documents carry them: RFC 3339, UTC, milliseconds. */

export function instant(at: number | Date): string {
  return new Date(at).toISOString();
}

/** Milliseconds between two instants, `b - a`; 0 where one cannot be read. */
export function elapsed(a: string, b: string): number {
  const span = Date.parse(b) - Date.parse(a);
  return Number.isFinite(span) ? span : 0;
}
