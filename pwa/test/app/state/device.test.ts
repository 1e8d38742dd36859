/** The phone itself: settings, room, files for colleagues. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Account } from "../../../src/app/state/account.ts";
import { tenancy } from "../../../src/app/state/current.ts";
import {
  carry,
  courierFile,
  diagnose,
  dismissRefused,
  persist,
  readSettings,
  readStorage,
  setSetting,
} from "../../../src/app/state/device.ts";
import { settings, storage } from "../../../src/app/state/phone.ts";
import { defaultSettings, readValue } from "../../../src/app/storage/phone.ts";
import { enter, freshPhone, opened, until } from "../../opened.ts";
import { TestPhone } from "../../phone.ts";

freshPhone();

let account: Account;
beforeEach(async () => {
  settings.value = defaultSettings;
  account = await enter(await opened("ana", { online: false }));
  tenancy.phone = account.around.phone;
});

describe("settings", () => {
  it("are the phone's: kept at once, and there for the next person and the next start", async () => {
    await setSetting("large_text", true);
    await enter(await opened("luz", { online: false }));
    expect(settings.value).toEqual({ ...defaultSettings, large_text: true });
    settings.value = defaultSettings;
    await readSettings();
    expect(settings.value.large_text).toBe(true);
    expect(await readValue(account.around.phone, "settings")).toEqual(settings.value);
  });

  it("of photos ask for a round: what waited for a Wi-Fi may leave", async () => {
    const kick = vi.spyOn(account.syncing, "kick").mockReturnValue();
    await setSetting("sound", false);
    expect(kick).not.toHaveBeenCalled();
    await setSetting("photos", "wifi");
    expect(kick).toHaveBeenCalledOnce();
  });
});

describe("room", () => {
  const room = (usage: number, quota: number, persisted?: boolean) =>
    vi.stubGlobal("navigator", {
      userAgent: "test",
      storage: {
        estimate: async () => ({ usage, quota }),
        ...(persisted === undefined ? {} : { persisted: async () => persisted, persist: async () => true }),
      },
    });

  it.each([
    [10e6, 10e9, false],
    [9.96e9, 10e9, true],
    [950e6, 990e6, true],
    [0, 0, false],
  ])("with %d of %d bytes used is nearly full: %s", async (usage, quota, full) => {
    room(usage, quota);
    await readStorage();
    expect(storage.value).toEqual({ used: usage, quota, persisted: null, nearly_full: full });
  });

  it("is not known where the browser hides it, and asked for where it may be", async () => {
    vi.stubGlobal("navigator", { userAgent: "test" });
    expect(await persist()).toBe(false);
    expect(storage.value).toEqual({ used: 0, quota: 0, persisted: null, nearly_full: false });
    room(1, 1e9, true);
    expect(await persist()).toBe(true);
    expect(storage.value.persisted).toBe(true);
  });
});

describe("a file for a colleague", () => {
  it("is none without the municipality's key, and seals what was done a moment ago", async () => {
    await new TestPhone("ana", account.db, account.around.phone).capture();
    expect(await courierFile()).toBeNull();
    const [record] = await account.db.getAll("outbox");
    expect(record?.event).toBeDefined();
  });

  it("that is none of ours is refused, and nothing is kept of it", async () => {
    await expect(carry(new Blob(["hola"]))).rejects.toMatchObject({ code: "courier_unreadable" });
    expect(await account.around.phone.count("couriers")).toBe(0);
  });
});

it("lets a refused item go and tells every list", async () => {
  account.begin();
  await account.listing.whole();
  const { uuid } = await new TestPhone("ana", account.db, account.around.phone).capture();
  const record = await account.db.get("outbox", uuid);
  const why = { code: "type_unknown", message: "Una frase.", at: "" };
  if (record) await account.db.put("outbox", { ...record, custody: "refused", why });
  await dismissRefused(uuid);
  await until(() => expect(account.ledger.records).toEqual([]));
  expect(await account.db.count("outbox")).toBe(0);
});

it("a diagnosis tells of the account that is open, and of none where nobody is", async () => {
  vi.stubGlobal("navigator", { userAgent: "test", onLine: true, permissions: undefined });
  const ids = async () => (await diagnose()).checks.map(({ id }) => id);
  expect(await ids()).toContain("enrolled");
  tenancy.open.value = null;
  expect(await ids()).not.toContain("enrolled");
});
