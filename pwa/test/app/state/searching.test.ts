/** A report is found by its folio as people say it. */

import { signal } from "@preact/signals";
import { expect, it, test } from "vitest";
import { Feeds } from "../../../src/app/state/feeds.ts";
import { Ledger } from "../../../src/app/state/ledger.ts";
import { Listing } from "../../../src/app/state/listing.ts";
import { Search, textOf } from "../../../src/app/state/searching.ts";
import { pull } from "../../../src/app/sync/pull.ts";
import type { Report } from "../../../src/shared/documents.ts";
import { words } from "../../../src/shared/normalise.ts";
import { SearchIndex } from "../../../src/shared/search.ts";
import { Municipality } from "../../municipality.ts";
import { living } from "../../opened.ts";
import { enrolledPhone, freshStorage } from "../../phone.ts";

freshStorage();

const names = { types: new Map(), agencies: new Map() };
const report = (members: Partial<Report>): Report => ({ ...members }) as Report;

it.each(["330", "VE330", "ve 330", "VE-000330", "VE000330", "000330"])("%s finds VE-000330", (asked) => {
  const index = new SearchIndex();
  index.put("a", textOf("aaaaaaaa-0000", report({ folio: "VE-000330" }), names));
  index.put("b", textOf("bbbbbbbb-0000", report({ folio: "VE-000331", aliases: ["SAC-77"] }), names));
  expect(index.find(asked, 10).map(({ id }) => id)).toEqual(["a"]);
});

it("an old system's folio is said alike", () => {
  const index = new SearchIndex();
  index.put("b", textOf("bbbbbbbb-0000", report({ folio: "VE-000331", aliases: ["SAC-00077"] }), names));
  expect(index.find("sac77", 10)).toHaveLength(1);
});

test("ordinals fold as on the server", () => {
  expect(words("2ª cerrada, 1º piso, Nº 4, 3° nivel")).toEqual([
    "2a",
    "cerrada",
    "1o",
    "piso",
    "no",
    "4",
    "3o",
    "nivel",
  ]);
});

const ID = (n: number) => `0192f3a0-0000-7000-8000-${String(n).padStart(12, "0")}`;
const stored = (n: number, text: string) => ({
  _id: `report:${ID(n)}`,
  version: n,
  events: [],
  status: "captured",
  captured_at: "2026-11-22T16:00:00.000Z",
  view: "full",
  text,
});

/** A phone with `count` reports, everything pulled and listed. */
async function phoneWith(count: number, breathe: () => Promise<void> = async () => undefined) {
  const [city, phone] = [new Municipality(), await enrolledPhone()];
  const { db } = phone;
  for (let n = 1; n <= count; n++) city.put("mailbox", stored(n, n === count ? "bache profundo" : "lámpara"));
  await pull(db, city.line, "mailbox");
  const feeds = new Feeds(db);
  const ledger = new Ledger({ db, life: living(), drafts: signal([]), isHeard: signal(true) });
  const listing = new Listing({ db, ledger, feeds, looked: () => undefined });
  await listing.read();
  const search = new Search({ db, feeds, listing, breathe });
  const found = (query: string) => search.find(query).map(({ row }) => row.id);
  return { phone, db, ledger, listing, search, found };
}

test("everything on the phone is found, read in slices with a breath between", async () => {
  let breaths = 0;
  const { search, found } = await phoneWith(130, async () => {
    breaths += 1;
  });
  expect(found("bache")).toEqual([]);
  await search.build();
  expect(found("bache")).toEqual([ID(130)]);
  expect(search.find("lampara", 200)).toHaveLength(129);
  expect(breaths).toBe(2);
});

test("a report changed while the index is built is found as it now stands", async () => {
  let change: () => Promise<void> = async () => undefined;
  const { phone, search, ledger, listing, found } = await phoneWith(70, () => change());
  change = async () => {
    change = async () => undefined;
    const { report: subject } = await phone.capture({
      payload: { type: "tree", text: "árbol caído" },
    } as never);
    await ledger.read();
    await listing.readReports(new Set([subject]));
    await search.put([subject]);
  };
  await search.build();
  expect(found("árbol caído")).toHaveLength(1);
  expect(found("bache")).toEqual([ID(70)]);
});

test("a newer building ends an older one", async () => {
  let again: () => Promise<void> = async () => undefined;
  const { search, found } = await phoneWith(70, () => again());
  again = async () => {
    again = async () => undefined;
    await search.build();
  };
  await search.build();
  expect(found("bache")).toEqual([ID(70)]);
});

test("what has left the phone is found no more", async () => {
  const { db, search, listing, found } = await phoneWith(2);
  await search.build();
  await db.delete("mailbox-a", `report:${ID(2)}`);
  await listing.readReports(new Set([ID(2)]));
  await search.put([ID(2)]);
  expect(found("bache")).toEqual([]);
});
