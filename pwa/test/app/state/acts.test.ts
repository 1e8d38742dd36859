/** What a person does, as it is written: by whom, on what was seen, and how it is taken back. */
import { describe, expect, it } from "vitest";
import type { Account } from "../../../src/app/state/account.ts";
import * as acts from "../../../src/app/state/acts.ts";
import type { Capture } from "../../../src/app/state/contract.ts";
import type { FeedDocument, PetitionType, Profile } from "../../../src/shared/documents.ts";
import { freshPhone, type Opening, opened, until } from "../../opened.ts";
import { TestPhone } from "../../phone.ts";

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
const ID = "0192f3a0-0001-7000-8000-000000000001";

async function here(opening: Opening = {}): Promise<Account> {
  const { account } = await opened("lupita", { online: false, ...opening });
  await account.db.put("mailbox-a", {
    _id: `report:${ID}`,
    version: 3,
    events: ["event:a", "event:b"],
    status: "captured",
    captured_at: "2026-11-22T10:00:00.000Z",
    view: "full",
    priority: 1,
    type: "leak",
    folio: "VE-000330",
    place: { street: "Juárez" },
  } as unknown as FeedDocument);
  account.begin();
  await account.listing.whole();
  await account.listing.readReports(new Set([ID]));
  return account;
}
const record = async (account: Account, uuid: string) => {
  const found = await account.db.get("outbox", uuid);
  if (!found) throw new Error("not in the outbox");
  return found;
};

describe("a capture", () => {
  it("is its author's: role, channel, version of the app and of the notice", async () => {
    const account = await here({ role: "brigade" });
    account.feeds.notice.value = { version: "4" } as never;
    const { uuid } = await acts.capture(account, CAPTURE);
    expect(await record(account, uuid)).toMatchObject({
      kind: "captured",
      actor: "lupita",
      role: "brigade",
      urgent: false,
      raw: { payload: { channel: "brigada" }, app: "0.0.0-test", privacy_notice: "4", based_on: [] },
    });
    // The role as the municipality last told it counts over that of the enrolment.
    account.feeds.profile.value = { account: "lupita", role: "block_leader" } as Profile;
    const again = await acts.capture(account, CAPTURE);
    expect(await record(account, again.uuid)).toMatchObject({
      role: "block_leader",
      raw: { payload: { channel: "jefe-de-manzana" } },
    });
  });

  it("is urgent where its type is", async () => {
    const account = await here();
    account.feeds.types.value = new Map([["lamp", { urgent: true } as PetitionType]]);
    const { uuid } = await acts.capture(account, CAPTURE);
    expect((await record(account, uuid)).urgent).toBe(true);
  });

  it("takes the last keystroke of its draft along, and the draft ends", async () => {
    const account = await here();
    void account.drafts.save("capture:1", { text: "uno" }, []);
    void account.drafts.save("capture:1", { text: "uno dos" }, []);
    const { uuid } = await acts.capture(account, { ...CAPTURE, draft: "capture:1" });
    await account.settled();
    expect(await account.db.getAllKeys("drafts")).toEqual([]);
    expect((await record(account, uuid)).undo?.draft?.body).toEqual({ text: "uno dos" });
  });
});

describe("an act", () => {
  it("rests on what was seen: the copy's events, then this phone's own", async () => {
    const account = await here();
    const first = await acts.act(account, { kind: "noted", report: ID, payload: { text: "uno" } });
    await until(() => expect(account.ledger.records).toHaveLength(1));
    const { uuid } = await acts.act(account, { kind: "noted", report: ID, payload: { text: "dos" } });
    expect(await record(account, uuid)).toMatchObject({
      subject: ID,
      urgent: true,
      type: "leak",
      about: { folio: "VE-000330", street: "Juárez" },
      raw: { based_on: ["event:a", "event:b", `event:${ID}:${first.uuid}`] },
      undo: { hold: true },
    });
  });

  it("that opens something has a subject of its own, and of several all are written or none", async () => {
    const account = await here();
    const subject = "0192f3a0-0009-7000-8000-000000000009";
    const [opening, joining] = await acts.actAll(account, [
      { kind: "incident_opened", report: subject, payload: { name: "Inundación" } },
      { kind: "incident_joined", report: ID, payload: { incident: subject } },
    ]);
    expect([opening?.report, joining?.report]).toEqual([subject, ID]);
    await until(() => expect(account.incidents.value.get(subject)?.reports).toEqual([ID]));
    const refused = acts.actAll(account, [
      { kind: "noted", report: ID, payload: { text: "sí" } },
      { kind: "noted", report: ID, payload: { text: "no" }, photos: ["gone"], at_once: true },
      undefined as never,
    ]);
    await expect(refused).rejects.toThrow();
    expect(await account.db.count("outbox")).toBe(2);
  });
});

describe("taken back", () => {
  it("is gone where nothing can have left, and its form is a draft again", async () => {
    const account = await here();
    await account.drafts.save("capture:1", { text: "hola" }, []);
    const saved = await acts.capture(account, { ...CAPTURE, draft: "capture:1" });
    expect(await acts.takeBack(account, [saved])).toEqual({ done: "gone", drafts: ["capture:1"] });
    expect(await account.db.count("outbox")).toBe(0);
    await until(() => expect(account.listing.row(saved.report)).toBeUndefined());
  });

  it("is withdrawn where a capture may have left, and stands where another act may", async () => {
    const account = await here();
    const saved = await acts.capture(account, CAPTURE);
    const noted = await acts.act(account, { kind: "noted", report: ID, payload: { text: "x" } });
    for (const { uuid } of [saved, noted])
      await account.db.put("outbox", { ...(await record(account, uuid)), offered: true });
    await account.ledger.read();
    expect((await acts.takeBack(account, [saved])).done).toBe("withdrawn");
    await until(() => expect(account.listing.row(saved.report)?.status).toBe("withdrawn"));
    expect(await acts.takeBack(account, [noted])).toEqual({ done: "late", drafts: [] });
  });
});

it("a photo that cannot be drawn holds back what is not urgent, and is left out of what is", async () => {
  const account = await here();
  const phone = new TestPhone("lupita", account.db, account.around.phone);
  await phone.photo("a1", true, { state: "broken" });
  await expect(acts.capture(account, { ...CAPTURE, photos: ["a1"] })).rejects.toMatchObject({ ids: ["a1"] });
  expect(await account.db.count("outbox")).toBe(0);
  const { uuid } = await acts.capture(account, { ...CAPTURE, urgent: true, photos: ["a1"] });
  await until(async () => expect((await record(account, uuid)).event?.photos).toEqual([]));
  expect(await acts.photoUsable(account, "a1")).toBe(false);
});
