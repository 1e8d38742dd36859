"""Areas from GeoJSON: any property names, exact in the registry, light on the phone, refused one by one."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import Point, Polygon, box, mapping, shape

from server.cases.validation import reasons
from server.imports import areas
from server.imports.columns import Columns, MappingError, parse
from server.imports.findings import Findings
from server.imports.opening import TableError

Json = dict[str, Any]


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
    assert found["a-1"].name == "CENTRO"
    assert found["a-1"].postcode == "37000"
    docs = list(areas.reference_documents("colonia", found))
    assert reasons("area.v1", docs[0]) == []
    assert next(areas.registry_documents("colonia", found))["_id"] == "colonia:a-1"


def test_bad_features_are_refused_one_by_one(tmp_path: Path) -> None:
    features = [
        feature(square(-101, 20), cve="1"),
        feature(Point(-101, 20), cve="2"),
        feature(square(-101, 20)),
        feature(square(-101, 20), cve="1", cp="x"),
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
    assert found["outline"].shape.contains(Point(-95.9995, 19.0005))


def test_a_column_that_is_not_there_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "c.geojson", [feature(square(-101, 20), clave="1")])
    with pytest.raises(MappingError, match="no column 'cve'"):
        areas.AreaFile("colonia", path, parse("colonia", MAPS), Findings())


@pytest.mark.parametrize("data", [b"", b"[1]", b'{"type": "FeatureCollection", "features": 3}'])
def test_what_is_no_geojson_is_said(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.geojson"
    path.write_bytes(data)
    with pytest.raises(TableError, match="GeoJSON"):
        areas.AreaFile("colonia", path, Columns(), Findings())


def test_self_crossing_polygons_are_mended(tmp_path: Path) -> None:
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [0.01, 0.01], [0.01, 0], [0, 0.01], [0, 0]]]}
    path = write(tmp_path / "b.geojson", [feature(bow, id="b")])
    drawn = areas.AreaFile("block", path, Columns(), Findings()).areas["b"].shape
    assert drawn.is_valid
    assert drawn.area > 0


def area(form: Any) -> areas.Area:
    drawn = areas.on_grid(form)
    assert drawn is not None
    return areas.Area("", drawn)


def grid(columns: int, rows: int) -> dict[str, areas.Area]:
    return {
        f"b-{i}-{j}": area(square(-101 + i * 0.002, 20 + j * 0.002))
        for i in range(columns)
        for j in range(rows)
    }


def test_blocks_take_the_smallest_area_that_holds_them() -> None:
    blocks = grid(2, 1)
    colonias = {
        "big": area(box(-101.1, 19.9, -100.9, 20.1)),
        "small": area(box(-101.0001, 19.9999, -100.9985, 20.0015)),
    }
    areas.place_blocks(blocks, "colonia", colonias)
    assert [block.colonia for block in blocks.values()] == ["small", "big"]


def test_a_block_that_colonias_share_gets_none() -> None:
    blocks = grid(1, 1)
    halves = {
        "west": area(box(-101.1, 19.9, -100.9995, 20.1)),
        "east": area(box(-100.9995, 19.9, -100.9, 20.1)),
    }
    areas.place_blocks(blocks, "colonia", halves)
    assert blocks["b-0-0"].colonia is None


def test_made_sectors_are_balanced_and_compact() -> None:
    blocks = grid(12, 10)
    sectors = areas.make_sectors(blocks, 7)
    sizes = [sum(block.sector == sector for block in blocks.values()) for sector in sectors]
    assert len(sectors) == 7
    assert max(sizes) - min(sizes) <= 2
    again = grid(12, 10)
    areas.make_sectors(again, 7)
    assert again == blocks, "the same blocks give the same sectors"


def test_light_areas_are_light_and_valid() -> None:
    rough = area(Point(-101, 20).buffer(0.01, quad_segs=200)).shape
    light = shape(areas.light(rough))
    assert light.is_valid
    assert len(shapely.get_coordinates(light)) < len(shapely.get_coordinates(rough)) / 5
    assert light.symmetric_difference(rough).area < rough.area * 0.03


def test_a_sliver_is_refused_and_every_block_lies_in_its_own_colonia(tmp_path: Path) -> None:
    sliver = box(-100.32, 25.66, -100.3195, 25.6600002)
    colonias = [feature(sliver, id="a-astilla")]
    colonias += [feature(box(-100.32, y, -100.31, y + 0.01), id=f"{y}") for y in (25.66, 25.67, 25.65)]
    findings = Findings()
    found = areas.AreaFile("colonia", write(tmp_path / "c.geojson", colonias), Columns(), findings).areas
    assert [(finding.row, finding.column) for finding in findings.first] == [(1, "geometry")]
    blocks = {key: area(square(-100.318, float(key) + 0.002)) for key in ("25.67", "25.65", "25.66")}
    areas.place_blocks(blocks, "colonia", found)
    assert {key: block.colonia for key, block in blocks.items()} == {key: key for key in blocks}


def test_pieces_under_one_id_are_one_area(tmp_path: Path) -> None:
    features = [
        feature(square(-101, 20), id="A 1", name="Norte"),
        feature(square(-101, 20.5), id="A 1", name="Norte"),
    ]
    findings = Findings()
    found = areas.AreaFile("colonia", write(tmp_path / "c.geojson", features), Columns(), findings).areas
    assert found["a-1"].shape.geom_type == "MultiPolygon"
    assert findings.count == 0
    assert "in pieces" in findings.notes[0]


def test_two_keys_that_become_one_id_are_refused(tmp_path: Path) -> None:
    features = [feature(square(-101, 20), id="A 1"), feature(square(-101, 20.5), id="A-1")]
    findings = Findings()
    found = areas.AreaFile("colonia", write(tmp_path / "c.geojson", features), Columns(), findings).areas
    assert list(found) == ["a-1"]
    assert "'A 1'" in findings.first[0].problem


def test_latitude_first_is_put_right_and_said(tmp_path: Path) -> None:
    turned = Polygon([(y, x) for x, y in square(-89.6, 20.9).exterior.coords])
    findings = Findings()
    path = write(tmp_path / "c.geojson", [feature(turned, id="1")])
    found = areas.AreaFile("colonia", path, Columns(), findings).areas
    assert found["1"].shape.symmetric_difference(square(-89.6, 20.9)).area < 1e-15
    assert "latitude first" in findings.notes[0]


def test_keys_and_postcodes_that_were_numbers(tmp_path: Path) -> None:
    features = [feature(square(-101, 20), id=1101.0, postcode=1230.0)]
    found = areas.AreaFile("colonia", write(tmp_path / "c.geojson", features), Columns(), Findings()).areas
    assert found["1101"].postcode == "01230"
