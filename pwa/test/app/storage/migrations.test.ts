import { type IDBPDatabase, openDB } from "idb";
import { describe, expect, test } from "vitest";
import { nameOf, openStore } from "../../../src/app/storage/account.ts";
import { latest, migrate } from "../../../src/app/storage/migrations.ts";
import type { AccountSchema } from "../../../src/app/storage/schema.ts";
import { freshStorage } from "../../phone.ts";

freshStorage();

/** A store as an app of that version left it, with work in every place that holds a person's work. */
async function left(version: number): Promise<void> {
  const db = (await openDB<AccountSchema>(nameOf("lupita"), version, {
    upgrade: (upgraded, from, _to, tx) => migrate(upgraded, tx, from, version),
  })) as IDBPDatabase<AccountSchema>;
  await db.put("outbox", { uuid: "u1", kind: "captured", custody: "saved" } as never);
  await db.put("photos", { id: "p1", event: "u1", state: "ready" } as never);
  await db.put("bytes", new Uint8Array([1, 2, 3]).buffer, "p1");
  await db.put("drafts", { key: "capture", body: { text: "a medias" }, photos: [], updated_at: "" });
  await db.put("meta", { seq: 7, prev: "x" }, "chain");
  db.close();
}

describe.each(Array.from({ length: latest }, (_, i) => i + 1))("from version %i", (version) => {
  test("everything a person did is there afterwards, and the store is as new ones are", async () => {
    await left(version);
    const db = await openStore("lupita");
    expect(db.version).toBe(latest);
    expect(await db.get("outbox", "u1")).toMatchObject({ custody: "saved" });
    expect(await db.getAllFromIndex("photos", "state", "ready")).toHaveLength(1);
    expect(await db.getAllFromIndex("photos", "event", "u1")).toHaveLength(1);
    expect(new Uint8Array((await db.get("bytes", "p1")) as ArrayBuffer)).toEqual(new Uint8Array([1, 2, 3]));
    expect(await db.get("drafts", "capture")).toMatchObject({ body: { text: "a medias" } });
    expect(await db.get("meta", "chain")).toEqual({ seq: 7, prev: "x" });
    const fresh = await openStore("nueva");
    expect([...db.objectStoreNames]).toEqual([...fresh.objectStoreNames]);
  });
});
