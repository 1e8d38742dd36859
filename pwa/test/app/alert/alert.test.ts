/** New emergencies: which they are, when they are heard, what the badge counts. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const ring = vi.hoisted(() => vi.fn());
vi.mock("../../../src/app/alert/ring.ts", () => ({ ring }));

import { isNews, watchUrgent } from "../../../src/app/alert/alert.ts";
import type { Account } from "../../../src/app/state/account.ts";
import type { ReportRow } from "../../../src/app/state/contract.ts";
import { settings } from "../../../src/app/state/phone.ts";
import { rowOfReport } from "../../../src/app/storage/rows.ts";
import { enter, freshPhone, opened } from "../../opened.ts";

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
let account: Account;

freshPhone();
beforeEach(async () => {
  account = await enter(await opened("rocio"));
  vi.stubGlobal("navigator", { setAppBadge: badge, clearAppBadge: clear });
  account.listing.loaded.value = true;
  account.listing.rows.value = [];
  stop = watchUrgent();
});
afterEach(() => {
  stop();
  settings.value = { ...settings.value, sound: true };
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
  account.listing.rows.value = [row("a")];
  expect([ring.mock.calls.length, badge.mock.lastCall]).toEqual([1, [1]]);
  // The same one changed: no second alarm.
  account.listing.rows.value = [row("a", { version: 2 })];
  expect(ring).toHaveBeenCalledTimes(1);
  account.listing.rows.value = [row("b"), row("a")];
  expect([ring.mock.calls.length, badge.mock.lastCall]).toEqual([2, [2]]);
  clear.mockClear();
  account.listing.rows.value = [row("b", { unseen: false }), row("a", { unseen: false })];
  expect([ring.mock.calls.length, clear.mock.calls.length]).toEqual([2, 1]);
});

test("turned off, it is counted in silence", () => {
  settings.value = { ...settings.value, sound: false };
  account.listing.rows.value = [row("a")];
  expect(ring).not.toHaveBeenCalled();
  expect(badge).toHaveBeenLastCalledWith(1);
});
