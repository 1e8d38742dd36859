import { expect, it } from "vitest";
import { centre } from "../../../src/app/ui/centre.ts";

const square = (x: number, y: number, size: number) => [
  [x, y],
  [x + size, y],
  [x + size, y + size],
  [x, y + size],
  [x, y],
];

it("is the middle of an area, the largest of several", () => {
  expect(centre({ type: "Polygon", coordinates: [square(-101, 20, 0.002)] })).toEqual({
    lat: 20.001,
    lon: -100.999,
  });
  const two = { type: "MultiPolygon" as const, coordinates: [[square(0, 0, 0.001)], [square(10, 10, 0.01)]] };
  expect(centre(two)).toEqual({ lat: 10.005, lon: 10.005 });
});

it("is nothing where there is no area", () => {
  expect(centre({ type: "Polygon", coordinates: [] })).toBeNull();
});
