/** When rounds run, with the clock in the test's hand. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Life } from "../../../src/app/state/life.ts";
import { type Outcome, type Planned, Schedule } from "../../../src/app/state/schedule.ts";
import { Trouble } from "../../../src/app/sync/request.ts";
import { nextDelay } from "../../../src/app/sync/schedule.ts";

let life: Life;
let answers: (Outcome | Error | Promise<Outcome>)[];
const round = vi.fn(async (): Promise<Outcome> => {
  const answer = answers.shift() ?? "done";
  if (answer instanceof Error) throw answer;
  return answer;
});
const told: Planned[] = [];
const failed = vi.fn(async () => undefined);
const over = vi.fn();
const make = (): Schedule =>
  new Schedule({ life, round, failed, over, planned: (next) => told.push(next), random: () => 0.5 });
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  life = new Life();
  answers = [];
  told.length = 0;
  vi.clearAllMocks();
});
afterEach(() => {
  life.end();
  vi.useRealTimers();
});

it("runs when asked, and again by the clock", async () => {
  make().kick();
  await settle();
  expect(round).toHaveBeenCalledTimes(1);
  expect(told).toEqual([{ delay: nextDelay(0, null, 0.5), failures: 0 }]);
  await vi.advanceTimersByTimeAsync(nextDelay(0, null, 0.5));
  expect(round).toHaveBeenCalledTimes(2);
});

it("runs one at a time; who asks while one runs gets another soon after", async () => {
  let finish: (outcome: Outcome) => void = () => undefined;
  answers = [
    new Promise<Outcome>((resolve) => {
      finish = resolve;
    }),
  ];
  const schedule = make();
  schedule.kick();
  schedule.kick();
  schedule.kick();
  await settle();
  expect(round).toHaveBeenCalledTimes(1);
  finish("done");
  await settle();
  expect(told).toEqual([{ delay: 1_250, failures: 0 }]);
  await vi.advanceTimersByTimeAsync(1_250);
  expect(round).toHaveBeenCalledTimes(2);
});

it("comes back soon where another tab is at it", async () => {
  answers = ["busy"];
  make().kick();
  await settle();
  expect(told).toEqual([{ delay: 1_250, failures: 0 }]);
});

it("waits longer with each failure, never less than the server asks; what was forgiven counts no more", async () => {
  const down = new Trouble("server_unwell", "");
  answers = [down, down, new Trouble("busy", "", 503, 900_000), down];
  const schedule = make();
  schedule.kick();
  await settle();
  schedule.kick();
  await settle();
  expect(told).toEqual([
    { delay: nextDelay(1, null, 0.5), failures: 1 },
    { delay: nextDelay(2, null, 0.5), failures: 2 },
  ]);
  schedule.kick();
  await settle();
  expect(told[2]?.delay).toBeGreaterThanOrEqual(900_000);
  schedule.forgive();
  schedule.kick();
  await settle();
  expect(told[3]).toEqual({ delay: nextDelay(1, null, 0.5), failures: 1 });
  expect([failed.mock.calls.length, over.mock.calls.length]).toEqual([4, 4]);
});

it("plans nothing where there is nothing to come back for, unless somebody asked meanwhile", async () => {
  answers = ["rest"];
  const schedule = make();
  schedule.kick();
  await settle();
  expect([told, vi.getTimerCount()]).toEqual([[], 0]);
  answers = [Promise.resolve("rest")];
  schedule.kick();
  schedule.kick();
  await settle();
  expect(told).toHaveLength(1);
});

it("ends with its life: neither a planned round runs, nor does one under way plan another", async () => {
  let cut: (error: Error) => void = () => undefined;
  const schedule = make();
  schedule.kick();
  await settle();
  answers = [
    new Promise<Outcome>((_, reject) => {
      cut = reject;
    }),
  ];
  schedule.kick();
  life.end();
  cut(new Trouble("cancelled", ""));
  await settle();
  expect([vi.getTimerCount(), failed.mock.calls.length, told.length]).toEqual([0, 0, 1]);
  schedule.kick();
  expect(round).toHaveBeenCalledTimes(2);
});
