"""Cells of a workbook: errors, merged ones, and numbers that a spreadsheet cut."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path

import pytest
import xlsxwriter

from server.imports.columns import Columns
from server.imports.findings import RowRefused
from server.imports.tables import Table


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "t.xlsx"


def test_an_error_cell_is_refused_by_its_column_and_never_empty(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(1, 2, ["blocks", "name", "until", "x"])
        for line, (error, place) in enumerate((("#N/A", 3), ("#VALUE!", 4), ("#REF!", 5)), start=2):
            sheet.write_row(line, 2, ["m-1", "Ana", "2027-01-01", "y"])
            sheet.write_formula(line, place, "=NA()", None, error)
        sheet.write_row(5, 2, ["m-1", "", "", ""])
        sheet.write_formula(5, 3, "=A1", None, "")
    found = dict(Table(path, ["blocks", "name"]))
    members = ("blocks", "name", "until")
    for at, column in ((3, "name"), (4, "until"), (6, "name")):
        row = found[at]
        assert isinstance(row, dict)
        with pytest.raises(RowRefused) as refused:
            Columns().read(row, members)
        assert refused.value.column == column
    assert "without its result" in refused.value.problem
    # A column that nobody asked for may hold what it likes.
    row = found[5]
    assert isinstance(row, dict)
    assert Columns().read(row, members) == {"blocks": "m-1", "name": "Ana", "until": "2027-01-01"}


@pytest.mark.parametrize("error", ["#N/D", "#¡VALOR!", "#¡REF!", "#DIV/0!", "#¿NOMBRE?", "#N/A"])
def test_errors_as_text_are_errors_too(error: str) -> None:
    with pytest.raises(RowRefused, match="error cell"):
        Columns().read({"name": error}, ("name",))
    with pytest.raises(RowRefused, match="error cell"):
        Columns(where={"name": "x"}).wanted({"name": error})
    assert Columns().read({"name": "#1 de la cuadra"}, ("name",)) == {"name": "#1 de la cuadra"}


def test_a_cell_merged_downwards_stands_in_each_row(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 1, ["name", "blocks"])
        sheet.merge_range(1, 1, 2, 1, "Rosa")
        sheet.write(1, 2, "m-1")
        sheet.write(2, 2, "m-2")
        sheet.merge_range(3, 1, 3, 2, "nota al pie")
    assert [row for _, row in Table(path, ["name", "blocks"])] == [
        {"name": "Rosa", "blocks": "m-1"},
        {"name": "Rosa", "blocks": "m-2"},
        {"name": "nota al pie", "blocks": ""},
    ]


def test_cells_are_read_as_a_person_sees_them(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        hour = book.add_format({"num_format": "hh:mm"})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b", "c", "d", "e"])
        sheet.write_datetime(1, 0, datetime(2024, 3, 15, 14, 30), day)
        sheet.write_datetime(1, 1, time(9, 5), hour)
        sheet.write_number(1, 2, 5512345678.0)
        sheet.write_number(1, 3, 9010000100100123456)
        sheet.write_string(1, 4, "dos\rlíneas")
    ((_, row),) = Table(path)
    assert row == {
        "a": "2024-03-15 14:30:00",
        "b": "09:05:00",
        "c": "5512345678",
        "d": "9.01000010010012E+18",
        "e": "dos\rlíneas",
    }
