"""GeoJSON as tools write it: with a mark, a feature a line, in another encoding, in metres."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import box, mapping

from server.imports.columns import Reading
from server.imports.geofiles import Feature, features
from server.imports.opening import TableError

Json = dict[str, Any]
NAMED = {
    "type": "Feature",
    "properties": {"id": "1", "n": 'Peña {"x"} \\'},
    "geometry": mapping(box(-101, 20, -100, 21)),
}
COLLECTION = {"type": "FeatureCollection", "name": "Colonias {", "features": [NAMED, {**NAMED, "id": 7}]}


def read(path: Path, data: bytes | str, reading: Reading | None = None) -> tuple[list[Feature], list[str]]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    notes: list[str] = []
    return list(features(path, reading or Reading(), notes.append)), notes


def check(found: list[Feature], count: int) -> None:
    assert [feature.number for feature in found] == list(range(1, count + 1))
    for feature in found:
        assert feature.properties == {"id": "1", "n": 'Peña {"x"} \\'}
        assert feature.shape is not None
        assert feature.shape.equals(box(-101, 20, -100, 21))


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_collections(tmp_path: Path, indent: int | None, encoding: str) -> None:
    text = json.dumps(COLLECTION, indent=indent, ensure_ascii=False)
    check(read(tmp_path / "a.geojson", text.encode(encoding))[0], 2)


def test_a_feature_alone_and_a_feature_a_line(tmp_path: Path) -> None:
    check(read(tmp_path / "a.json", json.dumps(NAMED))[0], 1)
    for mark in ("", "\x1e"):
        lines = "".join(f"{mark}{json.dumps(NAMED)}\n" for _ in range(3))
        found, notes = read(tmp_path / "a.geojsonl", lines)
        check(found, 3)
        assert "line-delimited" in notes[0]


def test_letters_of_windows_and_of_nobody(tmp_path: Path) -> None:
    text = json.dumps({**COLLECTION, "features": [NAMED]}, ensure_ascii=False)
    check(read(tmp_path / "a.geojson", text.encode("cp1252"))[0], 1)
    with pytest.raises(TableError, match="encoding"):
        read(tmp_path / "a.geojson", text.encode("cp1252").replace(b"\xf1", b"\xf7\x81"))


def test_a_named_projection_is_followed(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32614"}}
    metres = {
        "type": "Feature",
        "properties": {"id": "1"},
        "geometry": mapping(box(500_000, 2_211_000, 500_100, 2_211_100)),
    }
    (found,), notes = read(
        tmp_path / "a.geojson", json.dumps({"type": "FeatureCollection", "features": [metres], "crs": crs})
    )
    assert found.shape is not None
    # UTM 14's middle is 99 degrees west; 2,211,000 m north are 20 degrees less 4.3 km of the scale's 0.9996.
    west, south, _, _ = found.shape.bounds
    assert west == pytest.approx(-99, abs=1e-6)
    assert south == pytest.approx(19.9959, abs=2e-3)
    assert "UTM zone 14N" in notes[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[1]",
        b"{",
        b'{"type": "FeatureCollection"}',
        b'{"type": "FeatureCollection", "features": [{"type": "Fea',
        b"x",
    ],
)
def test_what_is_no_geojson_is_said(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(TableError, match="GeoJSON"):
        read(tmp_path / "a.geojson", data)
