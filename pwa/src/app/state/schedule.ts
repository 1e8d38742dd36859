/**
 * When a round runs: asked for, after a failure, or by the clock.
 *
 * Law: one at a time; who asks while one runs gets another after it. A failure changes when the next one runs, and
 * nothing else. Nothing runs once the life it belongs to has ended.
 */
import { Trouble } from "../sync/request.ts";
import { nextDelay } from "../sync/schedule.ts";
import type { Life } from "./life.ts";

/** `busy`: another tab is at it; `rest`: there is nothing to come back for. */
export type Outcome = "done" | "busy" | "rest";

export interface Planned {
  /** Milliseconds. */
  delay: number;
  failures: number;
}

export interface ScheduleAround {
  life: Life;
  round(): Promise<Outcome>;
  /** A round failed by the line or the server. */
  failed?(trouble: Trouble): Promise<void>;
  /** A round is over, however it ended. */
  over?(): void;
  planned?(next: Planned): void;
  random?: () => number;
}

/** Another tab's round may not see what was just saved here. */
const OTHER_TAB_MS = 2_500;

export class Schedule {
  #running = false;
  #again = false;
  #failures = 0;
  #cancel = (): void => undefined;

  constructor(readonly around: ScheduleAround) {}

  /** Asks for a round now. */
  kick(): void {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#cancel();
    this.around.life.spawn(() => this.#run());
  }

  /** What failed before says nothing about now. */
  forgive(): void {
    this.#failures = 0;
  }

  async #run(): Promise<void> {
    const { life, round, failed, over } = this.around;
    this.#running = true;
    this.#again = false;
    let asked: number | null = null;
    let outcome: Outcome = "done";
    try {
      outcome = await round();
      if (outcome === "busy") this.#again = true;
      this.#failures = 0;
    } catch (error) {
      if (life.isOver || !(error instanceof Trouble)) throw error;
      this.#failures += 1;
      asked = error.retryAfter;
      await failed?.(error);
    } finally {
      this.#running = false;
      over?.();
      if (outcome !== "rest" || this.#again) this.#plan(asked);
    }
  }

  #plan(asked: number | null): void {
    const { life, planned, random = Math.random } = this.around;
    if (life.isOver) return;
    const delay = this.#again ? OTHER_TAB_MS * random() : nextDelay(this.#failures, asked, random());
    this.#cancel();
    this.#cancel = life.after(delay, () => this.kick());
    planned?.({ delay, failures: this.#failures });
  }
}
