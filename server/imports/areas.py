"""GeoJSON areas: outline, colonias, sectors and blocks, whatever their properties are called.

Law: an area keeps its exact form in ``registry``, where routing happens; phones get a light one in
``reference``, of colonias and sectors only. An area that is no polygon is refused with its feature's number,
the others are taken. A block's sector and colonia are those it lies in, unless the file says.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import orjson
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from server.cases.territory import polygon
from server.documents import reading
from server.documents.ground import Ground
from server.documents.shapes import Area, AreaKind, Geometry, MunicipalSettingsCenter
from server.imports.columns import Columns
from server.imports.findings import Findings, RowRefused
from server.imports.tables import TableError, open_bytes
from server.imports.values import slug, text

KINDS = ("outline", "colonia", "sector", "block")
MEMBERS = frozenset({"id", "name", "postcode", "sector", "colonia"})
#: Six decimals are a decimetre: more is noise (RFC 7946 §11.2).
_GRID = 1e-6
#: Light areas are drawn on a phone's screen: 8 metres are a pixel at the scale of a town.
_LIGHT = 8 / 111_000

#: A block lies in an area that holds this share of it: borders drawn by two offices never agree to the metre.
_WHOLLY = 0.97


class AreaFile:
    """One GeoJSON file read: ``areas`` by id, each ``{name, geometry, …}``."""

    def __init__(self, kind: str, path: Path, columns: Columns, findings: Findings) -> None:
        features = _features(path)
        present = (
            set().union(*(feature.get("properties") or {} for feature in features)) if features else set()
        )
        columns.check(MEMBERS, present)
        self.kind = kind
        self.areas: dict[str, Ground] = {}
        for number, feature in enumerate(features, start=1):
            properties = feature.get("properties") or {}
            if not columns.wanted(properties):
                continue
            try:
                area_id, area = _area(kind, feature, columns.read(properties, MEMBERS))
                if area_id in self.areas:
                    raise RowRefused("id", area_id, "is there twice")
                self.areas[area_id] = area
            except RowRefused as refused:
                findings.add(number, refused)


def _features(path: Path) -> list[dict[str, Any]]:
    with open_bytes(path) as file:
        try:
            read = orjson.loads(file.read())
        except (orjson.JSONDecodeError, EOFError) as error:
            raise TableError(f"{path.name} is no GeoJSON: {error}.") from None
    if not isinstance(read, dict):
        raise TableError(f"{path.name} is no GeoJSON.")
    features = read.get("features") if read.get("type") == "FeatureCollection" else [read]
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise TableError(f"{path.name} is no GeoJSON FeatureCollection.")
    return features


def _area(kind: str, feature: dict[str, Any], found: dict[str, Any]) -> tuple[str, Ground]:
    if kind == "outline":
        found.setdefault("id", "outline")
    if "id" not in found:
        raise RowRefused("id", feature.get("id"), "is missing: name its property with --map")
    area_id = slug("id", found["id"])
    shape = polygon(feature.get("geometry"))
    if shape is None:
        raise RowRefused(
            "geometry", (feature.get("geometry") or {}).get("type"), "is no polygon with an area"
        )
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise RowRefused("geometry", shape.bounds, "is not in degrees, longitude first (WGS 84)")
    area: Ground = {"name": text("name", found.get("name", found["id"]), 200, lines=False)}
    area["geometry"] = geojson(shape)
    if "sector" in found:
        area["sector"] = slug("sector", found["sector"])
    if "colonia" in found:
        area["colonia"] = slug("colonia", found["colonia"])
    postcode = str(found.get("postcode", "")).strip()
    if postcode:
        if not (len(postcode) == 5 and postcode.isdigit()):
            raise RowRefused("postcode", postcode, "must be five digits")
        area["postcode"] = postcode
    return area_id, area


def geojson(shape: BaseGeometry) -> Geometry:
    """A polygon or multipolygon on the six-decimal grid, valid."""
    snapped = shapely.set_precision(shape, _GRID)
    if snapped.is_empty or snapped.geom_type not in ("Polygon", "MultiPolygon"):
        parts = [part for part in getattr(snapped, "geoms", []) if part.geom_type == "Polygon"]
        snapped = shapely.MultiPolygon(parts) if parts else shape
    drawn = mapping(snapped)
    return {"type": drawn["type"], "coordinates": _rounded(drawn["coordinates"])}


def _rounded(value: Any) -> Any:
    if isinstance(value[0], int | float):
        return [round(value[0], 6), round(value[1], 6)]
    return [_rounded(part) for part in value]


def light(geometry: Geometry) -> Geometry:
    """The form phones draw: eight metres coarser, five decimals (a metre)."""
    shape = polygon(geometry)
    assert shape is not None, "only areas that were taken are drawn"
    simple = shapely.simplify(shape, _LIGHT, preserve_topology=True)
    simple = shapely.set_precision(simple, 1e-5)
    if polygon(mapping(simple)) is None:
        simple = shape
    return geojson(simple)


#: Members of an area that the registry keeps.
_KEPT: tuple[Literal["name", "geometry", "sector", "colonia"], ...] = (
    "name",
    "geometry",
    "sector",
    "colonia",
)


def registry_documents(kind: str, areas: Mapping[str, Ground]) -> Iterator[Ground]:
    """``block:…``, ``sector:…`` or ``colonia:…`` of the ``registry`` database."""
    for area_id, area in areas.items():
        members: dict[str, Any] = {name: area[name] for name in _KEPT if name in area}
        yield reading.ground({"_id": f"{kind}:{area_id}", **members})


def reference_documents(kind: AreaKind, areas: Mapping[str, Ground]) -> Iterator[Area]:
    """``area:<kind>:<id>`` of the ``reference`` database; blocks have none."""
    for area_id, area in areas.items():
        doc: Area = {
            "_id": f"area:{kind}:{area_id}",
            "schema": "area.v1",
            "kind": kind,
            "name": area["name"],
            "geometry": light(area["geometry"]),
        }
        if "postcode" in area:
            doc["postcode"] = area["postcode"]
        yield doc


def place_blocks(blocks: Mapping[str, Ground], kind: AreaKind, areas: Mapping[str, Ground]) -> None:
    """Give each block without one the sector or colonia (``kind``) it lies in; the smallest wins.

    A block that several areas share gets none: what a point beside it belongs to is the point's own matter.
    """
    shapes = [shape for area in areas.values() if (shape := polygon(area["geometry"])) is not None]
    ids = list(areas)
    tree = shapely.STRtree(shapes)
    for block in blocks.values():
        shape = polygon(block["geometry"])
        if kind in block or shape is None:
            continue
        found = [
            i
            for i in tree.query(shape, predicate="intersects")
            if shapely.intersection(shapes[i], shape).area >= _WHOLLY * shape.area
        ]
        if found:
            block[kind] = ids[min(found, key=lambda i: (shapes[i].area, ids[i]))]


def make_sectors(blocks: Mapping[str, Ground], count: int) -> dict[str, Ground]:
    """Sectors for a municipality that has none drawn: blocks gathered into compact groups of like size.

    The town is halved across its longer side again and again (a k-d tree), so neighbours stay together. A
    sector's form is its blocks and the streets between them; what lies beside it belongs to the sector of the
    nearest block.
    """
    middles = {key: polygon(area["geometry"]) for key, area in blocks.items()}
    points = {key: (s.centroid.x, s.centroid.y) for key, s in middles.items() if s is not None}
    groups = _halved(sorted(points), points, max(1, count))
    sectors: dict[str, Ground] = {}
    width = len(str(len(groups)))
    for number, keys in enumerate(groups, start=1):
        sector = f"s-{number:0{width}d}"
        for key in keys:
            blocks[key]["sector"] = sector
        joined = shapely.union_all([middles[key] for key in keys]).buffer(2e-4).buffer(-2e-4)
        sectors[sector] = {"name": f"Sector {number}", "geometry": geojson(joined)}
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


def outline_of(areas: Iterable[Ground]) -> Geometry:
    """One outline around areas, for a municipality that has none: their union, a kilometre wider."""
    shapes = [shape for area in areas if (shape := polygon(area["geometry"])) is not None]
    return geojson(shapely.simplify(shapely.union_all(shapes).buffer(0.01), 0.001))


def center_of(geometry: Geometry) -> MunicipalSettingsCenter:
    """Where a map opens: a point well inside."""
    shape = polygon(geometry)
    assert shape is not None, "only areas that were taken have a middle"
    point = shape.representative_point()
    return {"lat": round(point.y, 5), "lon": round(point.x, 5)}
