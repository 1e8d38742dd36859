import { cases } from "@schemas/cases/provisional_folio.json";
import fc from "fast-check";
import { expect, test } from "vitest";
import { provisionalFolio, readProvisionalFolio } from "../../src/shared/folio.ts";
import { uuid7 } from "../../src/shared/uuid7.ts";

test.each(cases)("$description", ({ given, expect: wanted }) => {
  const { report, read } = given as { report?: string; read?: string };
  const found = report !== undefined ? provisionalFolio(report) : readProvisionalFolio(read ?? "");
  expect(found).toBe(wanted.folio ?? null);
});

const folios = fc
  .uint8Array({ minLength: 10, maxLength: 10 })
  .map((bytes) => provisionalFolio(uuid7(1_780_000_000_000, () => new Uint8Array(bytes))));

test("one wrong character is always noticed", () => {
  fc.assert(
    fc.property(folios, fc.nat(8), fc.integer({ min: 1, max: 31 }), (folio, at, shift) => {
      const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
      const letters = [...folio.replaceAll("-", "")];
      letters[at] = alphabet[(alphabet.indexOf(letters[at] ?? "") + shift) % 32] ?? "";
      expect(readProvisionalFolio(letters.join(""))).toBeNull();
    }),
  );
});

test("two swapped characters are always noticed", () => {
  fc.assert(
    fc.property(folios, fc.nat(8), fc.nat(8), (folio, a, b) => {
      const letters = [...folio.replaceAll("-", "")];
      fc.pre(letters[a] !== letters[b]);
      [letters[a], letters[b]] = [letters[b] ?? "", letters[a] ?? ""];
      expect(readProvisionalFolio(letters.join(""))).toBeNull();
    }),
  );
});

test("an id that is none is an error", () => {
  expect(() => provisionalFolio("not-a-uuid")).toThrow(RangeError);
});
