import { expect, test, vi } from "vitest";
import { openStore } from "../../../src/app/storage/account.ts";
import { durably, NotDurable } from "../../../src/app/storage/durability.ts";
import { enrolledPhone, freshStorage } from "../../phone.ts";

freshStorage();

test("the transaction itself says strict", async () => {
  const db = await openStore("lupita");
  const said = await durably(db, ["drafts"], async (tx) => tx.durability);
  expect(said).toBe("strict");
});

test("a browser that ignores the wish writes nothing", async () => {
  const db = await openStore("lupita");
  const real = IDBDatabase.prototype.transaction;
  const spy = vi.spyOn(IDBDatabase.prototype, "transaction").mockImplementation(function (
    this: IDBDatabase,
    stores,
    mode,
  ) {
    return real.call(this, stores, mode, { durability: "relaxed" });
  });
  const write = durably(db, ["drafts"], (tx) =>
    tx.objectStore("drafts").put({ key: "k", body: 1, photos: [], updated_at: "" }),
  );
  await expect(write).rejects.toBeInstanceOf(NotDurable);
  spy.mockRestore();
  expect(await db.count("drafts")).toBe(0);
});

test("an error on the way undoes all of it", async () => {
  const db = await openStore("lupita");
  const write = durably(db, ["drafts"], async (tx) => {
    await tx.objectStore("drafts").put({ key: "k", body: 1, photos: [], updated_at: "" });
    throw new DOMException("full", "QuotaExceededError");
  });
  await expect(write).rejects.toMatchObject({ name: "QuotaExceededError" });
  expect(await db.count("drafts")).toBe(0);
});

test("storage full at any write of a save: the draft and its photos are still there", async () => {
  const stores = ["meta", "outbox", "photos", "drafts"];
  for (const full of stores) {
    const phone = await enrolledPhone(`lupita-${full}`);
    await phone.db.put("drafts", { key: "capture", body: { text: "x" }, photos: ["a1"], updated_at: "" });
    const photo = await phone.photo("a1");
    const verbs = ["put", "add", "delete"] as const;
    const spies = verbs.map((verb) => {
      const real = IDBObjectStore.prototype[verb] as (...args: unknown[]) => IDBRequest;
      return vi.spyOn(IDBObjectStore.prototype, verb).mockImplementation(function (
        this: IDBObjectStore,
        ...args: unknown[]
      ) {
        if (this.name === full) throw new DOMException("no room", "QuotaExceededError");
        return real.apply(this, args) as never;
      });
    });
    await expect(phone.capture({ photos: [photo], draft: "capture" })).rejects.toMatchObject({
      name: "QuotaExceededError",
    });
    for (const spy of spies) spy.mockRestore();
    expect(await phone.db.count("outbox"), full).toBe(0);
    expect(await phone.db.count("drafts"), full).toBe(1);
    expect(await phone.db.get("photos", photo)).toMatchObject({ event: null });
  }
});
