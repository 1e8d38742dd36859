/**
 * A cold start: may this browser be used, is an update to be taken up, who is here.
 *
 * Law: an update is taken up only here, before anything is shown, and only where no draft is open and no other tab
 * runs; stored data is untouched. The app opens without signal, always.
 */

import { inAppBrowser, missingFeatures, mustInstallFirst } from "../diagnosis/floor.ts";
import { onRing } from "../storage/bell.ts";
import { openPhone } from "../storage/phone.ts";
import { maybeAccount, tenancy, theAccount } from "./current.ts";
import { readSettings, readStorage } from "./device.ts";
import { remembered } from "./evicted.ts";
import { watchNetwork } from "./network.ts";
import { lockOf, useAccount, vacate } from "./opening.ts";
import { activeEntry, readAccounts } from "./people.ts";
import { accounts, all_lost, boot, now, update_waiting } from "./phone.ts";

/** Semáforos and "hace 3 minutos" turn this often. */
const TICK_MS = 15_000;
/** How long a cold start waits for the new worker before it opens with the old one. */
const UPDATE_PATIENCE_MS = 3_000;

export async function start(): Promise<void> {
  const missing = missingFeatures(globalThis);
  const app = inAppBrowser(navigator.userAgent);
  if (app !== null) {
    boot.value = { phase: "unusable", problem: "in_app", app };
    return;
  }
  if (missing.length > 0) {
    // A browser new enough for all else that hides its service worker or its storage is a private window.
    const hidden = missing.every(
      (name) => name === "serviceWorker" || name === "indexedDB" || name === "locks",
    );
    boot.value = { phase: "unusable", problem: hidden && isSecureContext ? "private" : "old_browser" };
    return;
  }
  try {
    tenancy.phone = await openPhone();
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    boot.value = { phase: "unusable", problem: "storage_refused" };
    return;
  }
  await readSettings();
  watchNetwork();
  onRing(({ what }) => {
    if (what === "accounts") void readAccounts();
  });
  setInterval(() => {
    now.value = new Date();
    maybeAccount()?.ledger.count(Date.now());
  }, TICK_MS);
  const entry = await activeEntry();
  if (entry) {
    await useAccount(entry, lockOf(entry));
    await takeUpdate();
  } else {
    boot.value = await withoutAccount();
    vacate();
  }
  await readAccounts();
  void register();
  void readStorage();
  if (accounts.value.length === 0 && remembered().length > 0) all_lost.value = true;
}

async function withoutAccount(): Promise<typeof boot.value> {
  if (mustInstallFirst(navigator as Navigator & { standalone?: boolean })) return { phase: "install_first" };
  const { tryStorage } = await import("../accounts/key.ts");
  const problem = await tryStorage();
  return problem === null ? { phase: "no_account" } : { phase: "unusable", problem };
}

async function register(): Promise<void> {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  const registration = await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  const look = (): void => {
    const waiting = registration.waiting !== null && navigator.serviceWorker.controller !== null;
    if (waiting !== update_waiting.value) update_waiting.value = waiting;
  };
  look();
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", look);
  });
}

const DRAFT_FRESH_MS = 60 * 60_000;

/** Takes up a waiting version by reloading once; resolves where there is nothing to take up. */
async function takeUpdate(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.getRegistration();
  const waiting = registration?.waiting;
  if (!waiting || !navigator.serviceWorker.controller || (await hasDraft())) return;
  if (await isOtherTabOpen()) return;
  await new Promise<void>((resolve) => {
    const patience = setTimeout(resolve, UPDATE_PATIENCE_MS);
    navigator.serviceWorker.addEventListener("controllerchange", () => {
      clearTimeout(patience);
      location.reload();
    });
    waiting.postMessage("take-over");
  });
}

/** Something being written just now; what was left unfinished long ago must not hold up every new version. */
async function hasDraft(): Promise<boolean> {
  const drafts = await theAccount().db.getAll("drafts");
  return drafts.some(({ updated_at }) => Date.now() - Date.parse(updated_at) < DRAFT_FRESH_MS);
}

/** Every open tab holds a shared lock for its life; a second holder is another tab. */
async function isOtherTabOpen(): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.filter((lock) => lock.name === TAB).length > 1;
}

const TAB = "manzana:tab";
if (typeof navigator === "object" && "locks" in navigator) {
  void navigator.locks.request(TAB, { mode: "shared" }, () => new Promise(() => undefined));
}
