import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isWithin, letters, missing, normalise, words } from "../../src/shared/normalise.ts";
import { SearchIndex } from "../../src/shared/search.ts";

const texts: Record<string, string> = {
  a: "Luminaria apagada · Calle Jardín Juárez 14",
  b: "Fuga de agua en la banqueta, Avenida Reforma",
  c: "Bache grande frente a la escuela Niños Héroes",
  d: "HMO-000123 árbol caído",
};

function indexed(entries: [string, string][]): SearchIndex {
  const index = new SearchIndex();
  for (const [id, text] of entries) index.put(id, text);
  return index;
}
const found = (index: SearchIndex, query: string): string[] => index.find(query, 10).map(({ id }) => id);

describe("finding", () => {
  const index = indexed(Object.entries(texts));
  test.each([
    ["jardin", ["a"]],
    ["JARDÍN juarez", ["a"]],
    ["lumi", ["a"]],
    ["luminria", ["a"]],
    ["lumianria", ["a"]],
    ["ninos heroes", ["c"]],
    ["fuga reforma", ["b"]],
    ["fuga juarez", []],
    ["000123", ["d"]],
    ["hmo", ["d"]],
    ["arbol", ["d"]],
    ["", []],
    ["···", []],
  ])("%s", (query, ids) => {
    expect(found(index, query)).toEqual(ids);
  });

  test("a whole word comes before a beginning", () => {
    const two = indexed([
      ["long", "fugaz"],
      ["short", "fuga"],
    ]);
    expect(found(two, "fuga")).toEqual(["short", "long"]);
  });
});

test("one by one, changed or all at once: the same answers", () => {
  const word = fc.constantFrom("luz", "fuga", "bache", "jardín", "poste", "calle", "ágil");
  const text = fc.array(word, { maxLength: 4 }).map((list) => list.join(" "));
  const edits = fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.option(text, { nil: null })), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(edits, word, (list, query) => {
      const changing = new SearchIndex();
      const last = new Map<string, string>();
      for (const [id, value] of list) {
        if (value === null) {
          changing.remove(id);
          last.delete(id);
        } else {
          changing.put(id, value);
          last.set(id, value);
        }
      }
      const whole = indexed([...last]);
      expect(new Set(found(changing, query))).toEqual(new Set(found(whole, query)));
      expect(changing.size).toBe(last.size);
    }),
  );
});

test("accents, case and ñ do not matter", () => {
  expect(normalise("ÑANDÚ Ágüeda")).toBe("nandu agueda");
  expect(words("Folio K7Q-M2R-9TX, ¡hoy!")).toEqual(["folio", "k7q", "m2r", "9tx", "hoy"]);
});

describe("isWithin", () => {
  test("every single edit is within one, every pair within two", () => {
    const letters = fc.string({ unit: fc.constantFrom(..."abcde"), minLength: 3, maxLength: 9 });
    const edit = (text: string, kind: number, at: number, letter: string): string => {
      const i = at % text.length;
      if (kind === 0) return text.slice(0, i) + text.slice(i + 1);
      if (kind === 1) return text.slice(0, i) + letter + text.slice(i);
      return text.slice(0, i) + letter + text.slice(i + 1);
    };
    fc.assert(
      fc.property(letters, fc.nat(2), fc.nat(20), fc.constantFrom(..."abcde"), (text, kind, at, letter) => {
        const once = edit(text, kind, at, letter);
        expect(isWithin(text, once, 1, false)).toBe(true);
        expect(isWithin(once, text, 1, true)).toBe(true);
      }),
    );
  });
  test.each([
    ["abcd", "abdc", 1, false, true],
    ["abcd", "abcd", 0, false, true],
    ["abcd", "abcdxyz", 1, false, false],
    ["abcd", "abcdxyz", 0, true, true],
    ["abce", "abcdxyz", 1, true, true],
    ["wxyz", "abcd", 2, false, false],
  ])("%s %s %i prefix=%s → %s", (a, b, most, prefix, wanted) => {
    expect(isWithin(a as string, b as string, most as number, prefix as boolean)).toBe(wanted);
  });
});

test("no word within reach is passed over for its letters", () => {
  const letter = fc.constantFrom(..."abcñ01".split(""));
  const word = fc.string({ unit: letter, minLength: 1, maxLength: 8 }).map(normalise);
  fc.assert(
    fc.property(word, word, fc.constantFrom(1, 2), fc.boolean(), (a, b, most, prefix) => {
      if (isWithin(a, b, most, prefix)) expect(missing(letters(a), letters(b))).toBeLessThanOrEqual(most);
    }),
    { numRuns: 2000 },
  );
  expect(missing(letters("fuga"), letters("bache"))).toBe(3);
  expect(missing(letters("lampra"), letters("lampara"))).toBe(0);
  expect(missing(letters("h0z"), letters("9"))).toBe(2);
});
