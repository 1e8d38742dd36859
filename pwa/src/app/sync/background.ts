/**
 * Draining the outbox without a page: what the service worker runs when the system grants it a moment.
 *
 * Law: the same round as in the foreground, under the same lock. Where something is left, it fails, so that the
 * system calls again.
 */
import { openStore } from "../storage/account.ts";
import { openPhone, readValue } from "../storage/phone.ts";
import { handOverAll } from "./handover.ts";
import { browserLine } from "./request.ts";
import { type OpenStore, runRound } from "./round.ts";

/** Browsers grant some minutes; a photo begun after this would likely be cut. */
const MOMENT_MS = 90_000;

export async function drain(): Promise<void> {
  const phone = await openPhone();
  const opened: OpenStore[] = [];
  try {
    const entries = await phone.getAll("accounts");
    const wanted = await readValue(phone, "active");
    for (const { account } of entries) opened.push({ account, db: await openStore(account) });
    const able = opened.filter((_, i) => entries[i]?.needs_enrol === false);
    const active = able.find(({ account }) => account === wanted) ?? able[0];
    const began = Date.now();
    const settings = await readValue(phone, "settings");
    if (!active) {
      const photos = settings?.photos !== "wifi";
      await handOverAll(opened, browserLine, Date.now, photos);
      return;
    }
    await runRound({
      phone,
      active,
      others: opened.filter((account) => account !== active),
      line: browserLine,
      self: {
        version: __VERSION__,
        now: Date.now,
        storage: async () => {
          const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
          return { used: usage, quota };
        },
      },
      // Without a page nobody knows which network this is: the person's "sólo Wi-Fi" holds.
      photos: settings?.photos !== "wifi",
      release: true,
      isOver: () => Date.now() - began > MOMENT_MS,
    });
  } finally {
    for (const { db } of opened) db.close();
    phone.close();
  }
}
