/**
 * Which network this is, and whether photos wait for another.
 *
 * Law: only browsers that tell the network can let photos go by themselves under "sólo Wi-Fi"; where they wait, the
 * screens say so, and for what.
 */
import { computed, signal } from "@preact/signals";
import type { PhotoChoice, PhotoWait } from "./contract.ts";
import { settings } from "./signals.ts";

/** A phone's Chromium tells it, WebKit does not. */
const connection = () =>
  (globalThis.navigator as (Navigator & { connection?: EventTarget & { type?: string } }) | undefined)
    ?.connection;
const kind = signal(connection()?.type);

/** What photos wait for with this choice on a network of this kind (the Network Information API's `type`). */
export function waitOf(choice: PhotoChoice, network: string | undefined): PhotoWait {
  if (choice === "always" || network === "wifi" || network === "ethernet") return "nothing";
  // "unknown" and "other" are what a browser says that doesn't know; "none" and all the rest are no Wi-Fi.
  return network === undefined || network === "unknown" || network === "other" ? "a_touch" : "wifi";
}

export const photo_wait = computed(() => waitOf(settings.value.photos, kind.value));

/** Calls `changed` when the phone is on another network. */
export function watchNetwork(changed: () => void): void {
  connection()?.addEventListener("change", () => {
    // It also tells of speed, many times over: only another network may let photos go.
    if (connection()?.type === kind.peek()) return;
    kind.value = connection()?.type;
    changed();
  });
}
