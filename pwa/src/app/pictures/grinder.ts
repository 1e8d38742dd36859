/**
 * Makes an account's waiting photos small, in the background.
 *
 * Law: one at a time; whoever needs one waits for it, and for no longer than the work goes on.
 */
import { grind, type Mill } from "../saving/photos.ts";
import type { AccountStore } from "../storage/account.ts";

export class Grinder {
  #grinding: Promise<void> | null = null;
  #again = false;

  constructor(
    readonly db: AccountStore,
    readonly mill: Mill,
    readonly now: () => string,
    /** Some are ready. */
    readonly ready: () => void,
  ) {}

  start(): void {
    if (this.#grinding) {
      this.#again = true;
      return;
    }
    this.#grinding = grind(this.db, this.mill, this.now)
      .then((made) => {
        if (made > 0) this.ready();
      })
      .catch((error: unknown) => {
        // The store was closed under it by a switch of accounts: the next opening goes on.
        if (!(error instanceof DOMException)) throw error;
        this.#again = false;
      })
      .finally(() => {
        this.#grinding = null;
        if (!this.#again) return;
        this.#again = false;
        this.start();
      });
  }

  /** Resolves when no photo waits any more. */
  async finish(): Promise<void> {
    this.start();
    while (this.#grinding) await this.#grinding;
  }

  /** Resolves when the photo has been made, or found broken, or the work has stopped. */
  async made(id: string): Promise<void> {
    while (this.#grinding) {
      await Promise.race([this.#grinding, new Promise((resolve) => setTimeout(resolve, 100))]);
      if ((await this.db.get("photos", id))?.state !== "saved") return;
    }
  }
}
