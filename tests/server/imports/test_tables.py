"""Tables in every dialect: separators, encodings, gzip, workbooks, and what is broken."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import xlsxwriter

from server.imports.columns import Reading
from server.imports.findings import RowRefused
from server.imports.tables import Row, Table, TableError


def rows(path: Path, *wanted: str, reading: Reading | None = None) -> list[tuple[int, Row]]:
    return list(Table(path, wanted, reading))


def refused(found: list[tuple[int, Row]]) -> list[int]:
    return [number for number, row in found if isinstance(row, RowRefused)]


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_dialects(tmp_path: Path, delimiter: str, encoding: str) -> None:
    text = f'id{delimiter}descripción\r\n1{delimiter}"línea uno\nlínea dos"\r\n\r\n2{delimiter}Ñuño\r\n'
    path = write(tmp_path / "t.csv", text.encode(encoding))
    assert list(rows(path)) == [
        (2, {"id": "1", "descripción": "línea uno\nlínea dos"}),
        (4, {"id": "2", "descripción": "Ñuño"}),
    ]


def test_gzip_whatever_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", gzip.compress(b"a,b\n1,2\n"))
    assert list(rows(path)) == [(2, {"a": "1", "b": "2"})]
    assert Table(path).names == ["a", "b"]


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
        (b"\xd0\xcf\x11\xe0rest", "old .xls"),
        (b"PK\x03\x04nothing", "cannot be read as a workbook"),
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


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("2,uno, dos,x", "4 cells under 2 columns"),
        ('2,"La "Ñ" de la esquina"', "quotation mark"),
        ('2,"sin cerrar', "never closed"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_are_taken(tmp_path: Path, bad: str, said: str) -> None:
    text = f'id,texto\n1,a\n{bad}\n3,"c ""d"" e"\n4,"dos\nlíneas"\n5,b\n'
    found = rows(write(tmp_path / "t.csv", text.encode()))
    assert refused(found) == [3]
    problem = found[1][1]
    assert isinstance(problem, RowRefused)
    assert said in problem.problem
    assert [row for _, row in found if isinstance(row, dict)] == [
        {"id": "1", "texto": "a"},
        {"id": "3", "texto": 'c "d" e'},
        {"id": "4", "texto": "dos\nlíneas"},
        {"id": "5", "texto": "b"},
    ]


def test_an_open_quotation_mark_swallows_no_row_even_where_a_later_one_closes_it(tmp_path: Path) -> None:
    text = 'id,a,b,c,d\n1,"abierta,1,1,1\n2,x,1,1,1\n3,tubo de 5",1,1,1\n4,x,1,1,1\n'
    found = rows(write(tmp_path / "t.csv", text.encode()))
    assert refused(found) == [2]
    assert [row["id"] for _, row in found if isinstance(row, dict)] == ["2", "3", "4"]


def test_excel_says_its_separator_and_writes_utf_16(tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", "sep=;\r\nid;texto, más\r\n1;Peña\r\n".encode())
    assert rows(path) == [(2, {"id": "1", "texto, más": "Peña"})]
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        path = write(tmp_path / "u.txt", "id\ttexto\r\n1\tPeña\r\n".encode(encoding))
        assert rows(path) == [(2, {"id": "1", "texto": "Peña"})], encoding


def test_an_old_mac_ends_its_lines_its_own_way(tmp_path: Path) -> None:
    path = write(tmp_path / "m.csv", "id,texto\r1,Nuñez y Peña\r2,María José\r".encode("mac_roman"))
    assert [row for _, row in rows(path)] == [
        {"id": "1", "texto": "Nuñez y Peña"},
        {"id": "2", "texto": "María José"},
    ]


def test_titles_above_the_header_are_passed_over_and_said(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", b"H. AYUNTAMIENTO,,\nReportes,,\n\nfolio,fecha,tipo\n1,2,3\n")
    table = Table(path, ["folio", "fecha"])
    assert list(table) == [(5, {"folio": "1", "fecha": "2", "tipo": "3"})]
    assert "the header is row 4" in table.notes[0]
    # Without a name to look for, a row as wide as the table.
    assert Table(path).names == ["folio", "fecha", "tipo"]


def test_names_are_compared_as_they_are_read(tmp_path: Path) -> None:
    decomposed = "Descripcio\u0301n"
    path = write(tmp_path / "t.csv", f"\ufefffolio, {decomposed}\u00a0 \u200b\n1,x\n".encode())
    assert Table(path).names == ["folio", "Descripción"]


def test_only_a_column_that_is_used_must_stand_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", b"id,x,x\n1,2,3\n")
    assert rows(path, "id") == [(2, {"id": "1"})]
    with pytest.raises(TableError, match="twice"):
        rows(path, "x")


def test_the_sheet_with_the_columns_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Portada").write(0, 0, "H. Ayuntamiento")
        data = book.add_worksheet("Datos")
        data.write_row(2, 1, ["folio", "tipo"])
        data.write_row(3, 1, ["A-1", "bache"])
        hidden = book.add_worksheet("Vieja")
        hidden.write_row(0, 0, ["folio", "tipo"])
        hidden.hide()
    table = Table(path, ["folio", "tipo"])
    assert list(table) == [(4, {"folio": "A-1", "tipo": "bache"})]
    assert any("'Datos'" in note for note in table.notes)
    assert rows(path, "folio", reading=Reading(sheet="Vieja")) == []
    with pytest.raises(TableError, match="no sheet 'Otra'"):
        Table(path, ["folio"], Reading(sheet="Otra"))


def test_two_sheets_with_the_columns_are_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for year in ("2023", "2024"):
            sheet = book.add_worksheet(year)
            sheet.write_row(0, 0, ["folio", "tipo"])
            sheet.write_row(1, 0, [year, "bache"])
    with pytest.raises(TableError, match="2023, 2024"):
        Table(path, ["folio", "tipo"])
    assert rows(path, "folio", reading=Reading(sheet="2024")) == [(2, {"folio": "2024", "tipo": "bache"})]


def test_what_the_operator_says_of_the_encoding_holds(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "id,texto\n1,Rock’s\n".encode("mac_roman"))
    assert refused(rows(path)) == [] or refused(rows(path)) == [2]
    assert rows(path, reading=Reading(encoding="mac_roman")) == [(2, {"id": "1", "texto": "Rock’s"})]
    with pytest.raises(TableError, match="no encoding"):
        Table(path, (), Reading(encoding="klingon"))
