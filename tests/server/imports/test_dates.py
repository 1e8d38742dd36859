"""Dates as Mexican offices and their systems write them."""

from __future__ import annotations

from datetime import datetime

import pytest

from server.imports.dates import leading, read

NOON = datetime(2026, 2, 1)
MORNING = datetime(2026, 2, 1, 9, 5)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-01", "2026/2/1", "20260201", "1/2/26", "01-02-2026", "01.02.2026", "1-feb-26", "01-FEB-2026",
        "1 de febrero de 2026", "1° de febrero del 2026", "domingo, 1 de febrero de 2026", "feb 1, 2026",
        "01-feb.-2026", "46054", "dom. 01/02/2026",
    ],
)  # fmt: skip
def test_a_day(text: str) -> None:
    assert read(text) == (NOON, False)


@pytest.mark.parametrize(
    "text",
    [
        "01/02/2026 9:05 a. m.", "01/02/2026 9:05 a.\u202fm.", "1/2/26 09:05", "01/02/2026 09:05 hrs.",
        "01-feb-2026, 9:05 AM",
        "1 de febrero de 2026 a las 9:05 h", "2026-02-01T09:05", "2026-02-01 09:05:00.000",
        "01/02/2026 - 09:05",
        "Feb 1 2026  9:05AM", "46054.3784722222",
    ],
)  # fmt: skip
def test_a_moment(text: str) -> None:
    assert read(text) == (MORNING, True)


def test_afternoons_and_noon() -> None:
    assert read("01/02/2026 9:05 p. m.").at.hour == 21
    assert read("01/02/2026 12:05 p.m.").at.hour == 12
    assert read("01/02/2026 12:05 a.m.").at.hour == 0
    assert read("mar 05/03/2024 10:00").at == datetime(2024, 3, 5, 10)
    assert read("Mar 5 2024").at == datetime(2024, 3, 5)
    assert read("1/2/99").at.year == 1999


def test_an_offset_is_kept() -> None:
    assert read("2026-02-01T09:05:00Z").at.utcoffset() is not None
    assert read("2026-02-01 09:05:00-06:00").at.utcoffset() is not None


@pytest.mark.parametrize(
    "text",
    [
        "", "ayer", "31/02/2026", "2026-13-01", "9:05", "12", "1234", "99999", "1-ju-2026",
        "01/02/2026 13:05 p.m.",
        "01/02/2026 25:00", "01/02/2026 9", "01/02/20260", "feb-26", "01/02",
    ],
)  # fmt: skip
def test_no_date(text: str) -> None:
    with pytest.raises(ValueError):
        read(text)


def test_which_order_a_date_can_have() -> None:
    assert leading("25/03/2024") == {"day"}
    assert leading("03/25/2024 10:00") == {"month"}
    assert leading("03/04/2024") == {"day", "month"}
    assert leading("2024-03-25") == set()
    assert read("03/04/2024", "month").at == datetime(2024, 3, 4)
