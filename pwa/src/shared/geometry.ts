/**
 * Where a point lies: pure geometry on WGS 84 degrees.
 *
 * Law: the phone's answer is a proposal for the person's eyes; the server decides the routing and records it.
 * Distances are those of a plane that touches WGS 84 between the two points: over a kilometre, within a centimetre of the
 * geodesic; the server measures presence with the same (`schemas/cases/presence.json`).
 */
import type { Geometry } from "./documents.ts";

/** WGS 84 (NIMA TR8350.2): equatorial radius in metres and first eccentricity squared. */
const RADIUS = 6_378_137;
const ECCENTRICITY2 = 6.694379990141317e-3;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Metres per degree of longitude (`x`) and of latitude (`y`) around a latitude, by the ellipsoid's curvature there. */
function scaleAt(lat: number): { x: number; y: number } {
  const sine = Math.sin(radians(lat));
  const bend = 1 - ECCENTRICITY2 * sine * sine;
  const across = RADIUS / Math.sqrt(bend);
  return {
    x: radians(across * Math.sqrt(1 - sine * sine)),
    y: radians((across * (1 - ECCENTRICITY2)) / bend),
  };
}

export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

export interface Shape<T> {
  value: T;
  box: Box;
  /** Rings in longitude, latitude; the first of each polygon is its outline. */
  polygons: number[][][][];
  /** Square degrees, to tell the smallest of several. */
  area: number;
}

function polygonsOf(geometry: Geometry): number[][][][] {
  return geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
}

/** Beyond this, metres, a fix says the neighbourhood, not the lamp (docs/documents.md: accuracy counts up to 50 m). */
export const GOOD_ACCURACY = 50;

export function shapeOf<T>(value: T, geometry: Geometry): Shape<T> {
  const box: Box = { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity };
  const polygons = polygonsOf(geometry);
  let area = 0;
  for (const rings of polygons) {
    rings.forEach((ring, index) => {
      let twice = 0;
      for (let i = 0; i < ring.length; i++) {
        const [x, y] = ring[i] as [number, number];
        const [nx, ny] = ring[(i + 1) % ring.length] as [number, number];
        twice += x * ny - nx * y;
        if (x < box.west) box.west = x;
        if (x > box.east) box.east = x;
        if (y < box.south) box.south = y;
        if (y > box.north) box.north = y;
      }
      area += (index === 0 ? 1 : -1) * Math.abs(twice / 2);
    });
  }
  return { value, box, polygons, area };
}

function inRing(ring: number[][], lon: number, lat: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i] as [number, number];
    const [xj, yj] = ring[j] as [number, number];
    if (yi > lat !== yj > lat && lon < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

export function contains(shape: Shape<unknown>, lat: number, lon: number): boolean {
  const { box } = shape;
  if (lon < box.west || lon > box.east || lat < box.south || lat > box.north) return false;
  return shape.polygons.some(
    ([outline, ...holes]) =>
      outline !== undefined && inRing(outline, lon, lat) && !holes.some((hole) => inRing(hole, lon, lat)),
  );
}

/** Metres between two points of one municipality. */
export function distance(aLat: number, aLon: number, bLat: number, bLon: number): number {
  const { x, y } = scaleAt((aLat + bLat) / 2);
  return Math.hypot((bLon - aLon) * x, (bLat - aLat) * y);
}

function toSegment(px: number, py: number, ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax;
  const dy = by - ay;
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / length));
  return Math.hypot(px - ax - t * dx, py - ay - t * dy);
}

/** Metres from a point to a shape; 0 inside it. */
export function distanceTo(shape: Shape<unknown>, lat: number, lon: number): number {
  if (contains(shape, lat, lon)) return 0;
  const { x, y } = scaleAt(lat);
  let best = Infinity;
  for (const rings of shape.polygons) {
    for (const ring of rings) {
      for (let i = 0; i + 1 < ring.length; i++) {
        const [ax, ay] = ring[i] as [number, number];
        const [bx, by] = ring[i + 1] as [number, number];
        const metres = toSegment(0, 0, (ax - lon) * x, (ay - lat) * y, (bx - lon) * x, (by - lat) * y);
        if (metres < best) best = metres;
      }
    }
  }
  return best;
}

/** True where the box, widened by `metres`, holds the point: the cheap question before `distanceTo`. */
export function isNear(box: Box, lat: number, lon: number, metres: number): boolean {
  const { x, y } = scaleAt(lat);
  const [dx, dy] = [metres / x, metres / y];
  return lon >= box.west - dx && lon <= box.east + dx && lat >= box.south - dy && lat <= box.north + dy;
}

/** The smallest shape that holds the point, as the server's routing chooses. */
export function smallestAt<T>(shapes: readonly Shape<T>[], lat: number, lon: number): T | null {
  let best: Shape<T> | null = null;
  for (const shape of shapes) {
    if ((best === null || shape.area < best.area) && contains(shape, lat, lon)) best = shape;
  }
  return best?.value ?? null;
}
