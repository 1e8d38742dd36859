/**
 * The page that pulls: once with the app's own modules, once with PouchDB, from the same server.
 *
 * Law: both begin with nothing, end with every document in IndexedDB, and are timed from the first request to the
 * last completed transaction. Requests and bytes are the browser's own count.
 */
import PouchDB from "pouchdb/dist/pouchdb.js";
import { enrol } from "../../../pwa/src/app/accounts/enrol.ts";
import { openStore } from "../../../pwa/src/app/storage/account.ts";
import { openPhone } from "../../../pwa/src/app/storage/phone.ts";
import { checkin } from "../../../pwa/src/app/sync/checkin.ts";
import { pull } from "../../../pwa/src/app/sync/pull.ts";
import { ask, browserLine } from "../../../pwa/src/app/sync/request.ts";

export interface Figure {
  ms: number;
  documents: number;
  requests: number;
  bytes: number;
}

performance.setResourceTimingBufferSize(10_000);

async function measured(work: () => Promise<number>): Promise<Figure> {
  performance.clearResourceTimings();
  const began = performance.now();
  const documents = await work();
  const ms = performance.now() - began;
  // Entries arrive after their requests.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const entries = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  return { ms, documents, requests: entries.length, bytes: entries.reduce((sum, one) => sum + one.transferSize, 0) };
}

async function enrolled(account: string) {
  const { code } = await ask<{ code: string }>(browserLine, "/api/demo/code", { body: { account } });
  const phone = await openPhone();
  await enrol(phone, browserLine, { code }, "0.1.0", Date.now());
  return openStore(account);
}

const bench = {
  async app(account: string): Promise<Figure> {
    const db = await enrolled(account);
    return measured(async () => {
      await pull(db, browserLine, "mailbox");
      return db.count("mailbox-a");
    });
  },

  async idle(account: string): Promise<Figure> {
    const db = await enrolled(account);
    await pull(db, browserLine, "mailbox");
    await pull(db, browserLine, "reference");
    const phone = { version: "0.1.0", now: Date.now, storage: async () => ({ used: 1, quota: 2 }) };
    await checkin(db, browserLine, phone);
    return measured(async () => {
      await checkin(db, browserLine, phone);
      return 0;
    });
  },

  async pouchdb(database: string, batch: number | null): Promise<Figure> {
    const local = new PouchDB("pulled", { adapter: "idb" });
    const remote = new PouchDB(`${location.origin}/couch/${encodeURIComponent(database)}`, { skip_setup: true });
    return measured(async () => {
      await local.replicate.from(remote, batch === null ? {} : { batch_size: batch });
      return (await local.info()).doc_count as number;
    });
  },
};

declare global {
  interface Window {
    bench: typeof bench;
  }
}
window.bench = bench;
