import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Life } from "../../../src/app/state/life.ts";
import { Trouble } from "../../../src/app/sync/request.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a timer", () => {
  it("runs in its time, and not once cancelled", () => {
    const life = new Life();
    const [kept, cancelled] = [vi.fn(), vi.fn()];
    life.after(100, kept);
    life.after(100, cancelled)();
    vi.advanceTimersByTime(99);
    expect(kept).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(kept).toHaveBeenCalledOnce();
    expect(cancelled).not.toHaveBeenCalled();
  });

  it("ends with the life, and none begins after it", () => {
    const life = new Life();
    const call = vi.fn();
    life.after(100, call);
    life.end();
    life.after(100, call)();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(1000);
    expect(call).not.toHaveBeenCalled();
  });
});

it("hears events until its end, and of nothing where there is nothing to hear", () => {
  const life = new Life();
  const target = new EventTarget();
  const heard = vi.fn();
  life.hear(target, "online", heard);
  life.hear(undefined, "online", heard);
  target.dispatchEvent(new Event("online"));
  life.end();
  target.dispatchEvent(new Event("online"));
  life.hear(target, "online", heard);
  target.dispatchEvent(new Event("online"));
  expect(heard).toHaveBeenCalledOnce();
});

it("tells its end once, those who ask late at once, and not those who no longer care", () => {
  const life = new Life();
  const [one, gone, late] = [vi.fn(), vi.fn(), vi.fn()];
  life.atEnd(one);
  life.atEnd(gone)();
  expect([life.isOver, life.ended.aborted]).toEqual([false, false]);
  life.end();
  life.end();
  life.atEnd(late);
  expect([life.isOver, life.ended.aborted]).toEqual([true, true]);
  expect([one, gone, late].map((call) => call.mock.calls.length)).toEqual([1, 0, 1]);
});

it("begins no work after its end", () => {
  const life = new Life();
  const work = vi.fn(async () => undefined);
  life.spawn(work);
  life.end();
  life.spawn(work);
  expect(work).toHaveBeenCalledOnce();
});

it("excuses what its end has cut, and nothing else", () => {
  const life = new Life();
  const closed = new DOMException("closed", "InvalidStateError");
  const cut = new Trouble("cancelled", "");
  const fault = new TypeError("a fault of ours");
  for (const error of [closed, cut, fault]) expect(() => life.excuse(error)).toThrow(error);
  life.end();
  for (const error of [closed, cut]) expect(() => life.excuse(error)).not.toThrow();
  expect(() => life.excuse(fault)).toThrow(fault);
});
