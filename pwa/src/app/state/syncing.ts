/**
 * When the phone talks to the municipality: at start, when signal returns, after each save, on a timer, and with an
 * open line while someone looks.
 *
 * Law: one round at a time; a failure changes when the next one runs, never what is kept. Screens never wait for any
 * of this.
 */
import { seal } from "../sealer/sealer.ts";
import { readMeta } from "../storage/account.ts";
import { onRing, ring } from "../storage/bell.ts";
import { holdsWork } from "../storage/holding.ts";
import { changeEntry } from "../storage/phone.ts";
import { isOlder } from "../sync/checkin.ts";
import { browserLine, Trouble } from "../sync/request.ts";
import type { RoundResult } from "../sync/round.ts";
import { nextDelay } from "../sync/schedule.ts";
import { maybeAccount, thePhone } from "./current.ts";
import { withEveryAccount, withStores } from "./household.ts";
import { forgiveFailures } from "./ledger.ts";
import { listen, stopListening } from "./listening.ts";
import { photo_wait, watchNetwork } from "./network.ts";
import { obey } from "./orders.ts";
import { tendPictures } from "./photos.ts";
import { storage, sync, tellSync } from "./signals.ts";
import { keepAwake } from "./wake.ts";

let running = false;
let again = false;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | null = null;
let sealTimer: ReturnType<typeof setTimeout> | null = null;
/** "Enviar ahora" sends photos whatever the network. */
let wished = false;

/** Another tab is at it; its round may not see what was just saved here. */
const OTHER_TAB_MS = 2_500;

/** Asks for a round now. */
export function kick(): void {
  if (running) {
    again = true;
    return;
  }
  if (timer !== null) clearTimeout(timer);
  timer = null;
  void run();
}

export function syncNow(): void {
  wished = true;
  failures = 0;
  const open = maybeAccount();
  if (!open) return;
  void forgiveFailures(open.db).then(kick);
}

/** After each save: seal what may be, send, and ask the system to finish it should the app be closed. */
export function afterSave(): void {
  void sealNow();
  kick();
}

async function sealNow(release = false): Promise<void> {
  const open = maybeAccount();
  if (!open) return;
  const { sealed, wait, held } = await seal(open.db, Date.now, release);
  if (sealed > 0) {
    ring({ account: open.entry.account, what: "outbox" });
    kick();
  }
  if (sealed > 0 || (wait !== null && !held)) askBackgroundSync();
  if (wait !== null) {
    if (sealTimer !== null) clearTimeout(sealTimer);
    sealTimer = setTimeout(() => void sealNow(), wait);
  }
}

function askBackgroundSync(): void {
  if (!("serviceWorker" in navigator)) return;
  void navigator.serviceWorker.ready.then(async (registration) => {
    const { sync: background } = registration as ServiceWorkerRegistration & {
      sync?: { register(tag: string): Promise<void> };
    };
    try {
      await background?.register("outbox");
    } catch (error) {
      // Refused by the person's settings: the foreground still sends.
      if (!(error instanceof DOMException)) throw error;
    }
  });
}

async function run(): Promise<void> {
  const open = maybeAccount();
  if (!open) return leavers();
  running = true;
  again = false;
  // Only a round that could fulfil it uses the wish up: not one begun before it, nor another tab's.
  const fulfils = wished;
  let asked: number | null = null;
  try {
    if (!sync.value.online) throw new Trouble("offline", "No hay señal.");
    const { runRound } = await import("../sync/round.ts");
    const result = await withEveryAccount(open, (bearer, others) => {
      if (!bearer) throw new Trouble("needs_enrol", "Pida un código nuevo.");
      return runRound({
        phone: thePhone(),
        active: bearer,
        others,
        line: browserLine,
        self: { version: __VERSION__, now: Date.now, storage: async () => storageOf() },
        photos: fulfils || photo_wait.peek() === "nothing",
        isOver: () => maybeAccount() !== open,
        report: (phase, progress) => {
          tellSync({ phase, progress });
          keepAwake(phase === "photos");
        },
      });
    });
    if (result === null) again = true;
    else {
      await succeeded(result);
      if (fulfils) wished = false;
    }
    failures = 0;
  } catch (error) {
    if (!(error instanceof Trouble)) {
      if (!(error instanceof DOMException) || maybeAccount() === open) throw error;
      return;
    }
    failures += 1;
    asked = error.retryAfter;
    tellSync({ trouble: error.code });
    if (error.code === "needs_enrol") {
      await changeEntry(thePhone(), open.entry.account, (entry) => ({ ...entry, needs_enrol: true }));
      ring({ account: open.entry.account, what: "accounts" });
    }
  } finally {
    running = false;
    tellSync({ phase: "idle", progress: null });
    keepAwake(false);
    plan(asked);
  }
}

/** Nobody is signed in: what those who left still hold is handed over all the same. */
async function leavers(): Promise<void> {
  running = true;
  again = false;
  let asked: number | null = null;
  let left = false;
  try {
    const { handOverAll } = await import("../sync/handover.ts");
    await withStores(async (stores) => {
      for (const { db } of stores) left = (await holdsWork(db)) || left;
      if (left) await handOverAll(stores, browserLine, Date.now, photo_wait.peek() === "nothing");
    });
    failures = 0;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    failures += 1;
    asked = error.retryAfter;
  } finally {
    running = false;
    if (left || again) plan(asked);
  }
}

const storageOf = (): { used: number; quota: number } => ({
  used: storage.value.used,
  quota: storage.value.quota,
});

async function succeeded(result: RoundResult): Promise<void> {
  const open = maybeAccount();
  if (!open || result.account !== open.entry.account) return;
  const floor = (await readMeta(open.db, "app_floor")) ?? null;
  tellSync({
    trouble: null,
    last_success_at: new Date().toISOString(),
    first_pull: false,
    store_was_lost: false,
    limited: (await readMeta(open.db, "session"))?.limited === true,
    too_old: floor !== null && isOlder(__VERSION__, floor),
  });
  await obey(open, result.answer?.orders ?? []);
  tendPictures();
}

function plan(asked: number | null): void {
  const visible = document.visibilityState === "visible";
  const delay = again ? OTHER_TAB_MS * Math.random() : nextDelay(failures, asked, Math.random());
  tellSync({ next_try_at: failures > 0 ? new Date(Date.now() + delay).toISOString() : null });
  if (timer !== null) clearTimeout(timer);
  timer = setTimeout(kick, delay);
  if (failures === 0 && visible && maybeAccount() && !sync.value.limited) listen(kick);
}

/** Begins to react to the world. Call once. */
export function startSyncing(): void {
  window.addEventListener("online", () => {
    tellSync({ online: true });
    failures = 0;
    kick();
  });
  window.addEventListener("offline", () => {
    tellSync({ online: false });
    stopListening();
  });
  watchNetwork(kick);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") kick();
    else {
      stopListening();
      // Whoever leaves the app has no second thought: it goes as it is.
      void sealNow(true);
    }
  });
  // A photo that has just been made may be what a seal was waiting for.
  onRing(({ what }) => {
    if (what === "outbox") void sealNow();
  });
}

/** The account in use is another: what was planned for the one before is void. */
export function resetSyncing(): void {
  failures = 0;
  stopListening();
  kick();
}
