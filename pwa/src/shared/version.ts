/**
 * Versions of the app. Pure.
 *
 * Law: compared part by part as numbers; a part that is not there is zero.
 */

/** Whether the version is older than the oldest the municipality still wants to see. */
export function isOlder(version: string, floor: string): boolean {
  const a = version.split(".").map(Number);
  const b = floor.split(".").map(Number);
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
