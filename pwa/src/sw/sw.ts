/**
 * The service worker: keeps the app on the phone and drains the outbox in the background.
 *
 * Law: it routes by named strategies and calls the one sync module; nothing else lives here. It never touches
 * an account's store on an update, and takes over only when the page asks (at a cold start without an open draft).
 */
/// <reference lib="webworker" />
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";
import { drain } from "../app/sync/background.ts";

declare const self: ServiceWorkerGlobalScope & {
  __WB_MANIFEST: { url: string; revision: string | null }[];
};

interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

precacheAndRoute(self.__WB_MANIFEST, {
  // "/" carries nothing in its query that the app does not read itself.
  ignoreURLParametersMatching: [/.*/],
});
cleanupOutdatedCaches();

/** Pages of the server itself, which need signal. */
const SERVER_PAGES = [
  /^\/folio(\/|$)/,
  /^\/chat(\/|$)/,
  /^\/reportar(\/|$)/,
  /^\/documentos\//,
  /^\/sorteos\//,
  /^\/autoridad\.crt$/,
  /^\/gestion(\/|$)/,
  /^\/api\//,
  /^\/sync\//,
  /^\/couch\//,
  /^\/healthz$/,
  /^\/metrics$/,
];
registerRoute(new NavigationRoute(createHandlerBoundToURL("/"), { denylist: SERVER_PAGES }));

self.addEventListener("message", (event) => {
  if (event.data === "take-over") event.waitUntil(self.skipWaiting());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), forgetOldPictures()]));
});

/**
 * Earlier versions kept the municipality's pictures where any page of this origin could fetch them. The cache goes; so
 * does what the browser's own cache holds, by asking again as nobody: the refusal takes the picture's place.
 */
async function forgetOldPictures(): Promise<void> {
  for (const name of await caches.keys()) {
    if (!name.startsWith("manzana-photos")) continue;
    const held = await (await caches.open(name)).keys();
    await caches.delete(name);
    for (const { url } of held) {
      try {
        await fetch(url, { cache: "reload", credentials: "omit" });
      } catch (error) {
        // Without signal: it lives there for a day at most, by the header it came with.
        if (error instanceof TypeError) return;
        throw error;
      }
    }
  }
}

/** Background Sync (Chromium only): the system calls when signal is back, even with the app closed. */
self.addEventListener("sync", (event) => {
  const sync = event as SyncEvent;
  if (sync.tag === "outbox") sync.waitUntil(drain());
});
