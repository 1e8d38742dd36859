/** Where a point lies and what is open near it. */
import { signal } from "@preact/signals";
import { expect, it } from "vitest";
import { Feeds } from "../../../src/app/state/feeds.ts";
import type { Listing } from "../../../src/app/state/listing.ts";
import { Places } from "../../../src/app/state/places.ts";
import { openStore } from "../../../src/app/storage/account.ts";
import { rowOfReport } from "../../../src/app/storage/rows.ts";
import type { ReportRow } from "../../../src/app/storage/shown.ts";
import type { Area, Block, Geometry, PetitionType, Profile, Report } from "../../../src/shared/documents.ts";
import { freshStorage } from "../../phone.ts";

freshStorage();

const square = (west: number, south: number, side: number): Geometry => ({
  type: "Polygon",
  coordinates: [
    [
      [west, south],
      [west + side, south],
      [west + side, south + side],
      [west, south + side],
      [west, south],
    ],
  ],
});
const block = (id: string, west: number) =>
  [id, { _id: `block:${id}`, name: id, geometry: square(west, 20, 0.001) }] as [string, Block];
const row = (id: string, lat: number, more: object = {}): ReportRow => {
  const report = {
    status: "captured",
    family: "luz",
    type: "lamp",
    place: { lat, lon: -101 },
    ...more,
  } as Report;
  return { ...rowOfReport("0192f3a0-0001-7000-8000-000000000001", report), id } as ReportRow;
};

async function places(rows: ReportRow[] = []) {
  const feeds = new Feeds(await openStore("lupita"));
  // A street's width of 20 m between two blocks.
  feeds.blocks.value = new Map([block("m-1", -101), block("m-2", -101 + 0.001 + 0.00019)]);
  feeds.areas.value = new Map([
    ["colonia:centro", { kind: "colonia", name: "Centro", geometry: square(-101.01, 19.99, 0.02) } as Area],
    [
      "colonia:barrio",
      { kind: "colonia", name: "Barrio", geometry: square(-101.001, 19.999, 0.004) } as Area,
    ],
    ["sector:1", { kind: "sector", name: "Cuartel 1", geometry: square(-101.01, 19.99, 0.02) } as Area],
  ]);
  return { feeds, places: new Places(feeds, { rows: signal(rows) } as unknown as Listing) };
}

it("a point lies in the smallest colonia and in the nearest block of the street", async () => {
  const { places: at } = await places();
  const found = at.locate(20.0005, -101 + 0.001 + 0.00005);
  expect([found.colonia?.name, found.sector?.name, found.outside]).toEqual(["Barrio", "Cuartel 1", false]);
  expect(found.blocks.map(({ id }) => id)).toEqual(["m-1", "m-2"]);
  expect(found.block?.distance).toBeCloseTo(5.2, 0);
});

it("one's own block comes first where both are within reach", async () => {
  const { feeds, places: at } = await places();
  feeds.profile.value = { blocks: ["m-2"] } as Profile;
  expect(at.locate(20.0005, -101 + 0.001 + 0.00005).block?.id).toBe("m-2");
});

it("beyond reach there is no block, and beyond its outline no municipality", async () => {
  const { feeds, places: at } = await places();
  feeds.municipality.value = { outline: square(-101.01, 19.99, 0.02) } as never;
  expect(at.locate(20.5, -101)).toEqual({
    colonia: null,
    sector: null,
    block: null,
    blocks: [],
    outside: true,
  });
});

it("follows the shapes that come later", async () => {
  const { feeds, places: at } = await places();
  expect(at.locate(20.0005, -100.5).colonia).toBeNull();
  const far = { kind: "colonia", name: "Lejos", geometry: square(-100.51, 19.99, 0.02) } as Area;
  feeds.areas.value = new Map([...feeds.areas.value, ["colonia:lejos", far]]);
  expect(at.locate(20.0005, -100.5).colonia?.id).toBe("lejos");
});

it("near are open reports of the family within a hundred metres, the nearest first", async () => {
  const { feeds, places: at } = await places([
    row("far", 20.00091),
    row("near", 20.0004),
    row("edge", 20.0009),
    row("same", 20.0001, { type: "post" }),
    row("other", 20.0001, { type: "leak", family: "agua" }),
    row("done", 20.0001, { status: "finished" }),
    row("nowhere", 20, { place: {} }),
  ]);
  feeds.types.value = new Map([["lamp", { family: "luz" } as PetitionType]]);
  const near = (type?: string, radius?: number) => at.nearby(20, -101, type, radius).map((one) => one.row.id);
  expect(near("lamp")).toEqual(["same", "near", "edge"]);
  expect(near()).toEqual(["same", "other", "near", "edge"]);
  expect(near("lamp", 20)).toEqual(["same"]);
});
