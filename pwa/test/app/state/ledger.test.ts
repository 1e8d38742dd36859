/** When an urgent capture is said to have reached nobody. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { count, forgetOutbox, readOutbox, URGENT_MS } from "../../../src/app/state/ledger.ts";
import { counts, idleSync, sync, tellSync } from "../../../src/app/state/signals.ts";
import type { AccountStore } from "../../../src/app/storage/account.ts";

const NOON = Date.parse("2026-11-22T18:00:00.000Z");
const urgent = {
  uuid: "0192f3a0-0002-7000-8000-000000000001",
  subject: "0192f3a0-0001-7000-8000-000000000001",
  kind: "captured",
  urgent: true,
  custody: "saved",
  saved_at: new Date(NOON).toISOString(),
  photos: [],
};
const store = (record: object) =>
  ({ getAll: async (name: string) => (name === "outbox" ? [record] : []) }) as unknown as AccountStore;
const unheard = () => counts.value.urgent_unreceived.length;

beforeEach(() => {
  vi.useFakeTimers({ now: NOON });
  sync.value = { ...idleSync, online: true };
});
afterEach(() => {
  forgetOutbox();
  vi.useRealTimers();
});

test("without signal, from the first moment", async () => {
  tellSync({ online: false });
  await readOutbox(store(urgent));
  expect(unheard()).toBe(1);
});

test("with a line that works, only after what a line needs", async () => {
  await readOutbox(store(urgent));
  expect(unheard()).toBe(0);
  vi.advanceTimersByTime(URGENT_MS - 1);
  expect(unheard()).toBe(0);
  vi.advanceTimersByTime(1);
  expect(unheard()).toBe(1);
});

test("the moment the line breaks, or the municipality does not answer", async () => {
  await readOutbox(store(urgent));
  tellSync({ trouble: "timeout" });
  expect(unheard()).toBe(1);
  tellSync({ trouble: null });
  expect(unheard()).toBe(0);
});

test("not what is received, nor what is not urgent", async () => {
  tellSync({ online: false });
  await readOutbox(store({ ...urgent, custody: "received" }));
  expect(unheard()).toBe(0);
  await readOutbox(store({ ...urgent, urgent: false }));
  count(NOON + 600_000);
  expect(unheard()).toBe(0);
});
