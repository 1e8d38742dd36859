"""Where a point lies: municipality, colonia, sector and blocks.

Law: the same areas and the same point give the same answer, whatever the order the areas came in. Of
several polygons that hold a point the smallest wins, then the lower id. Streets lie outside block polygons,
so a block is the nearest within ``REACH`` metres, not the one that contains the point.

Distances are taken in metres on a plane tangent at the middle of the municipality: over one
municipality the error is a few parts in a thousand, a decimetre at the distances that matter here.
Pure: values in, decisions out.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

#: Metres from a block within which a point on the street belongs to it: half a wide avenue.
REACH = 25.0
#: Blocks this much farther than the nearest are as near as the phone's position can tell.
TIE = 5.0
#: Metres around a leader's blocks in which open reports show as cards (design, Delivery).
NEARBY = 100.0

#: Forms that are prepared for many questions, which takes some kilobytes each: colonias and sectors with
#: their
#: long borders. A town's blocks have few corners and are many.
_PREPARED = 2_000
#: Forms that are moved at once.
_FEW = 500

#: Bytes of a form's mark; no polygon's WKB is so short.
MARK = 16

#: Places whose surroundings are remembered.
_REMEMBERED = 20_000

#: WGS 84 (NIMA TR8350.2): equatorial radius in metres and first eccentricity squared.
_RADIUS = 6_378_137.0
_ECCENTRICITY2 = 6.694379990141317e-3


class Plane:
    """Degrees to metres around a latitude (radii of curvature of the WGS 84 ellipsoid)."""

    def __init__(self, latitude: float) -> None:
        sine = math.sin(math.radians(latitude))
        bend = 1 - _ECCENTRICITY2 * sine * sine
        self.x = math.radians(_RADIUS / math.sqrt(bend)) * math.cos(math.radians(latitude))
        self.y = math.radians(_RADIUS * (1 - _ECCENTRICITY2) / bend**1.5)

    def points(self, coordinates: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """An (n, 2) array of longitude, latitude in degrees as metres."""
        metres: np.ndarray[Any, Any] = coordinates * np.array([self.x, self.y])
        return metres

    def geometries(self, geometries: Sequence[BaseGeometry] | np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Geometries in degrees as an array of the same in metres."""
        moved: np.ndarray[Any, Any] = shapely.transform(np.array(geometries, dtype=object), self.points)
        return moved

    def packed(self, forms: Sequence[bytes]) -> np.ndarray[Any, Any]:
        """The same from WKB, a few at a time: a town's blocks are never there in both."""
        moved = [
            self.geometries(shapely.from_wkb(np.array(forms[start : start + _FEW], dtype=object)))
            for start in range(0, len(forms), _FEW)
        ]
        return np.concatenate(moved) if moved else np.empty(0, dtype=object)

    def distance(self, a: tuple[float, float], b: tuple[float, float]) -> float:
        """Metres between two (longitude, latitude) pairs."""
        return math.hypot((a[0] - b[0]) * self.x, (a[1] - b[1]) * self.y)


class Layer:
    """Polygons with ids, searchable. Invalid rings are mended; what has no area is left out."""

    def __init__(self, plane: Plane, areas: Mapping[str, bytes]) -> None:
        """``areas``: polygons in degrees as WKB, by id."""
        self.ids = sorted(areas)
        #: Where each id stands in ``ids`` and ``shapes``.
        self.places = {area_id: place for place, area_id in enumerate(self.ids)}
        self.shapes = plane.packed([areas[area_id] for area_id in self.ids])
        if len(self.ids) <= _PREPARED:
            shapely.prepare(self.shapes)
        # A rank instead of the area itself: equal areas then fall to the lower id.
        areas_m2 = shapely.area(self.shapes)
        order = sorted(range(len(self.ids)), key=lambda i: (float(areas_m2[i]), self.ids[i]))
        self.rank = np.empty(len(self.ids), dtype=np.int64)
        self.rank[order] = np.arange(len(self.ids))
        self.tree = shapely.STRtree(self.shapes)

    def __len__(self) -> int:
        return len(self.ids)

    def least(self, places: Sequence[int]) -> str | None:
        """The id of the smallest of some polygons, each given by its place in ``ids``."""
        return self.ids[min(places, key=self.rank.__getitem__)] if places else None

    def within(self, point: BaseGeometry, metres: float) -> list[tuple[float, str]]:
        """Distance and id of every polygon within ``metres`` of the point, nearest first."""
        found = self.tree.query(point, predicate="dwithin", distance=metres)
        if not len(found):
            return []
        distances = shapely.distance(self.shapes[found], point)
        # To the centimetre, so that what is equally far falls to the lower id whatever the rounding.
        return sorted((round(float(d), 2), self.ids[i]) for d, i in zip(distances, found, strict=True))


#: Distance and id of the blocks within ``NEARBY`` metres, nearest first; then the smallest colonia and the
#: smallest sector that hold the point.
Around = tuple[list[tuple[float, str]], str | None, str | None]


class Surroundings:
    """Everything around points by one search: blocks, colonias and sectors lie in one tree.

    A search is mostly the price of calling it, and every report that arrives asks all three.
    """

    def __init__(self, layers: tuple[Layer, Layer, Layer]) -> None:
        self._blocks, self._colonias, self._sectors = layers
        self._owners = [(layer, place) for layer in layers for place in range(len(layer))]
        self._shapes = np.concatenate([layer.shapes for layer in layers])
        self._tree = shapely.STRtree(self._shapes)

    def of(self, points: np.ndarray[Any, Any]) -> list[Around]:
        """What is around each point (a shapely point in metres)."""
        which, found = self._tree.query(points, predicate="dwithin", distance=NEARBY)
        shapes, nearby = self._shapes[found], points[which]
        distances = shapely.distance(shapes, nearby)
        inside = distances < 0.01
        inside[inside] = shapely.intersects(shapes[inside], nearby[inside])
        blocks: list[list[tuple[float, str]]] = [[] for _ in points]
        colonias: list[list[int]] = [[] for _ in points]
        sectors: list[list[int]] = [[] for _ in points]
        rows = (which.tolist(), found.tolist(), distances.tolist(), inside.tolist())
        for point, number, distance, holds in zip(*rows, strict=True):
            layer, place = self._owners[number]
            if layer is self._blocks:
                # To the centimetre, so that what is equally far falls to the lower id whatever the rounding.
                blocks[point].append((round(distance, 2), layer.ids[place]))
            elif holds:
                (colonias if layer is self._colonias else sectors)[point].append(place)
        return [
            (sorted(near), self._colonias.least(colonias[n]), self._sectors.least(sectors[n]))
            for n, near in enumerate(blocks)
        ]


def packed(doc: Any) -> Any:
    """The document with its form as WKB, or none: as GeoJSON, parsed, a form takes ten times the memory."""
    geometry = doc.get("geometry")
    if geometry is None or isinstance(geometry, bytes):
        return doc
    form = polygon(geometry)
    return {**doc, "geometry": None if form is None else shapely.to_wkb(form)}


def polygon(geometry: Any) -> BaseGeometry | None:
    """The shapely form of a GeoJSON polygon or multipolygon, mended, or of what ``packed`` made of it; None
    for
    anything else.
    """
    if isinstance(geometry, bytes):
        return shapely.from_wkb(geometry)
    if not isinstance(geometry, dict) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        return None
    try:
        read = shape(geometry)
    except (ValueError, TypeError, IndexError, shapely.errors.ShapelyError):
        return None
    if not read.is_valid:
        read = shapely.make_valid(read)
    return read if read.area > 0 else None


@dataclass(frozen=True, slots=True)
class Spot:
    """What the areas say of one place. ``blocks`` are the tied ones, nearest first."""

    blocks: tuple[str, ...]
    colonia: str | None
    sector: str | None
    outside: bool


NOWHERE = Spot((), None, None, False)


class Territory:
    """The municipality's areas. ``blocks``, ``sectors``, ``colonias``: registry documents by id."""

    def __init__(
        self,
        *,
        outline: Any = None,
        blocks: Mapping[str, Any] | None = None,
        sectors: Mapping[str, Any] | None = None,
        colonias: Mapping[str, Any] | None = None,
    ) -> None:
        kinds = (_packed(blocks), _packed(sectors), _packed(colonias))
        self.version = version_of(outline, *kinds)
        self._take(*kinds)
        drawn = [_drawn(docs) for docs in kinds]
        self.outline_shape = polygon(outline)
        #: The blocks around places asked for lately: a report's place is asked for at each of its events.
        self._near: dict[tuple[float, float, float], tuple[str, ...]] = {}
        self.plane = Plane(_middle_latitude(self.outline_shape, drawn))
        self.blocks, self.sectors, self.colonias = (Layer(self.plane, areas) for areas in drawn)
        self._surroundings = Surroundings((self.blocks, self.colonias, self.sectors))
        #: What is around the places of the batch at hand.
        self._ahead: dict[tuple[float, float], Around] = {}
        self.outline = None if self.outline_shape is None else self.plane.geometries([self.outline_shape])[0]
        if self.outline is not None:
            shapely.prepare(self.outline)

    def renew(self, blocks: dict[str, Any], sectors: dict[str, Any], colonias: dict[str, Any]) -> None:
        """Take in documents of the same ``version_of``: who leads a block, and what it is called, may
        differ.
        """
        self._take(_packed(blocks), _packed(sectors), _packed(colonias))

    def _take(self, blocks: dict[str, Any], sectors: dict[str, Any], colonias: dict[str, Any]) -> None:
        self.block_docs, self.sector_docs, self.colonia_docs = blocks, sectors, colonias
        self._by_sector: dict[str, list[str]] = {}
        for block, doc in blocks.items():
            if doc.get("sector"):
                self._by_sector.setdefault(doc["sector"], []).append(block)

    def blocks_in(self, sector: str) -> list[str]:
        """The ids of a sector's blocks."""
        return self._by_sector.get(sector, [])

    def point(self, lon: float, lat: float) -> BaseGeometry:
        # One array, not two numbers: shapely would stack them, which costs more than the point.
        made: Any = shapely.points(np.array([lon * self.plane.x, lat * self.plane.y]))
        point: BaseGeometry = made
        return point

    def look_ahead(self, coordinates: Sequence[tuple[float, float]]) -> None:
        """Search around all of these (longitude, latitude) pairs at once: ``spot`` will be asked for them."""
        self._ahead = {}
        if coordinates:
            points: Any = shapely.points(self.plane.points(np.array(coordinates, dtype=float)))
            self._ahead = dict(zip(coordinates, self._surroundings.of(points), strict=True))

    def spot(self, lon: float, lat: float, own_blocks: Iterable[str] = ()) -> Spot:
        """Areas of one point. The first of ``own_blocks`` within reach leads, however near another is."""
        ahead = self._ahead.get((lon, lat))
        around, colonia, sector = ahead or self._surroundings.of(np.array([self.point(lon, lat)]))[0]
        self._remember((lon, lat, NEARBY), tuple(block for _, block in around))
        near = [found for found in around if found[0] <= REACH]
        tied = [block for distance, block in near if distance <= near[0][0] + TIE] if near else []
        own = set(own_blocks)
        mine = next((block for _, block in near if block in own), None)
        if mine is not None:
            tied = [mine, *(block for block in tied if block != mine)]
        if tied:
            doc = self.block_docs[tied[0]]
            # A drawn colonia holds the point or it does not; only one that nobody has drawn is taken on the
            # block's word.
            if colonia is None and doc.get("colonia") not in self.colonia_docs:
                colonia = doc.get("colonia")
            sector = sector or doc.get("sector")
        return Spot(tuple(tied), colonia, sector, self._outside(lon, lat, bool(tied or colonia or sector)))

    def spot_of_block(self, block: str) -> Spot:
        """Areas of a block named by hand; an unknown block gives ``NOWHERE``."""
        doc = self.block_docs.get(block)
        if doc is None:
            return NOWHERE
        return Spot((block,), doc.get("colonia"), doc.get("sector"), False)

    def near_blocks(self, lon: float, lat: float, metres: float = NEARBY) -> tuple[str, ...]:
        """Ids of the blocks within ``metres`` of a point, nearest first."""
        key = (lon, lat, metres)
        found = self._near.get(key)
        if found is None:
            near = self.blocks.within(self.point(lon, lat), metres)
            found = self._remember(key, tuple(block for _, block in near))
        return found

    def _remember(self, key: tuple[float, float, float], near: tuple[str, ...]) -> tuple[str, ...]:
        if len(self._near) >= _REMEMBERED:
            self._near.clear()
        self._near[key] = near
        return near

    def _outside(self, lon: float, lat: float, in_an_area: bool) -> bool:
        if self.outline is not None:
            return not (in_an_area or bool(shapely.intersects(self.outline, self.point(lon, lat))))
        has_areas = bool(len(self.blocks) or len(self.sectors) or len(self.colonias))
        return has_areas and not in_an_area


def _drawn(docs: Mapping[str, Any]) -> dict[str, bytes]:
    """The polygons, as WKB, of those documents that have one."""
    return {key: doc["geometry"] for key, doc in docs.items() if doc.get("geometry") is not None}


def _middle_latitude(outline: BaseGeometry | None, layers: list[dict[str, bytes]]) -> float:
    south, north = math.inf, -math.inf
    if outline is not None:
        _, south, _, north = outline.bounds
    else:
        for layer in layers:
            for form in layer.values():
                _, low, _, high = shapely.from_wkb(form).bounds
                south, north = min(south, low), max(north, high)
    # No areas, no distances to judge; the middle of Mexico is as good as any.
    return (south + north) / 2 if south <= north else 20.0


def mark_of(form: bytes) -> bytes:
    """What stands for a form where only its sameness matters. A mark is its own mark."""
    return hashlib.blake2b(form, digest_size=MARK).digest() if len(form) > MARK else form


def _packed(docs: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: packed(doc) for key, doc in (docs or {}).items()}


def version_of(outline: Any, *kinds: Mapping[str, Any]) -> str:
    """A short name for exactly these areas (``packed``), to be recorded with what they decided."""
    plain = outline if isinstance(outline, bytes) else orjson.dumps(outline, option=orjson.OPT_SORT_KEYS)
    digest = hashlib.sha256(plain)
    for docs in kinds:
        for key in sorted(docs):
            doc = docs[key]
            digest.update(orjson.dumps([key, doc.get("sector"), doc.get("colonia")]))
            digest.update(mark_of(doc.get("geometry") or b""))
    return digest.hexdigest()[:12]
