/**
 * Position: asked for while a screen is open, never in the background, never in the way of saving.
 *
 * Law: only at the person's own act; the screen shows what was taken. A better fix that comes within a minute of
 * saving becomes `amended`.
 */
import { signal } from "@preact/signals";
import type { Position } from "../../shared/documents.ts";
import { distance, GOOD_ACCURACY } from "../../shared/geometry.ts";
import type { Account } from "./account.ts";
import { act } from "./acts.ts";
import type { Fix, FixWatch, Saved } from "./contract.ts";

/** How long a better fix may come after saving. */
const IMPROVE_MS = 60_000;
/** A cold GPS first answers with the cell's position: this close is as good as it gets in a street. */
const EXCELLENT_M = 12;

export function watchFix(): FixWatch {
  const fix = signal<Fix | null>(null);
  const trouble = signal<"denied" | "unavailable" | null>(null);
  let id: number | null = null;
  if (!("geolocation" in navigator)) {
    trouble.value = "unavailable";
  } else {
    id = navigator.geolocation.watchPosition(
      ({ coords, timestamp }) => {
        // A phone without a fix may say 0, 0, and exactly: no place of any municipality.
        if (isNowhere(coords.latitude, coords.longitude)) return;
        trouble.value = null;
        const next: Fix = {
          lat: coords.latitude,
          lon: coords.longitude,
          accuracy: coords.accuracy,
          taken_at: new Date(timestamp).toISOString(),
        };
        const held = fix.value;
        // A worse reading of the same place is no news; one from elsewhere means the person has moved.
        const moved = held !== null && distance(held.lat, held.lon, next.lat, next.lon) > held.accuracy;
        if (held === null || moved || next.accuracy <= held.accuracy) fix.value = next;
      },
      ({ code, PERMISSION_DENIED }) => {
        if (fix.value === null) trouble.value = code === PERMISSION_DENIED ? "denied" : "unavailable";
      },
      { enableHighAccuracy: true, maximumAge: 15_000, timeout: 30_000 },
    );
  }
  return {
    fix,
    trouble,
    stop() {
      if (id !== null) navigator.geolocation.clearWatch(id);
      id = null;
    },
  };
}

/** The 0, 0 of a receiver without a fix; the server reads it so too (server/cases/fixes.py). Pure. */
export const isNowhere = (lat: number, lon: number): boolean => Math.abs(lat) < 0.01 && Math.abs(lon) < 0.01;

/** Whether a fix is worth an amendment over what was saved. Pure. */
export function isBetter(fix: Fix, had: Position): boolean {
  if (had.source === "pin" || had.source === "address") return false;
  if (fix.accuracy > GOOD_ACCURACY) return false;
  const before = had.source === "gps" ? (had.accuracy ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
  return before > EXCELLENT_M * 2 && fix.accuracy < before / 2;
}

/** For a minute, or until the account is closed. */
export function improveFix(account: Account, saved: Saved, had: Position): void {
  if (had.source === "pin" || had.source === "address" || (had.accuracy ?? Infinity) <= EXCELLENT_M * 2)
    return;
  const { ledger, life, listing } = account;
  // Only a capture's place may move by itself: where a brigade stood when it finished is evidence.
  if (ledger.records.find((record) => record.uuid === saved.uuid)?.kind !== "captured") return;
  const watch = watchFix();
  const unsubscribe = watch.fix.subscribe((fix) => {
    if (fix === null || !isBetter(fix, had)) return;
    stop();
    // Taken back meanwhile: there is nothing to put right.
    if (!ledger.records.some((record) => record.uuid === saved.uuid)) return;
    if (listing.row(saved.report)?.status === "withdrawn") return;
    life.spawn(() =>
      act(account, {
        kind: "amended",
        report: saved.report,
        payload: { place_corrected: true },
        position: { source: "gps", ...fix },
        at_once: true,
      }),
    );
  });
  const cancel = life.after(IMPROVE_MS, stop);
  const forget = life.atEnd(stop);
  function stop(): void {
    watch.stop();
    // The subscription may call back before any of these is assigned.
    queueMicrotask(() => {
      cancel();
      forget();
      unsubscribe();
    });
  }
}
