import fc from "fast-check";
import { expect, test } from "vitest";
import type { Geometry } from "../../src/shared/documents.ts";
import { contains, distance, distanceTo, isNear, shapeOf, smallestAt } from "../../src/shared/geometry.ts";

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

test("a hole is outside, an island of a multipolygon inside", () => {
  const ring = square(-110.96, 29.07, 0.01) as Extract<Geometry, { type: "Polygon" }>;
  const hole = (square(-110.957, 29.073, 0.002) as typeof ring).coordinates[0] as number[][];
  const shape = shapeOf("x", {
    type: "MultiPolygon",
    coordinates: [[ring.coordinates[0] as number[][], hole]],
  });
  expect(contains(shape, 29.071, -110.959)).toBe(true);
  expect(contains(shape, 29.074, -110.956)).toBe(false);
  expect(contains(shape, 29.2, -110.959)).toBe(false);
});

test("the smallest of several wins", () => {
  const shapes = [shapeOf("city", square(-111, 29, 0.5)), shapeOf("colonia", square(-110.96, 29.07, 0.01))];
  expect(smallestAt(shapes, 29.075, -110.955)).toBe("colonia");
  expect(smallestAt(shapes, 29.3, -110.8)).toBe("city");
  expect(smallestAt(shapes, 20, -100)).toBeNull();
});

test("distances are metres", () => {
  // A minute of latitude is a nautical mile, 1,847 m here (1,852 by definition at the mean).
  expect(distance(29, -110.9, 29 + 1 / 60, -110.9)).toBeCloseTo(1847.3, 0);
  const shape = shapeOf("x", square(-110.96, 29.07, 0.001));
  // 0.0002° east of its eastern edge, at 29° north.
  expect(distanceTo(shape, 29.0705, -110.959 + 0.0002)).toBeCloseTo(19.48, 1);
  expect(distanceTo(shape, 29.0705, -110.9595)).toBe(0);
});

test("isNear never denies what distanceTo finds near", () => {
  const shape = shapeOf("x", square(-110.96, 29.07, 0.001));
  const near = fc.double({ min: -0.002, max: 0.003, noNaN: true });
  fc.assert(
    fc.property(near, near, (dx, dy) => {
      const [lat, lon] = [29.07 + dy, -110.96 + dx];
      if (distanceTo(shape, lat, lon) <= 25) expect(isNear(shape.box, lat, lon, 25)).toBe(true);
    }),
  );
});

test("distance is the same both ways", () => {
  const [lat, lon] = [
    fc.double({ min: 14, max: 33, noNaN: true }),
    fc.double({ min: -117, max: -87, noNaN: true }),
  ];
  fc.assert(
    fc.property(lat, lon, lat, lon, (a, b, c, d) => {
      expect(distance(a, b, c, d)).toBe(distance(c, d, a, b));
    }),
  );
});
