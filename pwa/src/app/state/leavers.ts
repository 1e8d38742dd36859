/**
 * With nobody signed in: what those who left still hold is handed over all the same.
 *
 * Law: a round is planned only while something is held; it ends when somebody opens an account, whose rounds deliver
 * everybody's work.
 */
import type { ReadonlySignal } from "@preact/signals";
import { holdsWork } from "../storage/holding.ts";
import type { PhoneStore } from "../storage/phone.ts";
import type { Line } from "../sync/request.ts";
import type { PhotoWait } from "./contract.ts";
import { withStores } from "./household.ts";
import { Life } from "./life.ts";
import { type Outcome, Schedule } from "./schedule.ts";
import { hearWorld } from "./world.ts";

export interface LeaversAround {
  phone: PhoneStore;
  line: Line;
  network: ReadonlySignal<string | undefined>;
  photoWait: ReadonlySignal<PhotoWait>;
}

export class Leavers {
  readonly #life = new Life();
  readonly #schedule: Schedule;

  constructor(readonly around: LeaversAround) {
    this.#schedule = new Schedule({ life: this.#life, round: () => this.#round() });
    hearWorld(this.#life, around.network, {
      back: () => {
        this.#schedule.forgive();
        this.kick();
      },
      kick: () => this.kick(),
      quiet: () => undefined,
      left: () => undefined,
    });
  }

  kick(): void {
    this.#schedule.kick();
  }

  end(): void {
    this.#life.end();
  }

  async #round(): Promise<Outcome> {
    const { phone, line, photoWait } = this.around;
    const { handOverAll } = await import("../sync/handover.ts");
    let left = false;
    await withStores(phone, async (stores) => {
      for (const { db } of stores) left = (await holdsWork(db)) || left;
      if (left && !this.#life.isOver)
        await handOverAll(stores, line, Date.now, photoWait.peek() === "nothing");
    });
    return left ? "done" : "rest";
  }
}
