/** A point is never shown as more exact than it is. */
import { expect, test } from "vitest";
import { exactness } from "../../../src/app/report/exactness.ts";

const at = { lat: 20, lon: -101 };

test.each([
  [{ ...at, source: "gps", accuracy: 12.4 }, "Exacto: GPS a ±12 m"],
  [{ ...at, source: "gps", accuracy: 120 }, "Poco exacto: GPS a ±120 m"],
  [{ ...at, source: "pin" }, "Exacto: señalado en el mapa"],
  [{ ...at, source: "block" }, "No es exacto: mitad de la manzana 69"],
  [{ ...at, source: "none" }, "No es exacto: punto aproximado"],
  [{ source: "address" }, "Sin punto en el mapa: sólo lo escrito"],
] as const)("%o", (place, words) => {
  expect(exactness(place, "Manzana 69")).toBe(words);
});

test("without the block's name it is still the middle of one", () => {
  expect(exactness({ ...at, source: "block" }, null)).toBe("No es exacto: mitad de la manzana");
});
