import { expect, test } from "vitest";
import { pictogramOf } from "../../../src/app/words/families.ts";

test("a type shows its own pictogram where there is one, else its family's", () => {
  expect(pictogramOf({ family: "fire", pictogram: "fire" })).toBe("fire");
  expect(pictogramOf({ family: "fire", pictogram: "protection" })).toBe("protection");
  expect(pictogramOf({ family: "drain", pictogram: "a-well-nobody-drew" })).toBe("drain");
});
