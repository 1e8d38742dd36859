/**
 * How long an account is open in memory, and all that ends with it: timers, listeners, requests, work nobody waits for.
 *
 * Law: it ends once, and with it whatever was begun under it; what is asked of it afterwards is not begun. What fails
 * because it has ended is no failure.
 */
import { Trouble } from "../sync/request.ts";

const nothing = (): void => undefined;

export class Life {
  readonly #controller = new AbortController();
  readonly #ends = new Set<() => void>();

  /** Aborted at the end: requests hang on it. */
  get ended(): AbortSignal {
    return this.#controller.signal;
  }

  get isOver(): boolean {
    return this.ended.aborted;
  }

  /** Calls at the end, at once where it is over. Returns how to forget it. */
  atEnd(call: () => void): () => void {
    if (this.isOver) {
      call();
      return nothing;
    }
    this.#ends.add(call);
    return () => void this.#ends.delete(call);
  }

  /** Calls after `ms` milliseconds, unless it ends before. Returns how to cancel. */
  after(ms: number, call: () => void): () => void {
    if (this.isOver) return nothing;
    const id = setTimeout(() => {
      forget();
      call();
    }, ms);
    const forget = this.atEnd(() => clearTimeout(id));
    return () => {
      clearTimeout(id);
      forget();
    };
  }

  /** Hears an event of `target` (where there is one) until the end. */
  hear(target: EventTarget | null | undefined, type: string, call: () => void): void {
    if (!this.isOver) target?.addEventListener(type, call, { signal: this.ended });
  }

  /** Begins work that nobody waits for. */
  spawn(work: () => Promise<unknown>): void {
    if (!this.isOver) void work().catch((error: unknown) => this.excuse(error));
  }

  /** Throws what is a failure: not a store that was closed, nor a request that was cut, by the end. */
  excuse(error: unknown): void {
    if (!this.isOver || !(error instanceof DOMException || error instanceof Trouble)) throw error;
  }

  end(): void {
    if (this.isOver) return;
    this.#controller.abort();
    for (const call of this.#ends) call();
    this.#ends.clear();
  }
}
