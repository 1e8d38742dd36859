/** Who uses the phone: changing hands, locks, leaving. The browser's own line is down in these tests. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import * as acts from "../../../src/app/state/acts.ts";
import { maybeAccount, tenancy, theAccount } from "../../../src/app/state/current.ts";
import { moveOn, useAccount } from "../../../src/app/state/opening.ts";
import { lock, readAccounts, setPin, signOut, switchAccount, unlock } from "../../../src/app/state/people.ts";
import { accounts, boot, online } from "../../../src/app/state/phone.ts";
import * as screen from "../../../src/app/state/signals.ts";
import { openStore, readMeta } from "../../../src/app/storage/account.ts";
import { openPhone, readValue } from "../../../src/app/storage/phone.ts";
import { freshPhone, opened } from "../../opened.ts";

freshPhone();

const kept = new Map<string, string>();
beforeEach(() => {
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  vi.stubGlobal("location", { hash: "#/" });
  vi.stubGlobal("requestAnimationFrame", (call: () => void) => setTimeout(call, 0));
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  online.value = false;
});

/** Two people on the phone, the first of them using it. */
async function shared() {
  for (const name of ["ana", "luz"]) (await opened(name)).account.close();
  tenancy.phone = await openPhone();
  const entry = await tenancy.phone.get("accounts", "ana");
  if (!entry) throw new Error("ana is not on the phone");
  await useAccount(entry);
  await readAccounts();
  return tenancy.phone;
}
const here = () => maybeAccount()?.entry.account ?? null;
const note = () =>
  acts.capture(theAccount(), {
    type: "lamp",
    for_whom: "self",
    answers: {},
    place: {},
    position: { source: "none" },
    urgent: false,
    photos: [],
  });

describe("changing hands", () => {
  it("without a lock is one touch, remembered for the next start", async () => {
    const phone = await shared();
    expect(await switchAccount("luz")).toBe(true);
    expect([here(), screen.account.value?.account, boot.value.phase]).toEqual(["luz", "luz", "ready"]);
    expect(await readValue(phone, "active")).toBe("luz");
    expect(accounts.value.map(({ account }) => account).sort()).toEqual(["ana", "luz"]);
  });

  it("asks the other's digits, and waits after wrong ones", async () => {
    await shared();
    await switchAccount("luz");
    await setPin("2580");
    await switchAccount("ana");
    expect(await switchAccount("luz")).toBe(false);
    expect(await switchAccount("luz", "1111")).toBe(false);
    expect(here()).toBe("ana");
    expect(await switchAccount("luz", "2580")).toBe(true);
    expect(here()).toBe("luz");
    expect(await switchAccount("nobody")).toBe(false);
  });

  it("locks for whoever has a PIN, and opens by it alone", async () => {
    await shared();
    lock();
    expect(boot.value.phase).toBe("ready");
    await setPin("2580");
    lock();
    expect(boot.value.phase).toBe("locked");
    expect(await unlock("0000")).toBe(false);
    expect(boot.value.phase).toBe("locked");
    expect(await unlock("2580")).toBe(true);
    expect(boot.value.phase).toBe("ready");
  });
});

describe("leaving", () => {
  it("keeps the unsent work with its key, gives up what was received, and lets the next one in", async () => {
    await shared();
    await theAccount().db.put("mailbox-a", { _id: "profile", account: "ana" } as never);
    await note();
    await signOut();
    expect([here(), boot.value.phase]).toEqual(["luz", "ready"]);
    const store = await openStore("ana");
    expect([await store.count("outbox"), await store.count("mailbox-a")]).toEqual([1, 0]);
    expect([(await readMeta(store, "key")) !== undefined, await readMeta(store, "leaving")]).toEqual([
      true,
      true,
    ]);
    expect(await readMeta(store, "session")).toBeUndefined();
    store.close();
    const card = accounts.value.find(({ account }) => account === "ana");
    expect(card).toMatchObject({ signed_out: true, needs_enrol: true, unsent: 1 });
  });

  it("opens the next person's account behind their own lock", async () => {
    await shared();
    await switchAccount("luz");
    await setPin("2580");
    await switchAccount("ana");
    const shown: string[] = [];
    const stop = boot.subscribe(({ phase }) => void shown.push(phase));
    await signOut();
    stop();
    expect(here()).toBe("luz");
    // Not for a moment is it open to whoever holds the phone.
    expect(shown).toEqual(["ready", "no_account", "locked"]);
  });

  it("leaves an empty phone to nobody", async () => {
    const phone = await shared();
    await signOut();
    await signOut();
    expect([here(), boot.value.phase]).toEqual([null, "no_account"]);
    expect([screen.account.value, screen.rows.value.length, screen.profile.value]).toEqual([null, 0, null]);
    expect(await readValue(phone, "active")).toBeNull();
    await expect(signOut()).rejects.toThrow("no account is open");
  });

  it("by an order obeyed in another tab closes it here", async () => {
    const phone = await shared();
    const wiped = theAccount();
    await phone.delete("accounts", "ana");
    await readAccounts();
    expect([wiped.life.isOver, here()]).toEqual([true, "luz"]);
    await phone.delete("accounts", "luz");
    await moveOn();
    expect([here(), boot.value.phase]).toEqual([null, "no_account"]);
  });
});
