/** One phone, one person after another: nothing of an account outlives its being open. */
import { signal } from "@preact/signals";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openAccount } from "../../../src/app/state/account.ts";
import * as acts from "../../../src/app/state/acts.ts";
import type { Capture } from "../../../src/app/state/contract.ts";
import { maybeAccount, tenancy } from "../../../src/app/state/current.ts";
import * as doing from "../../../src/app/state/doing.ts";
import { own } from "../../../src/app/state/own.ts";
import { improveFix } from "../../../src/app/state/position.ts";
import * as screen from "../../../src/app/state/signals.ts";
import { openStore, readMeta } from "../../../src/app/storage/account.ts";
import { ring } from "../../../src/app/storage/bell.ts";
import type { Line } from "../../../src/app/sync/request.ts";
import { Municipality } from "../../municipality.ts";
import { enter, freshPhone, type Opened, opened, until } from "../../opened.ts";

freshPhone();
afterEach(() => vi.useRealTimers());

const CAPTURE: Capture = {
  type: "lamp",
  for_whom: "neighbour",
  answers: {},
  place: { street: "Calle de Ana" },
  position: { source: "gps", lat: 20.1, lon: -101.1, accuracy: 40 },
  urgent: false,
  photos: [],
};
const ID = "0192f3a0-0001-7000-8000-000000000001";

/** A municipality that has sent Ana a report, a type and a leader's telephone. */
function anasCity(): Municipality {
  const city = new Municipality();
  city.put("mailbox", {
    _id: `report:${ID}`,
    version: 1,
    events: [],
    status: "captured",
    captured_at: "2026-11-22T10:00:00.000Z",
    view: "full",
    text: "fuga en el patio",
    place: { lat: 20.1, lon: -101.1 },
  });
  city.put("mailbox", { _id: "profile", account: "ana", name: "Ana", role: "block_leader", blocks: ["m-1"] });
  city.put("mailbox", { _id: "leader:luz", name: "Luz" });
  city.put("reference", { _id: "type:lamp", name: "Lámpara" });
  return city;
}

/** Ana's account as it stands after a round: everything read, a report of her own saved. */
async function ana(): Promise<Opened> {
  const one = await opened("ana", { city: anasCity() });
  const account = await enter(one);
  account.begin();
  await until(() => expect(screen.rows.value).toHaveLength(1));
  await until(() => expect(doing.search("fuga")).toHaveLength(1));
  return one;
}

/** All that a screen could show of a person. */
const seen = () => ({
  account: screen.account.value?.account ?? null,
  profile: screen.profile.value?.account ?? null,
  rows: screen.rows.value.length,
  outbox: screen.outbox.value.length,
  counts: screen.counts.value.on_phone + screen.counts.value.drafts,
  drafts: screen.drafts.value.length,
  types: screen.types.value.size,
  leaders: screen.leaders.value.size,
  found: doing.search("fuga").length + doing.search("lampara").length,
  near: doing.nearby(20.1, -101.1).length,
  row: doing.row(ID)?.id ?? null,
  trouble: screen.sync.value.trouble,
  last: screen.sync.value.last_success_at,
  loaded: screen.loaded.value,
});

describe("the next person", () => {
  it("sees nothing of the one before, who wrote and was heard", async () => {
    const { account } = await ana();
    await acts.capture(account, CAPTURE);
    await account.drafts.save("capture:1", { text: "a medias" }, []);
    await until(() =>
      expect(seen()).toMatchObject({ account: "ana", rows: 2, outbox: 1, drafts: 1, leaders: 1, near: 2 }),
    );
    await account.db.put("picture-bytes", new ArrayBuffer(4), "hash/320");
    const typed = own(() => ({ query: "" }));
    typed().query = "calle de ana";

    const luz = await enter(await opened("luz", { online: false }));
    expect(seen()).toEqual({
      account: "luz",
      profile: null,
      rows: 0,
      outbox: 0,
      counts: 0,
      drafts: 0,
      types: 0,
      leaders: 0,
      found: 0,
      near: 0,
      row: null,
      trouble: null,
      last: null,
      loaded: true,
    });
    expect(typed().query).toBe("");
    expect(await luz.db.getAll("outbox")).toEqual([]);
    // What Ana did is where it was; what she looked at is not.
    const store = await openStore("ana");
    expect([await store.count("outbox"), await store.count("drafts")]).toEqual([1, 1]);
    expect(await store.count("picture-bytes")).toBe(0);
    store.close();
  });

  it("finds what a screen keeps as new, and so does who comes back", async () => {
    const filter = own(() => signal("open"));
    const nobodys = filter();
    await enter(await opened("ana"));
    filter().value = "closed";
    expect(filter()).toBe(filter());
    await enter(await opened("luz"));
    expect(filter().value).toBe("open");
    await enter(await opened("ana"));
    expect(filter().value).toBe("open");
    tenancy.open.value = null;
    expect(filter()).toBe(nobodys);
  });

  it("sees an empty phone once nobody is here", async () => {
    const { account } = await ana();
    await acts.capture(account, CAPTURE);
    await until(() => expect(screen.outbox.value).toHaveLength(1));
    tenancy.vacate({ end: () => undefined } as never);
    expect(seen()).toMatchObject({ account: null, rows: 0, outbox: 0, counts: 0, found: 0, loaded: false });
    expect(() => account.db.transaction("outbox")).toThrow(DOMException);
  });
});

describe("once an account is closed", () => {
  it("no timer of it runs, and no position is asked for", async () => {
    const clearWatch = vi.fn();
    vi.stubGlobal("navigator", {
      userAgent: "test",
      geolocation: { watchPosition: () => 7, clearWatch },
    });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { account, city } = await opened("ana");
    await enter({ account } as Opened);
    // The line is down: a round is planned for later, an urgent report ripens, an act waits to be sealed.
    city.fail("dropped", () => true, "before", 1_000);
    account.begin();
    const saved = await acts.capture(account, { ...CAPTURE, urgent: true });
    await acts.act(account, { kind: "noted", report: saved.report, payload: { text: "algo" } });
    await until(() => expect(account.ledger.records).toHaveLength(2));
    improveFix(account, saved, CAPTURE.position);
    account.first.soon();
    await until(() => expect(account.syncing.status.value.next_try_at).not.toBeNull());
    expect(vi.getTimerCount()).toBeGreaterThanOrEqual(3);
    account.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(clearWatch).toHaveBeenCalledExactlyOnceWith(7);
    const asked = city.log.length;
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(city.log.length).toBe(asked);
  });

  it("hears no bell any more", async () => {
    const { account } = await ana();
    const read = vi.spyOn(account.ledger, "read");
    ring({ account: "ana", what: "outbox" });
    await until(() => expect(read).toHaveBeenCalledOnce());
    account.close();
    ring({ account: "ana", what: "outbox" });
    ring({ account: "ana", what: "mailbox" });
    await new Promise((resolve) => setImmediate(resolve));
    expect(read).toHaveBeenCalledOnce();
  });

  it("what it had asked is cut, and it asks nothing more", async () => {
    const { account, city } = await opened("ana");
    const cut: AbortSignal[] = [];
    const line: Line = {
      ...city.line,
      fetch: (input, init) => {
        if (init?.signal) cut.push(init.signal);
        return city.line.fetch(input, init);
      },
    };
    const other = await opened("luz", { city, around: { line } });
    city.fail("silence", ({ path }) => path === "/sync/checkin");
    other.account.begin();
    await until(() => expect(city.log.at(-1)?.path).toBe("/sync/checkin"));
    const asked = city.log.length;
    expect(cut.at(-1)?.aborted).toBe(false);
    other.account.close();
    expect(cut.at(-1)?.aborted).toBe(true);
    await other.account.pictures.url("a".repeat(64), 320, ID).catch(() => null);
    expect(city.log.length).toBe(asked);
    account.close();
  });
});

describe("a late answer", () => {
  it("to the one before changes nothing for the next, on the screen or in either store", async () => {
    const city = anasCity();
    let answer: () => void = () => undefined;
    // A line that cannot be cut: what was asked is answered in full, whenever it likes.
    const late = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const deaf: Line = {
      ...city.line,
      fetch: async (input, init = {}) => {
        const { signal: _, ...rest } = init;
        if (String(input).includes("/_changes")) await late;
        return city.line.fetch(input, rest);
      },
    };
    const before = await enter(await opened("ana", { city, around: { line: deaf } }));
    before.begin();
    await until(() => expect(city.log.at(-1)?.path).toBe("/sync/checkin"));
    const luz = await enter(await opened("luz", { online: false }));
    const stood = seen();
    const round = before.syncing.status;
    answer();
    await until(() => expect(round.value.phase).toBe("idle"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen()).toEqual(stood);
    expect([await luz.db.count("mailbox-a"), await luz.db.count("rows")]).toEqual([0, 0]);
    expect(await readMeta(luz.db, "last_success_at")).toBeUndefined();
    const store = await openStore("ana");
    expect([await store.count("mailbox-a"), await store.count("rows")]).toEqual([0, 0]);
    store.close();
  });

  it("to what was asked of a screen lands nowhere else", async () => {
    const { account } = await ana();
    const { report, dispose } = doing.watchReport(ID);
    await until(() => expect(report.value?.id).toBe(ID));
    await enter(await opened("luz", { online: false }));
    ring({ account: "luz", what: "mailbox" });
    await new Promise((resolve) => setImmediate(resolve));
    expect(report.value?.id).toBe(ID);
    expect(account.life.isOver).toBe(true);
    dispose();
  });
});

describe("an act", () => {
  it("is its author's, also where another takes the phone before it is written", async () => {
    const first = await enter(await opened("ana"));
    let ready: () => void = () => undefined;
    first.listing.coming(
      new Promise((resolve) => {
        ready = resolve;
      }),
    );
    const act = doing.act({ kind: "noted", report: ID, payload: { text: "de Ana" } });
    const luz = await enter(await opened("luz"));
    ready();
    await expect(act).rejects.toThrow(DOMException);
    expect(await luz.db.count("outbox")).toBe(0);
  });

  it("of nobody is refused", async () => {
    await expect(doing.capture(CAPTURE)).rejects.toThrow("no account is open");
  });
});

describe("of two who are asked for at once", () => {
  it("the last is let in, and the other's store is closed", async () => {
    const [one, two] = [await opened("ana"), await opened("luz")];
    let slow: () => void = () => undefined;
    const wait = new Promise<void>((resolve) => {
      slow = resolve;
    });
    const first = tenancy.enter(async () => {
      await wait;
      return one.account;
    });
    const second = tenancy.enter(async () => two.account);
    slow();
    expect([await first, await second]).toEqual([null, two.account]);
    expect(maybeAccount()).toBe(two.account);
    expect([one.account.life.isOver, two.account.life.isOver]).toEqual([true, false]);
  });

  it("who was here stays where another cannot be opened", async () => {
    const account = await enter(await opened("ana"));
    const refused = tenancy.enter(() => Promise.reject(new DOMException("no", "UnknownError")));
    await expect(refused).rejects.toThrow("no");
    expect(maybeAccount()).toBe(account);
    expect(account.life.isOver).toBe(false);
  });
});

describe("opening", () => {
  it("says that the system threw the store away, and asks for a new code", async () => {
    const { account } = await opened("ana");
    await account.db.clear("meta");
    const again = await openAccount(account.entry, account.around);
    expect(again.entry.needs_enrol).toBe(true);
    expect(again.syncing.status.value).toMatchObject({ store_was_lost: true, first_pull: true });
    expect((await account.around.phone.get("accounts", "ana"))?.needs_enrol).toBe(true);
    again.close();
  });

  it("shows what was typed and done before without a line", async () => {
    const first = await opened("ana", { online: false });
    await acts.capture(first.account, CAPTURE);
    await first.account.drafts.save("capture:1", { text: "a medias" }, []);
    first.account.close();
    const account = await enter(await opened("ana", { online: false }));
    expect(seen()).toMatchObject({ account: "ana", rows: 1, outbox: 1, drafts: 1 });
    expect(account.card.value.unsent).toBe(1);
  });

  it("writes what was being typed before it makes way", async () => {
    const account = await enter(await opened("ana"));
    const next = await opened("ana");
    // The first is being written when the others are typed.
    for (const text of ["h", "has", "hasta aquí"]) void account.drafts.save("capture:1", { text }, []);
    await enter(next);
    const store = await openStore("ana");
    expect((await store.get("drafts", "capture:1"))?.body).toEqual({ text: "hasta aquí" });
    store.close();
  });
});
