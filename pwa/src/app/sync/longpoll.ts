/**
 * Holding a line on one's mailbox: what is new comes at once, for as long as somebody looks.
 *
 * Law: it only brings news sooner; whatever it misses, the next round brings. A server that does not hold the line is
 * not asked without end.
 */
import type { AccountStore } from "../storage/account.ts";
import { ring } from "../storage/bell.ts";
import { settle } from "./acknowledge.ts";
import { wait } from "./pull.ts";
import type { Line } from "./request.ts";

/** An empty answer sooner than this is no longpoll. */
const TOO_SOON_MS = 5_000;

export interface Held {
  account: string;
  db: AccountStore;
  line: Line;
  /** An acknowledgement freed work for the next round. */
  moved(): void;
  /** Milliseconds of this phone's clock. */
  now?: () => number;
}

/** Until `signal` aborts, or the server does not hold. Throws Trouble where the line broke. */
export async function hold(
  { account, db, line, moved, now = Date.now }: Held,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const began = now();
    const { changed } = await wait(db, line, "mailbox", signal);
    if (changed === null || changed.length > 0) {
      // What is on the phone is shown, also where the line was hung up meanwhile.
      ring({ account, what: "mailbox", ids: changed });
      if (signal.aborted) return;
      if (await settle(db, new Date(now()).toISOString())) {
        ring({ account, what: "outbox" });
        moved();
      }
    } else if (now() - began < TOO_SOON_MS) {
      return; // The timer's rounds ask.
    }
  }
}
