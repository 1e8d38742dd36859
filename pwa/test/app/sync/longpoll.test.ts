/** Holding the line: what comes is told at once, and a server that does not hold is left alone. */
import { expect, it, vi } from "vitest";
import { onRing } from "../../../src/app/storage/bell.ts";
import { hold } from "../../../src/app/sync/longpoll.ts";
import { pull } from "../../../src/app/sync/pull.ts";
import { Municipality } from "../../municipality.ts";
import { enrolledPhone, freshStorage } from "../../phone.ts";

freshStorage();

async function held() {
  const [city, phone] = [new Municipality(), await enrolledPhone()];
  city.put("mailbox", { _id: "profile", account: "lupita" });
  await pull(phone.db, city.line, "mailbox");
  const heard = vi.fn();
  onRing(heard);
  const moved = vi.fn();
  let at = 0;
  const of = { account: "lupita", db: phone.db, line: city.line, moved, now: () => at };
  const pass = (ms: number): void => {
    at += ms;
  };
  const polls = () => city.log.filter(({ query }) => query.get("feed") === "longpoll").length;
  return { city, phone, heard, moved, of, polls, pass };
}

it("tells what came, and asks again; an empty answer at once is no longpoll", async () => {
  const { city, phone, heard, of, polls } = await held();
  city.put("mailbox", { _id: "leader:luz", name: "Luz" });
  await hold(of, new AbortController().signal);
  expect(polls()).toBe(2);
  expect(heard).toHaveBeenCalledExactlyOnceWith({ account: "lupita", what: "mailbox", ids: ["leader:luz"] });
  expect(await phone.db.get("mailbox-a", "leader:luz")).toBeDefined();
});

it("asks for another round where an acknowledgement freed work", async () => {
  const { city, phone, moved, of } = await held();
  await phone.capture();
  await phone.round(city);
  city.acknowledge(phone.device);
  await hold(of, new AbortController().signal);
  expect(moved).toHaveBeenCalledOnce();
  expect(await phone.custody()).toEqual(["accepted"]);
});

it("goes on where the server held the line and nothing came", async () => {
  const { of, polls, pass } = await held();
  let answers = 0;
  const { fetch } = of.line;
  const line = {
    ...of.line,
    fetch: (...args: Parameters<typeof fetch>) => {
      answers += 1;
      if (answers < 3) pass(50_000);
      return fetch(...args);
    },
  };
  await hold({ ...of, line }, new AbortController().signal);
  expect(polls()).toBe(3);
});

it("ends when it is hung up: with a name for it, and without another question", async () => {
  const { city, heard, of, polls } = await held();
  city.fail("silence", ({ query }) => query.get("feed") === "longpoll");
  const controller = new AbortController();
  const holding = hold(of, controller.signal);
  await vi.waitFor(() => expect(polls()).toBe(1), { timeout: 30_000 });
  controller.abort();
  await expect(holding).rejects.toMatchObject({ code: "cancelled" });
  await hold(of, controller.signal);
  expect([polls(), heard.mock.calls.length]).toEqual([1, 0]);
});

it("asks nothing over a line whose account is closed", async () => {
  const { city, of, phone } = await held();
  const ended = AbortSignal.abort();
  const asked = city.log.length;
  const failing = pull(phone.db, { ...of.line, fetch: stopped, ended }, "reference");
  await expect(failing).rejects.toMatchObject({ code: "cancelled" });
  expect(city.log.length).toBe(asked);
});
const stopped: typeof fetch = (_, init) =>
  init?.signal?.aborted
    ? Promise.reject(new DOMException("aborted", "AbortError"))
    : Promise.reject(new Error("was asked"));
