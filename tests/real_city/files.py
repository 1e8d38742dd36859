"""What the open data of Hermosillo say, read without the server: the other side of the comparison."""

from __future__ import annotations

import csv
import gzip
import json
import math
import os
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

ROOT = Path(__file__).resolve().parents[2]
COLONIAS = "colonias_hermosillo.geojson.gz"
BLOCKS = "agebs_hermosillo.geojson.gz"
OUTLINES = "municipalities.geojson"
REPORTS = "reports_hermosillo_bachometro.csv.gz"
#: Metres a degree of latitude and of longitude take at Hermosillo; a thousandth off over the city.
_NORTH = 110_860.0
_EAST = 111_320.0 * math.cos(math.radians(29.09))


def folder() -> Path:
    """The folder of REAL_CITY_DATA; skips where the files are not."""
    found = Path(os.environ.get("REAL_CITY_DATA") or ROOT.parent / "shared" / "data")
    missing = [name for name in (COLONIAS, BLOCKS, OUTLINES, REPORTS) if not (found / name).is_file()]
    if missing:
        pytest.skip(f"needs the open data of docs/real-city.md: REAL_CITY_DATA={found} lacks {missing[0]}")
    return found


def _metres(geometry: BaseGeometry) -> BaseGeometry:
    scale = np.array([_EAST, _NORTH])
    moved: BaseGeometry = shapely.transform(geometry, lambda points: points * scale)
    return moved


def _polygons(path: Path, key: str) -> dict[str, BaseGeometry]:
    with gzip.open(path) as file:
        features = json.load(file)["features"]
    return {f["properties"][key].lower(): _metres(shape(f["geometry"])) for f in features}


@dataclass(frozen=True)
class Row:
    folio: str
    day: str
    lat: float
    lon: float
    text: str
    colonia: str | None
    blocks: tuple[str, ...]

    @property
    def point(self) -> Point:
        return Point(self.lon * _EAST, self.lat * _NORTH)


@dataclass(frozen=True)
class Hermosillo:
    """The files, with the colonia of each report as the expected column says it (of two, the smaller)."""

    data: Path
    rows: list[Row]
    blocks: dict[str, BaseGeometry]
    colonias: dict[str, BaseGeometry]

    @property
    def busiest_block(self) -> str:
        return Counter(block for row in self.rows for block in row.blocks).most_common(1)[0][0]

    @property
    def busiest_colonia(self) -> str:
        return Counter(row.colonia for row in self.rows if row.colonia).most_common(1)[0][0]

    def distance(self, row: Row, block: str) -> float:
        """Metres from the report to the block."""
        return float(self.blocks[block].distance(row.point))


def read() -> Hermosillo:
    data = folder()
    colonias = _polygons(data / COLONIAS, "cve_col")

    def smaller(cell: str) -> str | None:
        named = [name.lower() for name in cell.split("|") if name]
        return min(named, key=lambda name: colonias[name].area) if named else None

    with gzip.open(data / REPORTS, "rt", encoding="utf-8", newline="") as file:
        rows = [
            Row(
                folio=line["folio"],
                day=line["fecha"],
                lat=float(line["latitud"]),
                lon=float(line["longitud"]),
                text=line["descripcion"].strip(),
                colonia=smaller(line["x_cve_col"]),
                blocks=tuple(name.lower() for name in line["x_cvegeo_ageb"].split("|") if name),
            )
            for line in csv.DictReader(file)
        ]
    return Hermosillo(data, rows, _polygons(data / BLOCKS, "cvegeo"), colonias)


def init_command(city: Hermosillo, data_dir: Path, tables: Path) -> list[str]:
    """The arguments of docs/real-city.md's ``manzana init``, with a leader and a brigade."""
    return [
        "init", "--municipality", "Hermosillo", "--state", "Sonora",
        "--prefix", "HMO",
        "--areas", f"outline={city.data / OUTLINES}", "--where", "outline.nom_agem=Hermosillo",
        "--areas", f"colonia={city.data / COLONIAS}",
        "--map", "colonia.id=cve_col", "--map", "colonia.name=nom_col", "--map", "colonia.postcode=cp",
        "--areas", f"block={city.data / BLOCKS}", "--map", "block.id=cvegeo", "--map", "block.name=cve_ageb",
        "--make-sectors", "24",
        "--accounts", str(tables / "accounts.csv"), "--leaders", str(tables / "leaders.csv"),
        "--rules", str(tables / "rules.csv"),
        "--reports", str(city.data / REPORTS), "--source", "bachometro",
        "--map", "report.date=fecha", "--map", "report.lat=latitud", "--map", "report.lon=longitud",
        "--map", "report.text=descripcion", "--set", "report.type=bache", "--set", "report.channel=web",
        "--errors", str(tables / "refused.csv"), "--data-dir", str(data_dir),
    ]  # fmt: skip


def write_tables(city: Hermosillo, tables: Path) -> None:
    """A leader for the block with most reports, and a brigade for the colonia with most."""
    (tables / "accounts.csv").write_text(
        "id,name,role,blocks,agency,department,brigade\n"
        f"jefa,Jefa de Prueba,jefa de manzana,{city.busiest_block},,,\n"
        "cuadrilla,Cuadrilla de Prueba,brigada,,obra-publica,bacheo,bacheo-1\n"
    )
    (tables / "leaders.csv").write_text(
        f"name,account,blocks,from\nJefa de Prueba,jefa,{city.busiest_block},2026-01-01\n"
    )
    (tables / "rules.csv").write_text(
        "type,area,agency,department,brigade\n"
        f"bache,colonia:{city.busiest_colonia},obra-publica,bacheo,bacheo-1\n"
    )


def compare(city: Hermosillo, row: Row, doc: dict[str, Any]) -> None:
    """One report on a phone against its row."""
    assert doc["aliases"] == [row.folio]
    assert doc["folio"].startswith("HMO-")
    assert (doc["place"]["lat"], doc["place"]["lon"]) == (row.lat, row.lon)
    assert doc["place"].get("colonia") == row.colonia
    # An accent that stands beside its letter is one with it: the same words, found by search.
    assert (doc["text"] or "") == unicodedata.normalize("NFC", row.text)
    # Noon in Hermosillo, which keeps no summer time.
    assert doc["captured_at"] == f"{row.day}T19:00:00.000Z"
    assert doc["type"] == "bache"
    assert doc["channel"] == "web"
    assert doc["status"] == "captured"
