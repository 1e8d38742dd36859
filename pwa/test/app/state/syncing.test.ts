/** An account's rounds, with a municipality in the test's hand and the browser's events made by it. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as acts from "../../../src/app/state/acts.ts";
import type { Capture } from "../../../src/app/state/contract.ts";
import { readMeta, writeMeta } from "../../../src/app/storage/account.ts";
import { onRing } from "../../../src/app/storage/bell.ts";
import { Municipality } from "../../municipality.ts";
import { freshPhone, type Opened, opened, until } from "../../opened.ts";

freshPhone();

const CAPTURE: Capture = {
  type: "lamp",
  for_whom: "self",
  answers: {},
  place: {},
  position: { source: "none" },
  urgent: false,
  photos: [],
};

class Page extends EventTarget {
  visibilityState = "visible";
}
let page: Page;
let phone: EventTarget;
beforeEach(() => {
  page = new Page();
  phone = new EventTarget();
  vi.stubGlobal("document", page);
  vi.stubGlobal("window", phone);
});
afterEach(() => vi.useRealTimers());

const status = ({ account }: Opened) => account.syncing.status.value;
const rounds = ({ city }: Opened) => city.log.filter(({ path }) => path === "/sync/checkin").length;
const polls = ({ city }: Opened) => city.log.filter(({ query }) => query.get("feed") === "longpoll").length;
const came = (one: Opened, n = 1) => until(() => expect(rounds(one)).toBe(n));
const rested = (one: Opened) =>
  until(() => expect(status(one)).toMatchObject({ phase: "idle", first_pull: false }));

/** Holds longpolls open, as a server does. */
const holding = (city = new Municipality()): Municipality => {
  city.fail("silence", ({ query }) => query.get("feed") === "longpoll", "before", 1_000);
  return city;
};

describe("a round", () => {
  it("runs at the start: work goes out, what is new comes in, and the line stays open", async () => {
    const city = holding();
    city.put("mailbox", { _id: "profile", account: "lupita", blocks: [] });
    const one = await opened("lupita", { city });
    await acts.capture(one.account, CAPTURE);
    one.account.syncing.begin();
    await rested(one);
    await until(() => expect(city.inbox).toHaveLength(1));
    await until(() => expect(polls(one)).toBe(1));
    expect(await one.account.db.count("mailbox-a")).toBe(1);
    expect(status(one)).toMatchObject({ trouble: null, next_try_at: null, limited: false, too_old: false });
    expect(status(one).last_success_at).not.toBeNull();
  });

  it("runs when the line is back and when somebody looks again; the line is hung up when nobody does", async () => {
    const one = await opened("lupita", { city: holding() });
    one.account.syncing.begin();
    await rested(one);
    await until(() => expect(polls(one)).toBe(1));
    phone.dispatchEvent(new Event("online"));
    await came(one, 2);
    await rested(one);
    page.visibilityState = "hidden";
    page.dispatchEvent(new Event("visibilitychange"));
    page.visibilityState = "visible";
    page.dispatchEvent(new Event("visibilitychange"));
    await came(one, 3);
    // Hung up, it is held again.
    await until(() => expect(polls(one)).toBe(2));
  });

  it("runs when another network may carry photos", async () => {
    const one = await opened("lupita", { city: holding() });
    one.account.syncing.begin();
    await rested(one);
    one.network.value = "wifi";
    await came(one, 2);
  });

  it("tells that there is no signal without asking, and when it tries again", async () => {
    const one = await opened("lupita", { online: false });
    one.account.syncing.begin();
    await until(() => expect(status(one).trouble).toBe("offline"));
    await until(() => expect(status(one).next_try_at).not.toBeNull());
    expect(one.city.log).toEqual([]);
    one.online.value = true;
    one.account.syncing.syncNow();
    await until(() => expect(status(one)).toMatchObject({ trouble: null, next_try_at: null }));
  });

  it("asks for a new code where the municipality knows the device no longer", async () => {
    const one = await opened();
    const problem = {
      status: 403,
      body: { error: "device_unknown", message: "Pida un código.", reason: "" },
    };
    one.city.token = "another";
    one.city.fail(problem, ({ path }) => path === "/api/session/challenge");
    const heard = vi.fn();
    onRing(heard);
    one.account.syncing.begin();
    await until(() => expect(status(one).trouble).toBe("needs_enrol"));
    await until(async () => {
      const entry = await one.account.around.phone.get("accounts", "lupita");
      expect(entry?.needs_enrol).toBe(true);
    });
    expect(heard).toHaveBeenCalledWith({ account: "lupita", what: "accounts" });
  });

  it("of a limited session opens no line", async () => {
    const one = await opened("lupita", { city: holding() });
    await writeMeta(one.account.db, "session", { token: one.city.token, expires_at: "", limited: true });
    one.account.syncing.begin();
    await until(() => expect(status(one).limited).toBe(true));
    await until(() => expect(status(one).phase).toBe("idle"));
    expect(polls(one)).toBe(0);
  });
});

describe("photos that wait for a Wi-Fi", () => {
  it("go when the person says so, once", async () => {
    const one = await opened("lupita", { city: holding() });
    const { db } = one.account;
    one.photoWait.value = "wifi";
    const photo = async (id: string) => {
      await db.put("bytes", new Uint8Array([1, 2, 3, 4]).buffer, id);
      await db.put("photos", {
        id,
        event: null,
        origin: "camera",
        taken_at: "2026-11-22T12:00:00.000Z",
        state: "ready",
        urgent: false,
        sha256: (id[0] as string).repeat(64),
        size: 4,
        type: "image/jpeg",
      });
      await acts.capture(one.account, { ...CAPTURE, photos: [id] });
    };
    await photo("a1");
    one.account.syncing.begin();
    await rested(one);
    await until(() => expect(one.city.inbox).toHaveLength(1));
    expect(one.city.uploads.size).toBe(0);
    one.account.syncing.syncNow();
    await until(async () => expect((await db.get("photos", "a1"))?.state).toBe("uploaded"));
    await until(() => expect(status(one).phase).toBe("idle"));
    await photo("b1");
    await until(() => expect(one.city.inbox).toHaveLength(2));
    await until(() => expect(status(one).phase).toBe("idle"));
    const before = rounds(one);
    one.network.value = "cellular";
    await until(() => expect(rounds(one)).toBeGreaterThan(before));
    await until(() => expect(status(one).phase).toBe("idle"));
    expect((await db.get("photos", "b1"))?.state).toBe("ready");
  });
});

describe("an order", () => {
  it("to enrol again is kept with the account", async () => {
    const one = await opened();
    one.city.orders = [{ order: "reenrol" }];
    one.account.syncing.begin();
    await until(async () => {
      const entry = await one.account.around.phone.get("accounts", "lupita");
      expect(entry?.needs_enrol).toBe(true);
    });
  });
});

it("what leaves the app seals what waited for a second thought", async () => {
  const one = await opened("lupita", { online: false });
  const { account } = one;
  const saved = await acts.capture(account, CAPTURE);
  await acts.act(account, { kind: "noted", report: saved.report, payload: { text: "algo" } });
  account.syncing.begin();
  await until(async () => expect((await readMeta(account.db, "chain"))?.seq).toBe(1));
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
  await until(async () => expect((await readMeta(account.db, "chain"))?.seq).toBe(2));
});
