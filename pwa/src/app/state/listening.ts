/**
 * The open line of an account: its mailbox is held while the app is in the foreground.
 *
 * Law: one line at a time, none in the background, none once the account is closed.
 */
import type { Held } from "../sync/longpoll.ts";
import { Trouble } from "../sync/request.ts";
import type { Life } from "./life.ts";

export class OpenLine {
  #held: AbortController | null = null;

  constructor(
    readonly life: Life,
    readonly of: Held,
  ) {
    life.atEnd(() => this.hangUp());
  }

  hangUp(): void {
    this.#held?.abort();
    this.#held = null;
  }

  /** Opens the line unless it is open. */
  listen(): void {
    if (this.#held !== null || this.life.isOver) return;
    const controller = new AbortController();
    this.#held = controller;
    this.life.spawn(async () => {
      try {
        // It comes with the first round, which no first screen waits for.
        const { hold } = await import("../sync/longpoll.ts");
        await hold(this.of, controller.signal);
      } catch (error) {
        // The timer's round tells what is wrong with the line.
        if (!(error instanceof Trouble)) throw error;
      } finally {
        if (this.#held === controller) this.#held = null;
      }
    });
  }
}
