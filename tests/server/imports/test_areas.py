"""Areas from GeoJSON: any property names, exact in the registry, light on the phone, refused one by one."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import Point, Polygon, box, mapping, shape
from shapely.geometry.base import BaseGeometry

from server.cases.validation import reasons
from server.imports import areas
from server.imports.columns import Columns, MappingError, parse
from server.imports.findings import Findings
from server.imports.tables import TableError

Json = Any


def feature(geometry: Any, **properties: Any) -> Json:
    drawn = mapping(geometry) if hasattr(geometry, "geom_type") else geometry
    return {"type": "Feature", "properties": properties, "geometry": drawn}


def write(path: Path, features: list[Json]) -> Path:
    text = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def square(x: float, y: float, size: float = 0.001) -> Any:
    return box(x, y, x + size, y + size)


MAPS = ["colonia.id=cve", "colonia.name=nom", "colonia.postcode=cp"]


def test_properties_are_mapped_and_gzip_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path / "c.geojson.gz", [feature(square(-101, 20), cve="A 1", nom="  CENTRO ", cp="37000")]
    )
    found = areas.AreaFile("colonia", path, parse("colonia", MAPS), Findings()).areas
    assert found["a-1"]["name"] == "CENTRO"
    assert found["a-1"]["postcode"] == "37000"
    docs = list(areas.reference_documents("colonia", found))
    assert reasons("area.v1", docs[0]) == []
    assert next(areas.registry_documents("colonia", found))["_id"] == "colonia:a-1"


def test_bad_features_are_refused_one_by_one(tmp_path: Path) -> None:
    features = [
        feature(square(-101, 20), cve="1"),
        feature(Point(-101, 20), cve="2"),
        feature(square(-101, 20)),
        feature(square(-101, 20), cve="1"),
        feature(square(500_000, 2_000_000, 100), cve="5"),
        feature(None, cve="6"),
        feature(square(-101, 20), cve="7", cp="12"),
        feature({"type": "Polygon", "coordinates": [[[0, 0], ["x", 1]]]}, cve="8"),
    ]
    findings = Findings()
    path = write(tmp_path / "c.geojson", features)
    found = areas.AreaFile("colonia", path, parse("colonia", [*MAPS[:1], MAPS[2]]), findings).areas
    assert list(found) == ["1"]
    assert [finding.row for finding in findings.first] == [2, 3, 4, 5, 6, 7, 8]


def test_where_picks_features(tmp_path: Path) -> None:
    features = [feature(square(-101, 20), n="León"), feature(square(-96, 19), n="Veracruz")]
    path = write(tmp_path / "m.geojson", features)
    found = areas.AreaFile("outline", path, parse("outline", where=["outline.n=Veracruz"]), Findings()).areas
    assert form(found["outline"]["geometry"]).contains(Point(-95.9995, 19.0005))


def test_a_column_that_is_not_there_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "c.geojson", [feature(square(-101, 20), clave="1")])
    with pytest.raises(MappingError, match="no column 'cve'"):
        areas.AreaFile("colonia", path, parse("colonia", MAPS), Findings())


@pytest.mark.parametrize(
    "data", [b"", b"[1]", b'{"type": "FeatureCollection", "features": 3}', b"PK\x03\x04"]
)
def test_what_is_no_geojson_is_said(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.geojson"
    path.write_bytes(data)
    with pytest.raises(TableError, match="GeoJSON"):
        areas.AreaFile("colonia", path, Columns(), Findings())


def test_self_crossing_polygons_are_mended(tmp_path: Path) -> None:
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [0.01, 0.01], [0.01, 0], [0, 0.01], [0, 0]]]}
    path = write(tmp_path / "b.geojson", [feature(bow, id="b")])
    drawn = form(areas.AreaFile("block", path, Columns(), Findings()).areas["b"]["geometry"])
    assert drawn.is_valid
    assert drawn.area > 0


def form(geometry: Any) -> BaseGeometry:
    return shape(geometry)


def grid(columns: int, rows: int) -> dict[str, Json]:
    return {
        f"b-{i}-{j}": {"name": "", "geometry": areas.geojson(square(-101 + i * 0.002, 20 + j * 0.002))}
        for i in range(columns)
        for j in range(rows)
    }


def test_blocks_take_the_smallest_area_that_holds_them() -> None:
    blocks = grid(2, 1)
    colonias: dict[str, Json] = {
        "big": {"name": "", "geometry": areas.geojson(box(-101.1, 19.9, -100.9, 20.1))},
        "small": {"name": "", "geometry": areas.geojson(box(-101.0001, 19.9999, -100.9985, 20.0015))},
    }
    areas.place_blocks(blocks, "colonia", colonias)
    assert [block["colonia"] for block in blocks.values()] == ["small", "big"]


def test_a_block_that_colonias_share_gets_none() -> None:
    blocks = grid(1, 1)
    halves: dict[str, Json] = {
        "west": {"name": "", "geometry": areas.geojson(box(-101.1, 19.9, -100.9995, 20.1))},
        "east": {"name": "", "geometry": areas.geojson(box(-100.9995, 19.9, -100.9, 20.1))},
    }
    areas.place_blocks(blocks, "colonia", halves)
    assert "colonia" not in blocks["b-0-0"]


def test_made_sectors_are_balanced_and_compact() -> None:
    blocks = grid(12, 10)
    sectors = areas.make_sectors(blocks, 7)
    sizes = [sum(block["sector"] == sector for block in blocks.values()) for sector in sectors]
    assert len(sectors) == 7
    assert max(sizes) - min(sizes) <= 2
    again = grid(12, 10)
    areas.make_sectors(again, 7)
    assert again == blocks, "the same blocks give the same sectors"


def test_light_areas_are_light_and_valid() -> None:
    rough = form(areas.geojson(Point(-101, 20).buffer(0.01, quad_segs=200)))
    light = form(areas.light(areas.geojson(rough)))
    assert light.is_valid
    assert isinstance(light, Polygon)
    assert isinstance(rough, Polygon)
    assert len(light.exterior.coords) < len(rough.exterior.coords) / 5
    assert light.symmetric_difference(rough).area < rough.area * 0.03
