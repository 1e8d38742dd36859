/**
 * When an account talks to the municipality: at start, when signal returns, after each save, on a timer, and with an
 * open line while someone looks.
 *
 * Law: one round at a time; a failure changes when the next one runs, never what is kept. Screens never wait for any
 * of this, and none of it outlives the account's being open.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import { isOlder } from "../../shared/version.ts";
import { seal } from "../sealer/sealer.ts";
import { type AccountStore, readMeta } from "../storage/account.ts";
import { onRing, ring } from "../storage/bell.ts";
import { changeEntry, type PhoneStore } from "../storage/phone.ts";
import { type Line, Trouble } from "../sync/request.ts";
import type { RoundResult } from "../sync/round.ts";
import type { PhotoWait, Storage, SyncStatus } from "./contract.ts";
import { withEveryAccount } from "./household.ts";
import type { Life } from "./life.ts";
import { OpenLine } from "./listening.ts";
import { obey } from "./orders.ts";
import { type Outcome, type Planned, Schedule } from "./schedule.ts";
import { Wake } from "./wake.ts";
import { hearWorld, isLookedAt } from "./world.ts";

/** All of it but what is the phone's own. */
export type AccountSync = Omit<SyncStatus, "online">;

export const idle: AccountSync = {
  phase: "idle",
  progress: null,
  last_success_at: null,
  trouble: null,
  next_try_at: null,
  first_pull: false,
  store_was_lost: false,
  limited: false,
  too_old: false,
};

export interface SyncingAround {
  account: string;
  db: AccountStore;
  phone: PhoneStore;
  life: Life;
  line: Line;
  online: ReadonlySignal<boolean>;
  network: ReadonlySignal<string | undefined>;
  photoWait: ReadonlySignal<PhotoWait>;
  storage: ReadonlySignal<Storage>;
  /** A round has come through. */
  succeeded(): void;
  /** The municipality has taken the account off this phone. */
  leave(): Promise<void>;
}

export class Syncing {
  readonly status = signal<AccountSync>(idle);
  readonly #schedule: Schedule;
  readonly #line: OpenLine;
  readonly #wake: Wake;
  /** "Enviar ahora" sends photos whatever the network. */
  #wished = false;
  #cancelSeal = (): void => undefined;

  constructor(readonly around: SyncingAround) {
    const { account, db, life, line } = around;
    this.#schedule = new Schedule({
      life,
      round: () => this.#round(),
      failed: (trouble) => this.#failed(trouble),
      over: () => {
        this.tell({ phase: "idle", progress: null });
        this.#wake.keep(false);
      },
      planned: (next) => this.#planned(next),
    });
    this.#line = new OpenLine(life, { account, db, line, moved: () => this.kick() });
    this.#wake = new Wake(life);
  }

  tell(change: Partial<AccountSync>): void {
    this.status.value = { ...this.status.value, ...change };
  }

  /** From now on hears the world, beginning with a round. */
  begin(): void {
    const { life, network } = this.around;
    hearWorld(life, network, {
      back: () => {
        this.#schedule.forgive();
        this.kick();
      },
      kick: () => this.kick(),
      quiet: () => this.#line.hangUp(),
      // Whoever leaves the app has no second thought: it goes as it is.
      left: () => this.#sealSoon(true),
    });
    // A photo that has just been made may be what a seal was waiting for.
    life.atEnd(
      onRing(({ what }) => {
        if (what === "outbox") this.#sealSoon();
      }),
    );
    this.kick();
  }

  /** Asks for a round now. */
  kick(): void {
    this.#schedule.kick();
  }

  /** "Enviar ahora". */
  syncNow(): void {
    this.#wished = true;
    this.#schedule.forgive();
    this.kick();
  }

  /** After each save: seal what may be, send, and ask the system to finish it should the app be closed. */
  afterSave(): void {
    this.#sealSoon();
    this.kick();
  }

  #sealSoon(release = false): void {
    this.around.life.spawn(() => this.#seal(release));
  }

  async #seal(release: boolean): Promise<void> {
    const { account, db, life } = this.around;
    const { sealed, wait, held } = await seal(db, Date.now, release);
    if (sealed > 0) {
      ring({ account, what: "outbox" });
      this.kick();
    }
    if (sealed > 0 || (wait !== null && !held)) askBackgroundSync();
    if (wait !== null) {
      this.#cancelSeal();
      this.#cancelSeal = life.after(wait, () => this.#sealSoon());
    }
  }

  async #round(): Promise<Outcome> {
    const { account, db, phone, life, line, online, photoWait, storage } = this.around;
    // Only a round that could fulfil it uses the wish up: not one begun before it, nor another tab's.
    const fulfils = this.#wished;
    if (!online.peek()) throw new Trouble("offline", "No hay señal.");
    const { runRound } = await import("../sync/round.ts");
    const result = await withEveryAccount(phone, { account, db }, (bearer, others) => {
      if (!bearer) throw new Trouble("needs_enrol", "Pida un código nuevo.");
      const { used, quota } = storage.peek();
      return runRound({
        phone,
        active: bearer,
        others,
        line,
        self: { version: __VERSION__, now: Date.now, storage: async () => ({ used, quota }) },
        photos: fulfils || photoWait.peek() === "nothing",
        isOver: () => life.isOver,
        report: (phase, progress) => {
          this.tell({ phase, progress });
          this.#wake.keep(phase === "photos");
        },
      });
    });
    if (result === null) return "busy";
    await this.#succeeded(result);
    if (fulfils) this.#wished = false;
    return "done";
  }

  async #succeeded(result: RoundResult): Promise<void> {
    const { account, db, phone, leave, succeeded } = this.around;
    if (result.account !== account) return;
    const floor = (await readMeta(db, "app_floor")) ?? null;
    this.tell({
      trouble: null,
      last_success_at: new Date().toISOString(),
      first_pull: false,
      store_was_lost: false,
      limited: (await readMeta(db, "session"))?.limited === true,
      too_old: floor !== null && isOlder(__VERSION__, floor),
    });
    await obey({ account, db, phone, leave }, result.answer?.orders ?? []);
    succeeded();
  }

  async #failed({ code }: Trouble): Promise<void> {
    const { account, phone } = this.around;
    this.tell({ trouble: code });
    if (code !== "needs_enrol") return;
    await changeEntry(phone, account, (entry) => ({ ...entry, needs_enrol: true }));
    ring({ account, what: "accounts" });
  }

  #planned({ delay, failures }: Planned): void {
    this.tell({ next_try_at: failures > 0 ? new Date(Date.now() + delay).toISOString() : null });
    if (failures === 0 && isLookedAt() && !this.status.peek().limited) this.#line.listen();
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
