/** The screen stays on while photos go, and no longer. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Life } from "../../../src/app/state/life.ts";
import { Wake } from "../../../src/app/state/wake.ts";

const locks: { released: boolean; release: () => Promise<void> }[] = [];
const request = vi.fn(async () => {
  const lock = {
    released: false,
    release: async () => {
      lock.released = true;
    },
  };
  locks.push(lock);
  return lock;
});
const soon = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await Promise.resolve();
};

beforeEach(() => {
  locks.length = 0;
  request.mockClear();
  vi.stubGlobal("navigator", { wakeLock: { request } });
  vi.stubGlobal("document", { visibilityState: "visible" });
});
afterEach(() => vi.unstubAllGlobals());

it("is asked for once, and let go when the photos have gone", async () => {
  const wake = new Wake(new Life());
  wake.keep(true);
  wake.keep(true);
  await soon();
  wake.keep(true);
  expect([locks.length, locks[0]?.released]).toEqual([1, false]);
  wake.keep(false);
  expect(locks[0]?.released).toBe(true);
});

it("is asked for again where the system let go of it", async () => {
  const wake = new Wake(new Life());
  wake.keep(true);
  await soon();
  await locks[0]?.release();
  wake.keep(true);
  await soon();
  expect(locks.map(({ released }) => released)).toEqual([true, false]);
});

it("ends with the account, also where it is given only then", async () => {
  const life = new Life();
  const wake = new Wake(life);
  wake.keep(true);
  life.end();
  await soon();
  expect(locks.map(({ released }) => released)).toEqual([true]);
  wake.keep(true);
  expect(request).toHaveBeenCalledOnce();
});

it("is not asked for where nobody looks, and a refusal harms nothing", async () => {
  vi.stubGlobal("document", { visibilityState: "hidden" });
  const wake = new Wake(new Life());
  wake.keep(true);
  expect(request).not.toHaveBeenCalled();
  vi.stubGlobal("document", { visibilityState: "visible" });
  request.mockRejectedValueOnce(new DOMException("low battery", "NotAllowedError"));
  wake.keep(true);
  await soon();
  wake.keep(true);
  await soon();
  expect(locks).toHaveLength(1);
});
