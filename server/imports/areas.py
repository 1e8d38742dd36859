"""Areas from maps: outline, colonias, sectors and blocks, whatever their properties are called.

Law: an area keeps its exact form in ``registry``, where routing happens; phones get a light one in
``reference``, of colonias and sectors only. An area that is no polygon is refused with its feature's number,
the others are taken. A block's sector and colonia are those it lies in, unless the file says.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from server.imports.columns import Columns
from server.imports.dbase import DOUBTFUL
from server.imports.findings import Findings, RowRefused
from server.imports.geofiles import Feature, features
from server.imports.reports import MEXICO
from server.imports.values import identifier, slug, text

Json = dict[str, Any]

KINDS = ("outline", "colonia", "sector", "block")
MEMBERS = frozenset({"id", "name", "postcode", "sector", "colonia"})
#: Six decimals are a decimetre: more is noise (RFC 7946 §11.2).
_GRID = 1e-6
#: Light areas are drawn on a phone's screen: 8 metres are a pixel at the scale of a town.
_LIGHT = 8 / 111_000

#: Corners of the outline that the settings carry: two kilobytes.
_CORNERS = 120

#: A block lies in an area that holds this share of it: borders drawn by two offices never agree to the metre.
_WHOLLY = 0.97


@dataclass(slots=True)
class Area:
    """``shape`` is valid, in degrees, on the six-decimal grid."""

    name: str
    shape: BaseGeometry
    sector: str | None = None
    colonia: str | None = None
    postcode: str | None = None

    def lies_in(self, kind: str) -> str | None:
        """The sector or colonia (``kind``) it names."""
        return self.sector if kind == "sector" else self.colonia

    def place(self, kind: str, key: str) -> None:
        if kind == "sector":
            self.sector = key
        else:
            self.colonia = key


class AreaFile:
    """One map file read: ``areas`` by id. Pieces under one id are one area."""

    def __init__(self, kind: str, path: Path, columns: Columns, findings: Findings) -> None:
        self.kind = kind
        self.areas: dict[str, Area] = {}
        present: set[str] = set()
        written: dict[str, str] = {}
        first: dict[str, int] = {}
        pieces: dict[str, list[BaseGeometry]] = {}
        swapped = 0
        for feature in features(path, columns.reading, findings.note):
            present |= feature.properties.keys()
            try:
                if not columns.wanted(feature.properties):
                    continue
                found = columns.read(feature.properties, MEMBERS)
                raw = str(found.get("id", ""))
                area_id, area, turned = _area(kind, feature, found)
                if written.setdefault(area_id, raw) != raw:
                    why = f"gives the same id as {written[area_id]!r} (row {first[area_id]}): {area_id}"
                    raise RowRefused("id", raw, why)
                if area_id in self.areas:
                    if self.areas[area_id].name != area.name:
                        raise RowRefused(
                            "id", raw, f"is there twice (row {first[area_id]}), under another name"
                        )
                    pieces.setdefault(area_id, [self.areas[area_id].shape]).append(area.shape)
                    continue
                first[area_id] = feature.number
                self.areas[area_id] = area
                swapped += turned
            except RowRefused as refused:
                findings.add(feature.number, refused)
        columns.check(MEMBERS, present)
        for area_id, shapes in pieces.items():
            joined = on_grid(shapely.union_all(shapes))
            assert joined is not None, "pieces with an area have one together"
            self.areas[area_id].shape = joined
        if pieces:
            shown = ", ".join(sorted(pieces)[:5])
            findings.note(f"{path.name}: {len(pieces)} areas were in pieces and are joined ({shown}).")
        if swapped:
            findings.note(f"{path.name}: {swapped} areas had latitude first; they were put right.")


def _area(kind: str, feature: Feature, found: Json) -> tuple[str, Area, bool]:
    """Its id, what it is, and whether its axes were swapped."""
    if kind == "outline":
        found.setdefault("id", "outline")
    if "id" not in found:
        raise RowRefused("id", None, "is missing: name its property with --map")
    for member, value in found.items():
        if str(value).startswith(DOUBTFUL):
            raise RowRefused(
                member, ascii(str(value)[1:]).strip("'"), "is in an encoding that cannot be told"
            )
    area_id = slug("id", found["id"])
    shape, turned = _upright(feature.shape)
    shape = on_grid(shape) if shape is not None else None
    if shape is None:
        raise RowRefused("geometry", feature.form, "is no polygon with an area")
    area = Area(text("name", found.get("name", found["id"]), 200, lines=False), shape)
    for member in ("sector", "colonia"):
        if member in found:
            area.place(member, slug(member, found[member]))
    postcode = identifier("postcode", found.get("postcode", "")).strip()
    if postcode:
        if not (4 <= len(postcode) <= 5 and postcode.isdigit()):
            raise RowRefused("postcode", postcode, "must be five digits")
        # Four: those of Mexico City begin with a zero, which a column of numbers drops.
        area.postcode = postcode.zfill(5)
    return area_id, area, turned


def _upright(shape: BaseGeometry | None) -> tuple[BaseGeometry | None, bool]:
    """The form with longitude first, and whether it had latitude first. Refuses what is not in degrees."""
    if shape is None:
        return None, False
    west, south, east, north = shape.bounds
    left, bottom, right, top = MEXICO
    if left <= south and north <= right and bottom <= west and east <= top:
        return shapely.transform(shape, lambda points: points[:, ::-1]), True
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise RowRefused("geometry", shape.bounds, "is not in degrees, longitude first (WGS 84)")
    return shape, False


def on_grid(shape: BaseGeometry) -> BaseGeometry | None:
    """The polygons of a form on the six-decimal grid, valid; None where nothing with an area is left."""
    snapped = shapely.set_precision(shapely.force_2d(shape), _GRID)
    if snapped.geom_type not in ("Polygon", "MultiPolygon"):
        parts = [
            part for part in getattr(snapped, "geoms", []) if part.geom_type in ("Polygon", "MultiPolygon")
        ]
        snapped = shapely.union_all(parts) if parts else snapped
    usable = snapped.geom_type in ("Polygon", "MultiPolygon") and snapped.area > 0
    return snapped if usable else None


def geojson(shape: BaseGeometry) -> Json:
    """A polygon or multipolygon as GeoJSON, at six decimals."""
    drawn = mapping(shape)
    return {"type": drawn["type"], "coordinates": _rounded(drawn["coordinates"])}


def _rounded(value: Any) -> Any:
    if isinstance(value[0], int | float):
        return [round(value[0], 6), round(value[1], 6)]
    return [_rounded(part) for part in value]


def light(shape: BaseGeometry) -> Json:
    """The form phones draw: eight metres coarser, five decimals (a metre)."""
    simple = shapely.simplify(shape, _LIGHT, preserve_topology=True)
    drawn = on_grid(shapely.set_precision(simple, 1e-5))
    return geojson(shape if drawn is None else drawn)


def registry_documents(kind: str, areas: Mapping[str, Area]) -> Iterator[Json]:
    """``block:…``, ``sector:…`` or ``colonia:…`` of the ``registry`` database."""
    for area_id, area in areas.items():
        doc: Json = {"_id": f"{kind}:{area_id}", "name": area.name, "geometry": geojson(area.shape)}
        if area.sector is not None:
            doc["sector"] = area.sector
        if area.colonia is not None:
            doc["colonia"] = area.colonia
        yield doc


def reference_documents(kind: str, areas: Mapping[str, Area]) -> Iterator[Json]:
    """``area:<kind>:<id>`` of the ``reference`` database; blocks have none."""
    for area_id, area in areas.items():
        doc = {
            "_id": f"area:{kind}:{area_id}",
            "schema": "area.v1",
            "kind": kind,
            "name": area.name,
            "geometry": light(area.shape),
        }
        yield doc | ({"postcode": area.postcode} if area.postcode else {})


class Places:
    """Which of some areas a form lies in wholly; the smallest wins, then the lower id.

    What several areas share lies in none: what a point beside it belongs to is the point's own matter.
    """

    def __init__(self, areas: Mapping[str, BaseGeometry]) -> None:
        self._ids = list(areas)
        self._shapes = list(areas.values())
        self._tree = shapely.STRtree(self._shapes)

    def of(self, shape: BaseGeometry) -> str | None:
        found = [
            i
            for i in self._tree.query(shape, predicate="intersects")
            if shapely.intersection(self._shapes[i], shape).area >= _WHOLLY * shape.area
        ]
        return self._ids[min(found, key=lambda i: (self._shapes[i].area, self._ids[i]))] if found else None


def place_blocks(blocks: Mapping[str, Area], kind: str, areas: Mapping[str, Area]) -> None:
    """Give each block without one the sector or colonia (``kind``) it lies in."""
    places = Places({key: area.shape for key, area in areas.items()})
    for block in blocks.values():
        if block.lies_in(kind) is None and (found := places.of(block.shape)) is not None:
            block.place(kind, found)


def make_sectors(blocks: Mapping[str, Area], count: int) -> dict[str, Area]:
    """Sectors for a municipality that has none drawn: blocks gathered into compact groups of like size.

    The town is halved across its longer side again and again (a k-d tree), so neighbours stay together. A
    sector's form is its blocks and the streets between them; what lies beside it belongs to the sector of the
    nearest block.
    """
    points = {key: (area.shape.centroid.x, area.shape.centroid.y) for key, area in blocks.items()}
    groups = _halved(sorted(points), points, max(1, count))
    sectors: dict[str, Area] = {}
    width = len(str(len(groups)))
    for number, keys in enumerate(groups, start=1):
        sector = f"s-{number:0{width}d}"
        for key in keys:
            blocks[key].sector = sector
        joined = on_grid(shapely.union_all([blocks[key].shape for key in keys]).buffer(2e-4).buffer(-2e-4))
        assert joined is not None, "blocks with an area have one together"
        sectors[sector] = Area(f"Sector {number}", joined)
    return sectors


def _halved(keys: list[str], points: Mapping[str, tuple[float, float]], count: int) -> list[list[str]]:
    if count == 1 or len(keys) < 2:
        return [keys] if keys else []
    cloud = np.array([points[key] for key in keys])
    spread = np.ptp(cloud, axis=0) * np.array([math.cos(math.radians(float(cloud[:, 1].mean()))), 1.0])
    axis = int(np.argmax(spread))
    ordered = sorted(keys, key=lambda key: (points[key][axis], key))
    left = count // 2
    cut = round(len(ordered) * left / count)
    return _halved(ordered[:cut], points, left) + _halved(ordered[cut:], points, count - left)


def outline_of(shapes: Iterable[BaseGeometry]) -> BaseGeometry:
    """One outline around areas, for a municipality that has none: their union, a kilometre wider."""
    found = on_grid(shapely.simplify(shapely.union_all(list(shapes)).buffer(0.01), 0.001))
    assert found is not None, "areas have an area"
    return found


def outline_document(shape: BaseGeometry) -> Json:
    """``outline`` of the ``reference`` database: what phones draw and judge by."""
    return {"_id": "outline", "schema": "outline.v1", "geometry": light(shape)}


def coarse(shape: BaseGeometry) -> Json:
    """An outline of some hundred corners that holds the whole municipality: what the settings carry.

    Phones that know the ``outline`` document do not look at it; those before it need one, and get the
    settings at
    each of their changes.
    """
    tolerance = _LIGHT
    found = shape
    while shapely.get_num_coordinates(found) > _CORNERS:
        tolerance *= 2
        wider = on_grid(shapely.simplify(shape.buffer(tolerance, quad_segs=2), tolerance))
        assert wider is not None, "what is wider than an area has one"
        found = wider
    return geojson(found)


def center_of(shape: BaseGeometry) -> Json:
    """Where a map opens: a point well inside."""
    point = shape.representative_point()
    return {"lat": round(point.y, 5), "lon": round(point.x, 5)}
