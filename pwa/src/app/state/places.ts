/**
 * Where a point lies, and what is open near it: answered on the phone.
 *
 * Law: the same reading as the server's routing (smallest polygon; block within 25 m, one's own first), as a
 * proposal to the person; the server decides.
 */
import type { Area, Block } from "../../shared/documents.ts";
import {
  contains,
  distance,
  distanceTo,
  isNear,
  type Shape,
  shapeOf,
  smallestAt,
} from "../../shared/geometry.ts";
import { isOpen } from "../../shared/status.ts";
import type { Located, ReportRow } from "./contract.ts";
import type { Feeds } from "./feeds.ts";
import type { Listing } from "./listing.ts";

/** Streets lie outside block polygons. */
const BLOCK_REACH_M = 25;
const NEARBY_M = 100;

interface Shapes {
  areas: ReadonlyMap<string, Area>;
  blocks: ReadonlyMap<string, Block>;
  colonias: Shape<{ id: string; name: string }>[];
  sectors: Shape<{ id: string; name: string }>[];
  blockShapes: Shape<{ id: string; name: string }>[];
}

export class Places {
  #shapes: Shapes | null = null;

  constructor(
    readonly feeds: Feeds,
    readonly listing: Listing,
  ) {}

  locate(lat: number, lon: number): Located {
    const { profile, outline } = this.feeds;
    const { colonias, sectors, blockShapes } = this.#theShapes();
    const own = new Set(profile.value?.blocks ?? []);
    const near = blockShapes
      .filter((shape) => isNear(shape.box, lat, lon, BLOCK_REACH_M))
      .map((shape) => ({ ...shape.value, distance: distanceTo(shape, lat, lon) }))
      .filter((block) => block.distance <= BLOCK_REACH_M)
      .sort((a, b) => Number(own.has(b.id)) - Number(own.has(a.id)) || a.distance - b.distance);
    const around = outline.value;
    return {
      colonia: smallestAt(colonias, lat, lon),
      sector: smallestAt(sectors, lat, lon),
      block: near[0] ?? null,
      blocks: near,
      outside: around ? !contains(shapeOf(null, around), lat, lon) : false,
    };
  }

  nearby(
    lat: number,
    lon: number,
    type?: string,
    radius: number = NEARBY_M,
  ): { row: ReportRow; distance: number }[] {
    const family = type === undefined ? undefined : this.feeds.types.value.get(type)?.family;
    const found: { row: ReportRow; distance: number }[] = [];
    for (const row of this.listing.rows.value) {
      if (row.lat === null || row.lon === null || !isOpen(row.status)) continue;
      if (type !== undefined && row.type !== type && (family === undefined || row.family !== family))
        continue;
      const metres = distance(lat, lon, row.lat, row.lon);
      if (metres <= radius) found.push({ row, distance: metres });
    }
    return found.sort((a, b) => a.distance - b.distance);
  }

  /** Made once for each set of areas and blocks. */
  #theShapes(): Shapes {
    const [areas, blocks] = [this.feeds.areas.value, this.feeds.blocks.value];
    if (this.#shapes?.areas === areas && this.#shapes.blocks === blocks) return this.#shapes;
    const of = (kind: string): Shape<{ id: string; name: string }>[] =>
      [...areas]
        .filter(([, area]) => area.kind === kind && area.geometry)
        .map(([key, area]) => shapeOf({ id: key.slice(kind.length + 1), name: area.name }, area.geometry));
    this.#shapes = {
      areas,
      blocks,
      colonias: of("colonia"),
      sectors: of("sector"),
      blockShapes: [...blocks]
        .filter(([, block]) => block.geometry)
        .map(([id, block]) => shapeOf({ id, name: block.name }, block.geometry)),
    };
    return this.#shapes;
  }
}
