/** The position while a screen is open, as a signal that ends with it. */
import { useEffect, useState } from "preact/hooks";
import type { Position } from "../../shared/documents.ts";
import type { Fix, FixWatch } from "../state/contract.ts";
import { watchFix } from "../state/index.ts";

export function useFix(): Fix | null {
  const [watch, setWatch] = useState<FixWatch | null>(null);
  useEffect(() => {
    const opened = watchFix();
    setWatch(opened);
    return () => opened.stop();
  }, []);
  return watch?.fix.value ?? null;
}

export function asPosition(fix: Fix | null): Position {
  if (!fix) return { source: "none" };
  return { source: "gps", lat: fix.lat, lon: fix.lon, accuracy: fix.accuracy, taken_at: fix.taken_at };
}
