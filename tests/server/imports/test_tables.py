"""Tables in every dialect: separators, encodings, gzip, workbooks, and what is broken."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import xlsxwriter

from server.imports.tables import TableError, header, rows


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_dialects(tmp_path: Path, delimiter: str, encoding: str) -> None:
    text = f'id{delimiter}descripción\r\n1{delimiter}"línea uno\nlínea dos"\r\n\r\n2{delimiter}Ñuño\r\n'
    path = write(tmp_path / "t.csv", text.encode(encoding))
    assert list(rows(path)) == [
        (3, {"id": "1", "descripción": "línea uno\nlínea dos"}),
        (5, {"id": "2", "descripción": "Ñuño"}),
    ]


def test_gzip_whatever_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", gzip.compress(b"a,b\n1,2\n"))
    assert list(rows(path)) == [(2, {"a": "1", "b": "2"})]
    assert header(path) == ["a", "b"]


def test_workbook(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["folio", "días", "activo"])
        sheet.write_row(1, 0, [12, 3.5, True])
        sheet.write_row(3, 0, ["A-1", "", False])
    assert list(rows(path)) == [
        (2, {"folio": "12", "días": "3.5", "activo": "true"}),
        (4, {"folio": "A-1", "días": "", "activo": "false"}),
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no header"),
        (b"a,a\n1,2\n", "twice"),
        (b"a,b\n1,2,3\n", "more cells"),
        (b"\xd0\xcf\x11\xe0rest", "old .xls"),
        (b"PK\x03\x04nothing", "cannot be read as a workbook"),
        (b'a,b\n"open,2\n', "line"),
    ],
)
def test_broken_files_are_said(tmp_path: Path, data: bytes, said: str) -> None:
    path = write(tmp_path / "t.csv", data)
    with pytest.raises(TableError, match=said):
        list(rows(path))


def test_truncated_gzip_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv.gz", gzip.compress(b"a,b\n" + b"1,2\n" * 9000)[:-30])
    with pytest.raises(TableError, match="cut short"):
        list(rows(path))


def test_short_rows_are_padded(tmp_path: Path) -> None:
    assert list(rows(write(tmp_path / "t.csv", b"a,b\n1\n"))) == [(2, {"a": "1", "b": ""})]
