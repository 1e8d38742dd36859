/** What came from the municipality besides reports: what is read when, and what a change touches. */
import { expect, it } from "vitest";
import { Feeds } from "../../../src/app/state/feeds.ts";
import { openStore, writeMeta } from "../../../src/app/storage/account.ts";
import { mine } from "../../../src/app/words/mine.ts";
import type { FeedDocument } from "../../../src/shared/documents.ts";
import { freshStorage } from "../../phone.ts";

freshStorage();

async function stored() {
  const db = await openStore("lupita");
  const put = (feed: "mailbox" | "reference", ...docs: object[]) =>
    Promise.all(docs.map((doc) => db.put(`${feed}-a`, doc as FeedDocument)));
  await put(
    "mailbox",
    { _id: "profile", account: "lupita", blocks: ["m-1"] },
    { _id: "leader:ana", name: "Ana" },
    { _id: "block:m-1", name: "Manzana 1" },
    { _id: "incident:i1", name: "Inundación", reports: [] },
  );
  await put(
    "reference",
    { _id: "settings", timezone: "America/Mexico_City", notice: "2" },
    { _id: "notice:1", version: "1" },
    { _id: "notice:2", version: "2" },
    { _id: "notice:3", version: "3" },
    { _id: "type:lamp", name: "Lámpara" },
    { _id: "area:colonia:centro", kind: "colonia", name: "Centro" },
  );
  return { db, put, feeds: new Feeds(db) };
}

it("reads what a list needs first, the rest after", async () => {
  const { feeds } = await stored();
  await feeds.readLight();
  expect(feeds.profile.value?.account).toBe("lupita");
  expect(feeds.municipality.value?.timezone).toBe("America/Mexico_City");
  expect([...feeds.types.value.keys(), ...feeds.incidents.value.keys()]).toEqual(["lamp", "i1"]);
  expect([feeds.leaders.value.size, feeds.blocks.value.size, feeds.areas.value.size]).toEqual([0, 0, 0]);
  await feeds.readHeavy();
  expect([...feeds.leaders.value.keys()]).toEqual(["ana"]);
  expect([...feeds.blocks.value.keys()]).toEqual(["m-1"]);
  expect([...feeds.areas.value.keys()]).toEqual(["colonia:centro"]);
});

it("shows the notice the municipality names, else the last", async () => {
  const { feeds, put } = await stored();
  await feeds.readLight();
  expect(feeds.notice.value?.version).toBe("2");
  await put("reference", { _id: "settings", timezone: "America/Mexico_City", notice: "9" });
  await feeds.readChanged("reference", ["settings"]);
  expect(feeds.notice.value?.version).toBe("3");
});

it("reads again only what a change touches, each map as a whole", async () => {
  const { feeds, put } = await stored();
  await feeds.readLight();
  const [types, agencies, incidents] = [feeds.types.value, feeds.agencies.value, feeds.incidents.value];
  await put("reference", { _id: "type:leak", name: "Fuga" });
  await feeds.readChanged("reference", ["type:leak"]);
  expect(feeds.agencies.value).toBe(agencies);
  expect([...feeds.types.value.keys()]).toEqual(["lamp", "leak"]);
  expect(types.size).toBe(1);
  expect(feeds.incidents.value).toBe(incidents);
});

it("reads all of a feed where anything may have changed, from the side that is shown", async () => {
  const { db, feeds } = await stored();
  await feeds.readLight();
  await db.put("reference-b", { _id: "type:tree", name: "Árbol" } as unknown as FeedDocument);
  await writeMeta(db, "feed:reference", { side: "b", since: "2", shadow: null, page: 1 });
  await feeds.readChanged("reference", null);
  expect([...feeds.types.value.keys()]).toEqual(["tree"]);
  expect(feeds.municipality.value).toBeNull();
  expect(feeds.incidents.value.size).toBe(1);
});

const square = (size: number) => ({
  type: "Polygon",
  coordinates: [
    [
      [-100, 20],
      [-100 + size, 20],
      [-100 + size, 20 + size],
      [-100, 20],
    ],
  ],
});

it("takes the outline from its own document, and from the settings where there is none", async () => {
  const { feeds, put } = await stored();
  await put("reference", { _id: "settings", timezone: "America/Mexico_City", outline: square(2) });
  await feeds.readLight();
  expect(feeds.outline.value).toEqual(square(2));
  await put("reference", { _id: "outline", schema: "outline.v1", geometry: square(0.5) });
  await feeds.readChanged("reference", ["outline"]);
  expect(feeds.outline.value).toEqual(square(0.5));
});

it("tells of a mailbox over its cap with both numbers, until it no longer is", async () => {
  const { db, feeds, put } = await stored();
  await put("mailbox", { _id: "held", shown: 10_000, total: 24_754 });
  await feeds.readChanged("mailbox", ["held"]);
  const told = feeds.held.value;
  expect(mine.held(told?.shown ?? 0, told?.total ?? 0)).toContain("se muestran 10,000 de 24,754");
  await db.delete("mailbox-a", "held");
  await feeds.readChanged("mailbox", ["held"]);
  expect(feeds.held.value).toBeNull();
  expect(mine.held(999, 1_234_567)).toContain("999 de 1,234,567");
});
