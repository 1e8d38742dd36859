"""Cells as values, as municipalities write them."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from server.imports import values
from server.imports.findings import RowRefused

ZONE = ZoneInfo("America/Hermosillo")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("2021-10-18", "2021-10-18T19:00:00+00:00"),
        ("18/10/2021", "2021-10-18T19:00:00+00:00"),
        ("18/10/2021 08:30", "2021-10-18T15:30:00+00:00"),
        ("2021-10-18 08:30:15", "2021-10-18T15:30:15+00:00"),
        ("2021-10-18T15:30:00Z", "2021-10-18T15:30:00+00:00"),
        ("03/04/2024", "2024-04-03T19:00:00+00:00"),
    ],
)
def test_moment(cell: str, said: str) -> None:
    found = values.moment("date", cell, ZONE)
    assert found.isoformat() == said
    assert found.tzinfo is UTC


@pytest.mark.parametrize("cell", ["31/02/2024", "ayer", "2024-13-01", ""])
def test_no_moment(cell: str) -> None:
    with pytest.raises(RowRefused, match="date"):
        values.moment("date", cell, ZONE)


def test_booleans_as_written() -> None:
    assert [values.boolean("x", cell) for cell in ("Sí", "si", "X", "1", "TRUE")] == [True] * 5
    assert [values.boolean("x", cell) for cell in ("No", "0", "falso", "")] == [False] * 4
    with pytest.raises(RowRefused):
        values.boolean("x", "quizá")


@pytest.mark.parametrize("cell", ["nan", "inf", "91", "doce"])
def test_numbers_out_of_bounds(cell: str) -> None:
    with pytest.raises(RowRefused):
        values.decimal("lat", cell, -90, 90)


def test_numbers_with_a_comma() -> None:
    assert values.decimal("lat", "20,5", -90, 90) == 20.5
    assert values.integer("days", " 7 ", 0, 10) == 7


@pytest.mark.parametrize(
    ("cell", "slug"),
    [("José Luis Ñandú", "jose-luis-nandu"), ("260300001047A", "260300001047a"), ("  M-12/B ", "m-12-b")],
)
def test_slug(cell: str, slug: str) -> None:
    assert values.slug("id", cell) == slug


def test_text_loses_control_characters_and_is_bounded() -> None:
    assert values.text("text", "a\x00b\r\nc\x85") == "a b\nc"
    with pytest.raises(RowRefused, match="at most 3"):
        values.text("text", "abcd", 3)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("5512345678.0", "5512345678"),
        (5512345678.0, "5512345678"),
        ("5.512345678E+09", "5512345678"),
        ("1101,0", "1101"),
        ("0901000010010012", "0901000010010012"),
        ("12.5", "12.5"),
        ("24E0123", "24E0123"),
        ("2E5", "2E5"),
    ],
)
def test_a_key_that_went_through_a_column_of_numbers(cell: object, said: str) -> None:
    assert values.identifier("id", cell) == said


@pytest.mark.parametrize("cell", ["5.51235E+09", "9.01000010010012E+18", "1,2E+15"])
def test_a_key_that_a_spreadsheet_cut_is_refused(cell: str) -> None:
    with pytest.raises(RowRefused, match="cut short"):
        values.phone("phone", cell)
    with pytest.raises(RowRefused, match="cut short"):
        values.slug("id", cell)
