/** A phone for tests: a fresh IndexedDB, an enrolled account, a clock and a pen. */
import "fake-indexeddb/auto";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach } from "vitest";
import { makeKey } from "../src/app/accounts/key.ts";
import { type Author, type Deed, save } from "../src/app/saving/save.ts";
import { type AccountStore, openStore, writeMeta } from "../src/app/storage/account.ts";
import { silence } from "../src/app/storage/bell.ts";
import { openPhone, type PhoneStore } from "../src/app/storage/phone.ts";
import { type RoundOptions, runRound } from "../src/app/sync/round.ts";
import type { Municipality } from "./municipality.ts";

export const NOON = Date.parse("2026-11-22T12:00:00.000Z");
export const HASH = (letter: string): string => letter.repeat(64);

/** Gives each test its own IndexedDB. Call at the top of a test file. */
export function freshStorage(): void {
  beforeEach(() => {
    globalThis.indexedDB = new IDBFactory();
    globalThis.IDBKeyRange = IDBKeyRange;
  });
  afterEach(silence);
}

export class TestPhone {
  at = NOON;
  constructor(
    readonly account: string,
    readonly db: AccountStore,
    readonly phone: PhoneStore,
  ) {}

  readonly now = (): number => this.at;
  readonly said = (): string => new Date(this.at).toISOString();
  get author(): Author {
    return { account: this.account, role: "block_leader", app: "0.1.0", notice: "1" };
  }
  get device(): string {
    return `${this.account}~3f2b8c1e-9d54-4c06-8a37-5b1f0e6d7c21`;
  }

  capture(change: Partial<Deed> = {}) {
    this.at += 1000;
    return save(
      this.db,
      this.author,
      {
        kind: "captured",
        payload: { type: "lamp", channel: "app", for_whom: "self", answers: {}, place: {}, urgent: false },
        position: { source: "gps", lat: 29.07, lon: -110.95, accuracy: 8 },
        photos: [],
        based_on: [],
        urgent: false,
        type: "lamp",
        ...change,
      },
      this.at,
    );
  }

  /** A photo as the worker leaves it; `made` false: still as taken. */
  async photo(id: string, made = true, change: object = {}): Promise<string> {
    await this.db.put("bytes", new Uint8Array([1, 2, 3, 4]).buffer, id);
    await this.db.put("photos", {
      id,
      event: null,
      origin: "camera",
      taken_at: this.said(),
      state: made ? "ready" : "saved",
      urgent: false,
      ...(made ? { sha256: HASH(id[0] ?? "0"), size: 4, type: "image/jpeg" as const } : {}),
      ...change,
    });
    return id;
  }

  options(city: Municipality, others: TestPhone[] = []): RoundOptions {
    return {
      phone: this.phone,
      active: { account: this.account, db: this.db },
      others: others.map(({ account, db }) => ({ account, db })),
      line: city.line,
      self: { version: "0.1.0", now: this.now, storage: async () => ({ used: 1, quota: 2 }) },
      photos: true,
    };
  }

  round(city: Municipality, others: TestPhone[] = []) {
    return runRound(this.options(city, others));
  }

  async custody(): Promise<string[]> {
    const records = await this.db.getAll("outbox");
    return records.sort((a, b) => a.order - b.order).map((record) => record.custody);
  }
}

export async function enrolledPhone(account = "lupita", token = "token-1"): Promise<TestPhone> {
  const db = await openStore(account);
  const phone = new TestPhone(account, db, await openPhone());
  await writeMeta(db, "key", {
    account,
    device: phone.device,
    installation: "3f2b8c1e-9d54-4c06-8a37-5b1f0e6d7c21",
    ...(await makeKey()),
    enrolled_at: phone.said(),
  });
  await writeMeta(db, "session", { token, expires_at: phone.said(), limited: false });
  return phone;
}
