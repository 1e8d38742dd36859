/**
 * Which network this is, and whether photos wait for another.
 *
 * Law: only browsers that tell the network can let photos go by themselves under "sólo Wi-Fi"; where they wait, the
 * screens say so, and for what.
 */
import { computed } from "@preact/signals";
import type { PhotoChoice, PhotoWait } from "./contract.ts";
import { network, online, settings } from "./phone.ts";

/** A phone's Chromium tells it, WebKit does not. */
const connection = () =>
  (globalThis.navigator as (Navigator & { connection?: EventTarget & { type?: string } }) | undefined)
    ?.connection;

/** What photos wait for with this choice on a network of this kind (the Network Information API's `type`). */
export function waitOf(choice: PhotoChoice, kind: string | undefined): PhotoWait {
  if (choice === "always" || kind === "wifi" || kind === "ethernet") return "nothing";
  // "unknown" and "other" are what a browser says that doesn't know; "none" and all the rest are no Wi-Fi.
  return kind === undefined || kind === "unknown" || kind === "other" ? "a_touch" : "wifi";
}

export const photo_wait = computed(() => waitOf(settings.value.photos, network.value));

/** Follows line and network from now on. Call once, before anything that asks about them. */
export function watchNetwork(): void {
  network.value = connection()?.type;
  // It also tells of speed, many times over; a signal tells only of another network.
  connection()?.addEventListener("change", () => {
    network.value = connection()?.type;
  });
  window.addEventListener("online", () => {
    online.value = true;
  });
  window.addEventListener("offline", () => {
    online.value = false;
  });
}
