/**
 * The open line: a longpoll on one's mailbox while the app is in the foreground.
 *
 * Law: it only brings news sooner; whatever it misses, the next round brings. One line at a time, none in the
 * background.
 */

import { ring } from "../storage/bell.ts";
import { settle } from "../sync/acknowledge.ts";
import { wait } from "../sync/pull.ts";
import { browserLine, Trouble } from "../sync/request.ts";
import { maybeAccount } from "./current.ts";

/** An empty answer sooner than this is no longpoll. */
const TOO_SOON_MS = 5_000;

let line: AbortController | null = null;

export function stopListening(): void {
  line?.abort();
  line = null;
}

/** Opens the line unless it is open. `moved` is called where an acknowledgement frees work for the next round. */
export function listen(moved: () => void): void {
  const open = maybeAccount();
  if (line !== null || !open) return;
  const controller = new AbortController();
  line = controller;
  const account = open.entry.account;
  void (async () => {
    try {
      while (!controller.signal.aborted) {
        const began = Date.now();
        const { changed } = await wait(open.db, browserLine, "mailbox", controller.signal);
        if (changed === null || changed.length > 0) {
          // What is on the phone is shown, also where the line was hung up meanwhile.
          ring({ account, what: "mailbox", ids: changed });
          if (controller.signal.aborted) return;
          if (await settle(open.db, new Date().toISOString())) {
            ring({ account, what: "outbox" });
            moved();
          }
        } else if (Date.now() - began < TOO_SOON_MS) {
          // A server that does not hold the line would be asked without end: the timer's rounds do.
          return;
        }
      }
    } catch (error) {
      // The timer's round tells what is wrong with the line; a closed store means another account is in use.
      if (!(error instanceof Trouble) && !(error instanceof DOMException)) throw error;
    } finally {
      if (line === controller) line = null;
    }
  })();
}
