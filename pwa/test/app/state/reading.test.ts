/** A report's page: the copy with what this phone did over it, followed while it is looked at. */
import { expect, it, vi } from "vitest";
import * as acts from "../../../src/app/state/acts.ts";
import { watchReport } from "../../../src/app/state/reading.ts";
import { ring } from "../../../src/app/storage/bell.ts";
import type { FeedDocument } from "../../../src/shared/documents.ts";
import { freshPhone, opened, until } from "../../opened.ts";
import { TestPhone } from "../../phone.ts";

freshPhone();

const ID = "0192f3a0-0001-7000-8000-000000000001";
const copy = (more: object = {}) =>
  ({
    _id: `report:${ID}`,
    version: 1,
    events: [],
    status: "captured",
    captured_by: "lupita",
    captured_at: "2026-11-22T10:00:00.000Z",
    view: "full",
    ...more,
  }) as unknown as FeedDocument;

async function page(more: object = {}) {
  const { account } = await opened("lupita", { online: false });
  await account.db.put("mailbox-a", copy(more));
  await account.db.put("mailbox-a", { _id: "profile", account: "lupita" } as unknown as FeedDocument);
  await account.feeds.readLight();
  account.begin();
  await account.listing.whole();
  return { account, watched: watchReport(account, ID) };
}

it("is read, and read again when its copy changes; not for another's", async () => {
  const { account, watched } = await page();
  const { report } = watched;
  expect(report.value).toBeUndefined();
  await until(() => expect(report.value).toMatchObject({ id: ID, status: "captured", can_withdraw: true }));
  await account.db.put("mailbox-a", copy({ version: 2, status: "finished" }));
  ring({ account: "lupita", what: "mailbox", ids: ["report:other"] });
  ring({ account: "lupita", what: "drafts" });
  await new Promise((resolve) => setImmediate(resolve));
  expect(report.value?.status).toBe("captured");
  ring({ account: "lupita", what: "mailbox", ids: [`report:${ID}`] });
  await until(() => expect(report.value).toMatchObject({ status: "finished", can_withdraw: false }));
  watched.dispose();
});

it("shows at once what was done here, photos included", async () => {
  const { account, watched } = await page();
  const phone = new TestPhone("lupita", account.db, account.around.phone);
  await phone.photo("a1");
  await acts.act(account, { kind: "noted", report: ID, payload: { text: "sigue igual" }, photos: ["a1"] });
  await until(() =>
    expect(watched.report.value).toMatchObject({
      pending: 1,
      timeline: [{ kind: "noted", payload: { text: "sigue igual" } }],
      local_photos: [{ id: "a1", state: "ready" }],
    }),
  );
  watched.dispose();
});

it("is null where it is not on the phone", async () => {
  const { account } = await page();
  const { report, dispose } = watchReport(account, ID.replace("1-7", "2-7"));
  await until(() => expect(report.value).toBeNull());
  dispose();
});

it("is not followed once disposed of, nor once the account is closed", async () => {
  const { account, watched } = await page();
  const other = watchReport(account, ID);
  await until(() => expect([watched.report.value?.version, other.report.value?.version]).toEqual([1, 1]));
  watched.dispose();
  await account.db.put("mailbox-a", copy({ version: 2 }));
  ring({ account: "lupita", what: "mailbox", ids: [`report:${ID}`] });
  await until(() => expect(other.report.value?.version).toBe(2));
  expect(watched.report.value?.version).toBe(1);
  account.close();
  const read = vi.spyOn(account.life, "spawn");
  ring({ account: "lupita", what: "mailbox", ids: [`report:${ID}`] });
  await new Promise((resolve) => setImmediate(resolve));
  expect(other.report.value?.version).toBe(2);
  expect(read).not.toHaveBeenCalled();
});
