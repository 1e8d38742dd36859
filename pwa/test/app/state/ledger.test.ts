/** The outbox as screens see it; when an urgent capture is said to have reached nobody. */
import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, test, vi } from "vitest";
import { Ledger, URGENT_MS } from "../../../src/app/state/ledger.ts";
import { Life } from "../../../src/app/state/life.ts";
import type { AccountStore } from "../../../src/app/storage/account.ts";
import type { DraftRecord, OutboxRecord } from "../../../src/app/storage/records.ts";
import { enrolledPhone, freshStorage } from "../../phone.ts";

const NOON = Date.parse("2026-11-22T18:00:00.000Z");
const urgent = {
  uuid: "0192f3a0-0002-7000-8000-000000000001",
  subject: "0192f3a0-0001-7000-8000-000000000001",
  kind: "captured",
  urgent: true,
  custody: "saved",
  saved_at: new Date(NOON).toISOString(),
  photos: [],
};

describe("an urgent capture has reached nobody", () => {
  let life: Life;
  let ledger: Ledger;
  let held: object[];
  const isHeard = signal(true);
  const unheard = () => ledger.counts.value.urgent_unreceived.length;

  beforeEach(() => {
    vi.useFakeTimers({ now: NOON });
    isHeard.value = true;
    life = new Life();
    held = [urgent];
    const db = { getAll: async (name: string) => (name === "outbox" ? held : []) } as unknown as AccountStore;
    ledger = new Ledger({ db, life, drafts: signal([]), isHeard });
  });
  afterEach(() => {
    life.end();
    vi.useRealTimers();
  });

  test("without a line that works, from the first moment", async () => {
    isHeard.value = false;
    await ledger.read();
    expect(unheard()).toBe(1);
  });

  test("with one, only after what a line needs", async () => {
    await ledger.read();
    expect(unheard()).toBe(0);
    vi.advanceTimersByTime(URGENT_MS - 1);
    expect(unheard()).toBe(0);
    vi.advanceTimersByTime(1);
    expect(unheard()).toBe(1);
  });

  test("the moment the line breaks, or the municipality does not answer", async () => {
    await ledger.read();
    isHeard.value = false;
    expect(unheard()).toBe(1);
    isHeard.value = true;
    expect(unheard()).toBe(0);
  });

  test("not what is received, nor what is not urgent", async () => {
    isHeard.value = false;
    held = [{ ...urgent, custody: "received" }];
    await ledger.read();
    expect(unheard()).toBe(0);
    held = [{ ...urgent, urgent: false }];
    await ledger.read();
    ledger.count(NOON + 600_000);
    expect(unheard()).toBe(0);
  });

  test("and nothing is counted any more once the account is closed", async () => {
    await ledger.read();
    life.end();
    expect(vi.getTimerCount()).toBe(0);
    isHeard.value = false;
    expect(unheard()).toBe(0);
  });
});

describe("of what is on the phone", () => {
  freshStorage();
  async function phoneWithLedger(drafts: DraftRecord[] = []) {
    const phone = await enrolledPhone();
    const life = new Life();
    return {
      phone,
      ledger: new Ledger({ db: phone.db, life, drafts: signal(drafts), isHeard: signal(true) }),
    };
  }

  it("counts exactly what no server has received", async () => {
    const { phone, ledger } = await phoneWithLedger([
      { key: "capture", body: {}, photos: [], updated_at: "" },
    ]);
    await phone.photo("a1");
    await phone.photo("draft");
    const { uuid } = await phone.capture({ photos: ["a1"] });
    const sent = await phone.capture();
    const record = (await phone.db.get("outbox", sent.uuid)) as OutboxRecord;
    await phone.db.put("outbox", { ...record, custody: "received" });
    await ledger.read();
    expect(ledger.counts.value).toMatchObject({ on_phone: 1, photos_on_phone: 1, refused: 0, drafts: 1 });
    expect(ledger.records.map((one) => one.uuid)).toEqual([uuid, sent.uuid]);
    // Newest first on the screen, each with its photos.
    expect(ledger.items.value.map((one) => [one.uuid, one.custody, one.photos.length])).toEqual([
      [sent.uuid, "received", 0],
      [uuid, "saved", 1],
    ]);
  });

  it("lets go what was refused with its photos, and not what only waits or is on its way", async () => {
    const { phone, ledger } = await phoneWithLedger();
    await phone.photo("a1");
    const refused = await phone.capture({ photos: ["a1"] });
    const [kept, waiting] = [await phone.capture(), await phone.capture()];
    const change = async (uuid: string, more: Partial<OutboxRecord>) =>
      phone.db.put("outbox", { ...((await phone.db.get("outbox", uuid)) as OutboxRecord), ...more });
    const why = (code: string) => ({ code, message: "Una frase.", at: "" });
    await change(refused.uuid, { custody: "refused", why: why("type_unknown") });
    await change(waiting.uuid, { custody: "quarantined", why: why("report_unknown") });
    for (const { uuid } of [refused, kept, waiting]) await ledger.dismiss(uuid);
    expect((await phone.db.getAllKeys("outbox")).sort()).toEqual([kept.uuid, waiting.uuid].sort());
    expect([await phone.db.count("photos"), await phone.db.count("bytes")]).toEqual([0, 0]);
  });

  it("gives photos that failed another chance", async () => {
    const { phone, ledger } = await phoneWithLedger();
    await phone.photo("a1", true, { failures: 3 });
    await ledger.forgiveFailures();
    expect((await phone.db.get("photos", "a1"))?.failures).toBe(0);
  });
});
