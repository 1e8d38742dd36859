"""Shapefile, GeoPackage, KML and TopoJSON as GIS offices give them, read into degrees."""

from __future__ import annotations

import json
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from server.imports import areas
from server.imports.columns import Reading, parse
from server.imports.findings import Findings
from server.imports.geofiles import Feature, features
from server.imports.opening import TableError

#: The corner of a colonia of Hermosillo, and 200 m east and north of it.
LON, LAT = -110.95, 29.08


def lambert(lon: float, lat: float) -> tuple[float, float]:
    """EPSG:6372 by Snyder's formulas (USGS PP 1395, pp. 107-109): independent of PROJ."""
    a, f = 6_378_137.0, 1 / 298.257222101
    e = math.sqrt(2 * f - f * f)
    first, second, origin = math.radians(17.5), math.radians(29.5), math.radians(12)

    def m(phi: float) -> float:
        return math.cos(phi) / math.sqrt(1 - (e * math.sin(phi)) ** 2)

    def t(phi: float) -> float:
        bend = (1 - e * math.sin(phi)) / (1 + e * math.sin(phi))
        return float(math.tan(math.pi / 4 - phi / 2) / bend ** (e / 2))

    n = (math.log(m(first)) - math.log(m(second))) / (math.log(t(first)) - math.log(t(second)))
    scale = m(first) / (n * t(first) ** n)
    rho, rho0 = (a * scale * t(phi) ** n for phi in (math.radians(lat), origin))
    theta = n * math.radians(lon + 102)
    return 2_500_000 + rho * math.sin(theta), rho0 - rho * math.cos(theta)


def write(
    path: Path,
    shapes: list[BaseGeometry],
    *,
    crs: str | None = "EPSG:4326",
    layer: str | None = None,
    encoding: str | None = None,
    append: bool = False,
    **columns: list[Any],
) -> Path:
    data = [
        np.array(values, dtype=object if isinstance(values[0], str) else None) for values in columns.values()
    ]
    pyogrio.raw.write(
        path,
        geometry=np.array(shapely.to_wkb(shapes), dtype=object),
        field_data=data,
        fields=list(columns),
        geometry_type="Polygon",
        crs=crs,
        layer=layer,
        encoding=encoding,
        append=append,
    )
    return path


def read(path: Path, reading: Reading | None = None) -> tuple[list[Feature], list[str]]:
    notes: list[str] = []
    return list(features(path, reading or Reading(), notes.append)), notes


def zipped(path: Path, shapefile: Path, folder: str = "", *, but: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for part in sorted(shapefile.parent.glob(shapefile.stem + ".*")):
            if part.suffix != but and part != path:
                package.write(part, folder + part.name.upper())
    return path


@pytest.fixture
def metres() -> list[BaseGeometry]:
    x, y = lambert(LON, LAT)
    return [box(x, y, x + 200, y + 200)]


def test_inegis_projection_has_its_axes_where_files_have_them(
    tmp_path: Path, metres: list[BaseGeometry]
) -> None:
    path = write(tmp_path / "m.shp", metres, crs="EPSG:6372", CVEGEO=["2603000010010"], NOM=["Peña"])
    (found,), notes = read(path)
    assert found.properties == {"CVEGEO": "2603000010010", "NOM": "Peña"}
    assert found.shape is not None
    corner = min(found.shape.boundary.coords, key=lambda c: c[0] + c[1])
    # A hundred-thousandth of a degree is a metre; the grid of areas is a tenth of that.
    assert corner == pytest.approx((LON, LAT), abs=1e-7)
    assert any("ITRF2008" in note for note in notes)


@pytest.mark.parametrize("zone", [12, 13, 14])
def test_utm(tmp_path: Path, zone: int) -> None:
    """A point on a zone's middle meridian: 500 km east by definition, its northing 0.9996 of the meridian's
    arc.
    """
    path = write(
        tmp_path / "u.gpkg", [box(500_000, 3_000_000, 500_100, 3_000_100)], crs=f"EPSG:326{zone}", id=["1"]
    )
    (found,), _ = read(path)
    assert found.shape is not None
    west, south, _, _ = found.shape.bounds
    assert west == pytest.approx(-183 + 6 * zone, abs=1e-9)
    # The arc of the meridian (Helmert's series) for the latitude found, times the scale, is the northing.
    n = (1 / 298.257223563) / (2 - 1 / 298.257223563)
    phi = math.radians(south)
    arc = (6_378_137 / (1 + n)) * (
        (1 + n**2 / 4) * phi - 1.5 * (n - n**3 / 8) * math.sin(2 * phi) + 15 / 16 * n**2 * math.sin(4 * phi)
    )
    assert arc * 0.9996 == pytest.approx(3_000_000, abs=0.1)


def test_a_zipped_shapefile_in_a_folder_with_capitals(tmp_path: Path, metres: list[BaseGeometry]) -> None:
    made = write(tmp_path / "mza.shp", metres, crs="EPSG:6372", CVEGEO=["0101"])
    (found,), _ = read(zipped(tmp_path / "Marco Geoestadístico.zip", made, "conjunto_de_datos/Añejo/"))
    assert found.shape is not None
    assert found.properties["CVEGEO"] == "0101"


def test_metres_of_nobody_knows_where_are_asked_about(tmp_path: Path, metres: list[BaseGeometry]) -> None:
    made = write(tmp_path / "mza.shp", metres, crs="EPSG:6372", id=["1"])
    path = zipped(tmp_path / "mza.zip", made, but=".prj")
    with pytest.raises(TableError, match="--crs"):
        read(path)
    (found,), _ = read(path, Reading(crs="EPSG:6372"))
    assert found.shape is not None
    assert found.shape.bounds[0] == pytest.approx(LON, abs=1e-3)
    with pytest.raises(TableError, match="no known coordinate system"):
        read(path, Reading(crs="EPSG:1"))


@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "utf-8"])
@pytest.mark.parametrize("label", [None, "UTF-8", "1252"])
def test_letters_of_a_dbase_table_by_their_bytes(tmp_path: Path, encoding: str, label: str | None) -> None:
    names = ["Peña", "San José", "Jardín de Niños"]
    shapes: list[BaseGeometry] = [box(-110 + i, 29, -109.9 + i, 29.1) for i in range(3)]
    path = write(tmp_path / "c.shp", shapes, encoding="ISO-8859-1", id=["1", "2", "3"], NOM=[
        name.encode(encoding).decode("latin-1") for name in names
    ])  # fmt: skip
    (tmp_path / "c.cpg").unlink(missing_ok=True)
    if label:
        (tmp_path / "c.cpg").write_text(label)
    data = bytearray((tmp_path / "c.dbf").read_bytes())
    data[29] = 0  # No language driver: nothing says what the letters are.
    (tmp_path / "c.dbf").write_bytes(data)
    found = [feature.properties["NOM"] for feature in read(path)[0]]
    assert found == names


def test_whole_numbers_beside_an_empty_one_stay_whole(tmp_path: Path) -> None:
    shapes: list[BaseGeometry] = [box(-110 + i, 29, -109.9 + i, 29.1) for i in range(2)]
    path = write(tmp_path / "n.gpkg", shapes, clave=[1101.0, math.nan], n=[1, 2])
    found, _ = read(path)
    assert [feature.properties for feature in found] == [{"clave": 1101, "n": 1}, {"clave": None, "n": 2}]


def test_layers_are_asked_about(tmp_path: Path) -> None:
    shapes: list[BaseGeometry] = [box(-110, 29, -109.9, 29.1)]
    path = write(tmp_path / "m.gpkg", shapes, layer="manzanas", id=["1"])
    write(path, shapes, layer="sectores", id=["2"], append=True)
    with pytest.raises(TableError, match="manzanas, sectores"):
        read(path)
    (found,), _ = read(path, Reading(layer="Sectores"))
    assert found.properties["id"] == "2"
    with pytest.raises(TableError, match="no layer 'x'"):
        read(path, Reading(layer="x"))


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<Schema name="s" id="s"><SimpleField type="string" name="clave"/></Schema>
<Folder><name>Norte</name><Placemark><name>Peña</name>
<ExtendedData><SchemaData schemaUrl="#s">
<SimpleData name="clave">0012</SimpleData></SchemaData></ExtendedData>
<Polygon><outerBoundaryIs><LinearRing><coordinates>-110,29,0 -109.9,29,0 -109.9,29.1,0 -110,29,0</coordinates>
</LinearRing></outerBoundaryIs></Polygon></Placemark></Folder>
<Folder><name>Sur</name><Placemark><name>Centro</name>
<ExtendedData><SchemaData schemaUrl="#s">
<SimpleData name="clave">0013</SimpleData></SchemaData></ExtendedData>
<MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>-111,29,0 -110.9,29,0 -110.9,29.1,0
-111,29,0
</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark></Folder>
</Document></kml>"""


@pytest.mark.parametrize("name", ["c.kml", "c.kmz", "c.xml"])
def test_kml_with_every_folder(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith("z"):
        with zipfile.ZipFile(path, "w") as package:
            package.writestr("doc.kml", KML)
    else:
        path.write_text(KML, encoding="utf-8")
    findings = Findings()
    columns = parse("colonia", ["colonia.id=clave", "colonia.name=Name"])
    found = areas.AreaFile("colonia", path, columns, findings).areas
    assert {key: area.name for key, area in found.items()} == {"0012": "Peña", "0013": "Centro"}
    assert findings.count == 0


def test_topojson_is_named_and_read(tmp_path: Path) -> None:
    arcs = [[[0, 0], [10, 0], [0, 10], [-10, 0], [0, -10]]]
    topology = {
        "type": "Topology",
        "transform": {"scale": [0.01, 0.01], "translate": [-110, 29]},
        "objects": {"colonias": {"type": "GeometryCollection", "geometries": [
            {"type": "Polygon", "arcs": [[0]], "properties": {"cve": "007"}}
        ]}},
        "arcs": arcs,
    }  # fmt: skip
    path = tmp_path / "t.json"
    path.write_text(json.dumps(topology))
    (found,), notes = read(path)
    assert found.properties["cve"] == "007"
    assert found.shape is not None
    assert found.shape.equals(box(-110, 29, -109.9, 29.1))
    assert "TopoJSON" in notes[0]


BROKEN = [
    ("a.kml", b"<html><body>404</body></html>", "no KML"),
    ("a.zip", b"PK\x03\x04rest", "unpacked"),
    ("a.gpkg", b"SQLite format 3\x00" + bytes(80), "cannot be read"),
]


@pytest.mark.parametrize(("name", "data", "said"), BROKEN)
def test_what_is_broken_is_said(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(TableError, match=said):
        read(path)


def test_a_zip_without_a_map_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("léeme.txt", "nada")
    with pytest.raises(TableError, match="holds no map"):
        read(path)
