/** The shared table of what people say, over the catalogue that a new municipality starts with. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import table from "@schemas/cases/type_words.json";
import said from "@schemas/finding/said.json";
import { describe, expect, it, test, vi } from "vitest";
import {
  type Findable,
  Finder,
  type Found,
  finder,
  toldOf,
  warm,
  whose,
} from "../../../src/app/finding/finder.ts";
import { fold, stem } from "../../../src/app/finding/sounding.ts";

interface Case {
  said: string;
  types?: string[];
  first?: string[];
  elsewhere?: string[];
  help?: boolean;
}

const folder = join(import.meta.dirname, "../../../../server/catalogue/data/types");
const types = new Map<string, Findable>();
for (const file of readdirSync(folder).sort()) {
  const read = JSON.parse(readFileSync(join(folder, file), "utf8")) as {
    types: (Findable & { id: string })[];
  };
  for (const type of read.types) types.set(type.id, type);
}
const catalogue = new Finder(types);
const nothing: Found = { types: [], help: false, elsewhere: [] };

function right(one: Case, found: Found): boolean {
  const wanted = one.types ?? one.first ?? [];
  const others = one.elsewhere ?? [];
  if (wanted.length + others.length === 0 && !one.help)
    return JSON.stringify(found) === JSON.stringify(nothing);
  if (one.help && !found.help) return false;
  return (
    (wanted.length === 0 && others.length === 0) ||
    found.types.slice(0, 3).some((type) => wanted.includes(type)) ||
    found.elsewhere.some((id) => others.includes(id))
  );
}

test("nine of ten phrases it never learned from find their type", () => {
  const cases = table.cases as Case[];
  const wrong = cases.filter((one) => !right(one, catalogue.find(one.said)));
  expect(cases.length).toBeGreaterThanOrEqual(150);
  expect(wrong.length, wrong.map((one) => one.said).join("; ")).toBeLessThanOrEqual(cases.length / 10);
});

test("nearly every way it learned from finds its type", () => {
  const ways = Object.entries(said.types).flatMap(([id, texts]) => texts.map((text) => [id, text] as const));
  const wrong = ways.filter(([id, text]) => !catalogue.find(text).types.slice(0, 3).includes(id));
  expect(ways.length).toBeGreaterThanOrEqual(600);
  expect(wrong.length, JSON.stringify(wrong)).toBeLessThanOrEqual(ways.length / 100);
});

test.each(table.firm as Case[])("may never be missed: $said", (one) => {
  const found = catalogue.find(one.said);
  expect(found.types.slice(0, one.first?.length ?? 0)).toEqual(one.first ?? []);
  expect(right(one, found), JSON.stringify(found)).toBe(true);
  if (one.help !== undefined) expect(found.help).toBe(one.help);
});

test("the stems are the server's", () => {
  const words = Object.keys(table.stems);
  expect(Object.fromEntries(words.map((word) => [word, stem(fold(word))]))).toEqual(table.stems);
});

describe("the search", () => {
  it("forgives a mistake only where nothing exact stands", () => {
    expect(catalogue.find("semaforro").types[0]).toBe("semaforo-apagado");
    expect(catalogue.find("tope cachex")).toEqual(catalogue.find("tope"));
  });

  it("finds each type first by its own name", () => {
    for (const [id, type] of types)
      if (type.active && id !== "unknown") expect(catalogue.find(type.name).types[0], type.name).toBe(id);
  });

  it.each(["", "   ", "de la en el", "12345"])("finds nothing in %j", (text) => {
    expect(catalogue.find(text)).toEqual(nothing);
  });

  it("is made anew only when the catalogue is another", () => {
    expect(finder(types)).toBe(finder(types));
    expect(finder(new Map(types))).not.toBe(finder(types));
  });

  it("is made ready in small steps, once", async () => {
    vi.resetModules();
    const fresh = await import("../../../src/app/finding/finder.ts");
    let steps = 0;
    await fresh.warm(async () => void steps++);
    expect(steps).toBeGreaterThan(100);
    expect(new fresh.Finder(types).find("hay un bache")).toEqual(catalogue.find("hay un bache"));
    steps = 0;
    await warm(async () => void steps++);
    expect(steps).toBe(0);
  });

  it("says where what is not reported on the phone leads, and whose another's matter is", () => {
    for (const [id, type] of types) {
      const apart = (type as { family?: string }).family === "question" && id !== "unknown";
      expect(toldOf(id) !== null, id).toBe(apart);
    }
    expect(catalogue.find("se fue la luz en mi casa").elsewhere.map(whose)).toEqual([
      expect.stringContaining("071"),
    ]);
  });
});
