import { expect, it } from "vitest";
import { entries, matches } from "../../../src/app/registry/entries.ts";
import type { Block, Leader } from "../../../src/shared/documents.ts";

const geometry = { type: "Polygon", coordinates: [] } as unknown as Block["geometry"];
const block = (id: string, more: Partial<Block> = {}): Block => ({
  _id: `block:${id}`,
  name: `Manzana ${id}`,
  geometry,
  ...more,
});
const leader = (more: Partial<Leader>): Leader => ({
  _id: "leader:x",
  name: "Ángel Núñez",
  blocks: ["2"],
  status: "active",
  ...more,
});

it("sorts blocks as numbers and says who leads them", () => {
  const all = entries([block("10"), block("2")], [leader({ phone: "442", account: "angel" })]);
  expect(all.map((one) => [one.block.name, one.name, one.vacant])).toEqual([
    ["Manzana 2", "Ángel Núñez", false],
    ["Manzana 10", "", true],
  ]);
  expect(all[0]).toMatchObject({ phone: "442", account: "angel" });
});

it("an appointment under way is neither a leader nor silence", () => {
  expect(entries([block("2")], [leader({ status: "pending" })])[0]).toMatchObject({
    vacant: true,
    pending: true,
    name: "",
  });
});

it("finds names without accents and blocks by number", () => {
  const [one] = entries([block("2")], [leader({})]);
  expect(
    one && [matches(one, "angel nun"), matches(one, "2"), matches(one, "rosa"), matches(one, " ")],
  ).toEqual([true, true, false, true]);
});
