/** New emergencies: which they are, when they are heard, what the badge counts. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const ring = vi.hoisted(() => vi.fn());
vi.mock("../../../src/app/alert/ring.ts", () => ({ ring }));

import { isNews, watchUrgent } from "../../../src/app/alert/alert.ts";
import type { AccountCard, ReportRow } from "../../../src/app/state/contract.ts";
import * as signals from "../../../src/app/state/signals.ts";
import { rowOfReport } from "../../../src/app/storage/rows.ts";

const row = (id: string, more: Partial<ReportRow> = {}): ReportRow => ({
  ...rowOfReport(id, {
    _id: `report:${id}`,
    folio: null,
    provisional_folio: "0",
    version: 1,
    events: [],
    status: "captured",
    type: "fire",
  }),
  priority: 1,
  changed: true,
  unseen: true,
  mine: false,
  pending: 0,
  ...more,
});

const badge = vi.fn(async () => undefined);
const clear = vi.fn(async () => undefined);
let stop: () => void;

beforeEach(() => {
  vi.stubGlobal("navigator", { setAppBadge: badge, clearAppBadge: clear });
  signals.account.value = { account: "rocio" } as AccountCard;
  signals.loaded.value = true;
  signals.rows.value = [];
  stop = watchUrgent();
});
afterEach(() => {
  stop();
  signals.rows.value = [];
  signals.loaded.value = false;
  signals.account.value = null;
  signals.settings.value = { ...signals.settings.value, sound: true };
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

test("news is an open emergency of somebody else's that nobody here has opened", () => {
  expect(isNews(row("a"))).toBe(true);
  for (const no of [
    { unseen: false },
    { priority: 2 as const },
    { mine: true },
    { status: "finished" as const },
    { view: "card" as const },
  ])
    expect(isNews(row("a", no))).toBe(false);
});

test("each that comes is heard once, and the badge counts those not opened", () => {
  signals.rows.value = [row("a")];
  expect([ring.mock.calls.length, badge.mock.lastCall]).toEqual([1, [1]]);
  // The same one changed: no second alarm.
  signals.rows.value = [row("a", { version: 2 })];
  expect(ring).toHaveBeenCalledTimes(1);
  signals.rows.value = [row("b"), row("a")];
  expect([ring.mock.calls.length, badge.mock.lastCall]).toEqual([2, [2]]);
  clear.mockClear();
  signals.rows.value = [row("b", { unseen: false }), row("a", { unseen: false })];
  expect([ring.mock.calls.length, clear.mock.calls.length]).toEqual([2, 1]);
});

test("turned off, it is counted in silence", () => {
  signals.settings.value = { ...signals.settings.value, sound: false };
  signals.rows.value = [row("a")];
  expect(ring).not.toHaveBeenCalled();
  expect(badge).toHaveBeenLastCalledWith(1);
});
