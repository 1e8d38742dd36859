import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distance, ours, presence, toDo } from "../../../src/app/orders/assignment.ts";
import type { Assignment } from "../../../src/shared/documents.ts";

const part = (brigade: string, status: Assignment["status"]): Assignment => ({
  agency: "a",
  brigade,
  status,
  assigned_at: "2026-11-23T16:05:00.000Z",
});

describe("whose order it is", () => {
  it("is the brigade's own part among several", () => {
    expect(ours([part("x", "finished"), part("y", "started")], "y")?.status).toBe("started");
  });
  it("is nobody's where several are others'", () => {
    expect(ours([part("x", "finished"), part("z", "started")], "y")).toBeUndefined();
  });
  it("is done once finished or given back", () => {
    expect(
      [part("y", "assigned"), part("y", "paused"), part("y", "finished"), part("y", "returned")].map(toDo),
    ).toEqual([true, true, false, false]);
  });
});

describe("presence, as the server judges it", () => {
  const place = { lat: 20.7, lon: -101.2 };
  const away = (m: number) => ({ lat: 20.7 + m / 111_320, lon: -101.2 });
  it.each([
    [null, "none"],
    [{ ...away(10), accuracy: 12 }, "ok"],
    [{ ...away(108), accuracy: 12 }, "ok"],
    [{ ...away(300), accuracy: 12 }, "far"],
    [{ ...away(10), accuracy: 51 }, "unverifiable"],
  ])("%o is %s", (fix, verdict) => {
    expect(presence(fix, place).verdict).toBe(verdict);
  });
  it("cannot be judged without a place", () => {
    expect(presence({ ...away(0), accuracy: 5 }, {}).verdict).toBe("unverifiable");
  });
});

it("distance is the same both ways", () => {
  const coordinate = fc.record({
    lat: fc.double({ min: 14, max: 32, noNaN: true }),
    lon: fc.double({ min: -117, max: -87, noNaN: true }),
  });
  fc.assert(
    fc.property(coordinate, coordinate, (a, b) => {
      expect(distance(a, b)).toBeCloseTo(distance(b, a), 6);
    }),
  );
});
