/** A point inside an area, for a pin that stands for the whole of it. Pure. */
import type { Geometry } from "../../shared/documents.ts";

export function rings(geometry: Geometry): number[][][] {
  return geometry.type === "Polygon"
    ? geometry.coordinates.slice(0, 1)
    : geometry.coordinates.flatMap((polygon) => polygon.slice(0, 1));
}

/** Centroid of the largest outer ring (shoelace formula), six decimals. */
export function centre(geometry: Geometry): { lat: number; lon: number } | null {
  let best: { area: number; lat: number; lon: number } | null = null;
  for (const ring of rings(geometry)) {
    let area = 0;
    let x = 0;
    let y = 0;
    for (let i = 0; i + 1 < ring.length; i++) {
      const [x0 = 0, y0 = 0] = ring[i] ?? [];
      const [x1 = 0, y1 = 0] = ring[i + 1] ?? [];
      const cross = x0 * y1 - x1 * y0;
      area += cross;
      x += (x0 + x1) * cross;
      y += (y0 + y1) * cross;
    }
    if (area === 0) continue;
    const size = Math.abs(area);
    if (!best || size > best.area) best = { area: size, lon: x / (3 * area), lat: y / (3 * area) };
  }
  return best && { lat: Number(best.lat.toFixed(6)), lon: Number(best.lon.toFixed(6)) };
}
