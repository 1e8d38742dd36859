"""Files that spreadsheets and maps open: what is in a cell stays what it is."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from server.exports.columns import LONGEST, Column
from server.exports.formats import csv_lines, geojson_lines, xlsx_file

COLUMNS = (
    Column("folio", "text", ""),
    Column("texto", "text", ""),
    Column("capturado", "instant", ""),
    Column("latitud", "number", ""),
    Column("longitud", "number", ""),
)
WHEN = datetime(2026, 11, 23, 10, 5, 9)
#: Texts as people and attackers write them.
TEXTS = [
    "=1+1", "+52 477 123 4567", "-hola", "@SUM(A1)", "\t=1", "00042", "2026_0001", "1E5", "línea\nde abajo",
    'con "comillas", y coma', "a\x00b\x1fc", "x" * 40_000, "http://example.org", "", "TRUE", "31/12/2026",
]  # fmt: skip
ROWS: list[tuple[Any, ...]] = [(f"VE-{n:06d}", text, WHEN, 21.12, -101.68) for n, text in enumerate(TEXTS, 1)]


def expected(text: str) -> str:
    text = text.replace("\x00", "").replace("\x1f", "")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def test_export_1_xlsx_keeps_texts_as_texts_and_dates_as_dates(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    xlsx_file(file, "Reportes", COLUMNS, iter(ROWS))
    head, *rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    assert head == [column.name for column in COLUMNS]
    assert [row[1] for row in rows] == [expected(text) for text in TEXTS]
    assert [row[0] for row in rows] == [row[0] for row in ROWS]
    assert all(row[2] == WHEN for row in rows)
    assert all(isinstance(row[3], float) for row in rows)


def test_xlsx_of_nothing_has_its_head(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    xlsx_file(file, "Reportes", COLUMNS, iter(()))
    rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    assert rows[0] == [column.name for column in COLUMNS]


def test_export_1_csv_is_inert_and_reads_back(tmp_path: Path) -> None:
    data = b"".join(csv_lines(COLUMNS, ROWS))
    assert data.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert head == [column.name for column in COLUMNS]
    for row, text in zip(rows, TEXTS, strict=True):
        assert row[1].lstrip("'") == text.replace("\x00", "").replace("\x1f", "").lstrip("'")
        assert not row[1].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert all(row[4] == "-101.68" for row in rows), "a number is no formula"


def test_geojson_is_one_feature_a_report() -> None:
    found = json.loads(b"".join(geojson_lines(COLUMNS, [*ROWS, ("VE-9", "sin lugar", WHEN, None, None)])))
    assert len(found["features"]) == len(ROWS) + 1
    assert found["features"][0]["geometry"] == {"type": "Point", "coordinates": [-101.68, 21.12]}
    assert found["features"][-1]["geometry"] is None
    assert found["features"][0]["properties"]["texto"] == "=1+1"
    assert json.loads(b"".join(geojson_lines(COLUMNS, [])))["features"] == []


@pytest.mark.skipif(shutil.which("libreoffice") is None, reason="needs LibreOffice on PATH")
def test_libreoffice_calculates_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    xlsx_file(file, "Reportes", COLUMNS, iter(ROWS))
    command = [
        "libreoffice",
        f"-env:UserInstallation=file://{tmp_path}/home",
        "--headless",
        "--convert-to",
        "csv",
    ]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), str(file)], check=True, capture_output=True, timeout=120
    )
    rows = list(csv.reader(io.StringIO((tmp_path / "a.csv").read_text("utf-8"), newline="")))
    assert [row[1] for row in rows[1:4]] == ["=1+1", "+52 477 123 4567", "-hola"]
    assert rows[6][1] == "00042"
