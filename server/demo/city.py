"""The ground of the demonstration: blocks between streets, gathered into sectors and colonias.

Law: the same seed gives the same city, to the last digit. No two blocks touch: a street lies between them.
Sectors and colonias cover streets too, and never cut a block. Pure: randomness is handed in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Any

from shapely import affinity
from shapely.geometry import Polygon, mapping
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from server.demo.names import ACROSS, COLONIAS, UPRIGHT
from server.documents.shapes import Geometry

Point = tuple[float, float]

#: Longitude and latitude of the middle: open fields of the Bajío.
CENTER: Point = (-101.212, 20.708)
COLUMNS, ROWS = len(UPRIGHT) - 1, len(ACROSS) - 1
#: Metres from a block's edge to the middle of its street.
HALF_STREET = 6.5
#: Degrees by which the town turns off the north, as most do.
TURN = 11.0

_METRES_LAT = 110_700.0
_METRES_LON = 111_320.0 * math.cos(math.radians(CENTER[1]))


def degrees(point: Point) -> Point:
    """Metres from the middle to longitude and latitude, six decimals (a decimetre)."""
    return (round(CENTER[0] + point[0] / _METRES_LON, 6), round(CENTER[1] + point[1] / _METRES_LAT, 6))


def geojson(shape: BaseGeometry) -> Geometry:
    """A shape in metres as GeoJSON in degrees."""

    def turn(value: Any) -> Any:
        if isinstance(value[0], int | float):
            return list(degrees((value[0], value[1])))
        return [turn(part) for part in value]

    drawn = mapping(shape)
    return {"type": drawn["type"], "coordinates": turn(drawn["coordinates"])}


@dataclass(frozen=True, slots=True)
class Block:
    """``shape`` is in metres; ``edges`` names the street along each side: south, east, north, west."""

    id: str
    name: str
    colonia: str
    sector: str
    shape: Polygon
    edges: tuple[str, str, str, str]

    def on_street(self, rng: Random) -> tuple[Point, str, tuple[str, str]]:
        """A place in front of a house: metres, its street, and the two streets it lies between."""
        corners = list(self.shape.exterior.coords)[:4]
        side = rng.randrange(4)
        (ax, ay), (bx, by) = corners[side], corners[(side + 1) % 4]
        share = rng.uniform(0.05, 0.95)
        x, y = ax + (bx - ax) * share, ay + (by - ay) * share
        length = math.hypot(bx - ax, by - ay)
        out = rng.uniform(1.0, 4.0)
        point = (x + (by - ay) / length * out, y - (bx - ax) / length * out)
        return point, self.edges[side], (self.edges[side - 1], self.edges[(side + 1) % 4])


@dataclass(frozen=True, slots=True)
class City:
    """Everything by id. ``sectors`` and ``colonias``: name and shape in metres."""

    blocks: dict[str, Block]
    sectors: dict[str, tuple[str, BaseGeometry]]
    colonias: dict[str, tuple[str, BaseGeometry]]
    outline: BaseGeometry


def make_city(rng: Random) -> City:
    """120 blocks in 12 sectors and 6 colonias."""
    corners = _corners(rng)
    cells: dict[tuple[int, int], Polygon] = {
        (i, j): Polygon([corners[i, j], corners[i + 1, j], corners[i + 1, j + 1], corners[i, j + 1]])
        for i in range(COLUMNS)
        for j in range(ROWS)
    }
    blocks: dict[str, Block] = {}
    by_sector: dict[str, list[Polygon]] = {}
    by_colonia: dict[str, list[Polygon]] = {}
    # Numbered as people walk: row by row from the north-west, turning at each end.
    for row in range(ROWS):
        j = ROWS - 1 - row
        for column in range(COLUMNS):
            i = column if row % 2 == 0 else COLUMNS - 1 - column
            cell = cells[i, j]
            number = len(blocks) + 1
            colonia = COLONIAS[(i // 4) + 3 * (j // 5)][0]
            sector = f"c-{1 + i // 3 + 4 * min(j // 3, 2):02d}"
            shape = cell.buffer(-HALF_STREET, join_style="mitre")
            edges = (ACROSS[j], UPRIGHT[i + 1], ACROSS[j + 1], UPRIGHT[i])
            ring = _from_south_west(shape)
            block = Block(f"m-{number:03d}", f"Manzana {number}", colonia, sector, ring, edges)
            blocks[block.id] = block
            by_sector.setdefault(sector, []).append(cell)
            by_colonia.setdefault(colonia, []).append(cell)
    sectors = {s: (f"Cuartel {int(s[2:])}", unary_union(by_sector[s])) for s in sorted(by_sector)}
    colonias = {c: (name, unary_union(by_colonia[c])) for c, name, _ in COLONIAS}
    outline = unary_union(list(cells.values())).buffer(400, join_style="round", quad_segs=2)
    return City(blocks, sectors, colonias, outline)


def _corners(rng: Random) -> dict[tuple[int, int], Point]:
    """The crossings of the streets in metres: uneven, slightly bent, turned off the north."""
    xs, ys = [0.0], [0.0]
    for _ in range(COLUMNS):
        xs.append(xs[-1] + rng.uniform(82, 122))
    for _ in range(ROWS):
        ys.append(ys[-1] + rng.uniform(64, 96))
    turn = math.radians(TURN)
    found = {}
    for i, x in enumerate(xs):
        for j, y in enumerate(ys):
            bent_x = x - xs[-1] / 2 + 14 * math.sin(y / 210) + rng.uniform(-3.5, 3.5)
            bent_y = y - ys[-1] / 2 + 11 * math.sin(x / 260) + rng.uniform(-3.5, 3.5)
            found[i, j] = (
                bent_x * math.cos(turn) - bent_y * math.sin(turn),
                bent_x * math.sin(turn) + bent_y * math.cos(turn),
            )
    return found


def _from_south_west(shape: Polygon) -> Polygon:
    """The same ring anticlockwise from its south-western corner, so that side 0 is the southern one."""
    level = affinity.rotate(shape, -TURN, origin=(0, 0))
    ring = list(shape.exterior.coords)[:-1]
    flat = list(level.exterior.coords)[:-1]
    if not shape.exterior.is_ccw:
        ring, flat = ring[::-1], flat[::-1]
    start = min(range(len(flat)), key=lambda n: flat[n][0] + flat[n][1])
    return Polygon(ring[start:] + ring[:start])
