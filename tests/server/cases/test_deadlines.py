"""Deadlines: the shared table, and what holds for any type and start."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from server.cases.deadlines import clock_start, deadlines, is_working_day, month_of, official_holidays
from server.instants import parse, say
from tests.tables import cases

HERMOSILLO = ZoneInfo("America/Hermosillo")
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)).map(say)


@cases("deadlines", "petition_type")
def test_deadlines(given: dict[str, Any], expect: dict[str, Any]) -> None:
    found = deadlines(
        given["petition_type"],
        given["clock_start"],
        ZoneInfo(given["timezone"]),
        given["own_holidays"],
        answer_hours=given["answer_hours"],
    )
    assert found == expect


@cases("deadlines", "received_at")
def test_which_instant_starts_the_clock(given: dict[str, Any], expect: dict[str, Any]) -> None:
    found = clock_start(given["received_at"], given["effective_at"], trusted=given["trusted"])
    assert found == expect["clock_start"]


@drawn(INSTANTS, st.integers(0, 60), st.integers(0, 70), st.booleans())
def test_green_then_amber_then_red(start: str, days: int, amber_days: int, working: bool) -> None:
    kind: Any = {"days": days, "working_days": working, "amber_days": amber_days}
    found = deadlines(kind, start, HERMOSILLO)
    assert found["amber_at"] is not None
    assert found["due_at"] is not None
    assert start <= found["amber_at"] <= found["due_at"]
    last = parse(found["due_at"]).astimezone(HERMOSILLO)
    assert last.strftime("%H:%M:%S") == "23:59:59"
    if working:
        assert is_working_day(last.date())
    else:
        assert (last.date() - parse(start).astimezone(HERMOSILLO).date()).days == days


@drawn(INSTANTS, st.integers(0, 30), st.booleans())
def test_one_more_day_is_never_earlier(start: str, days: int, working: bool) -> None:
    def due(count: int) -> str:
        kind: Any = {"days": count, "working_days": working}
        found = deadlines(kind, start, HERMOSILLO)["due_at"]
        assert found is not None
        return found

    assert due(days) <= due(days + 1)


def test_a_type_without_days_has_only_the_answer() -> None:
    found = deadlines(None, "2026-11-22T16:00:00.000Z", HERMOSILLO)
    assert found == {
        "clock_start": "2026-11-22T16:00:00.000Z",
        "answer_due_at": "2026-11-23T16:00:00.000Z",
        "amber_at": None,
        "due_at": None,
    }


def test_official_holidays_have_spanish_names() -> None:
    assert official_holidays(2026)["2026-12-25"] == "Navidad"
    assert len(official_holidays(2024)) == len(official_holidays(2026)) + 1  # a new federal government


@pytest.mark.parametrize(
    ("day", "own", "works"),
    [
        (date(2026, 11, 20), (), True),
        (date(2026, 11, 21), (), False),
        (date(2026, 11, 16), (), False),
        (date(2026, 11, 20), ("2026-11-20",), False),
    ],
)
def test_working_days(day: date, own: tuple[str, ...], works: bool) -> None:
    assert is_working_day(day, own) is works


def test_a_month_ends_at_the_municipality_s_midnight() -> None:
    assert month_of("2026-12-01T06:59:59.999Z", HERMOSILLO) == "2026-11"
    assert month_of("2026-12-01T07:00:00.000Z", HERMOSILLO) == "2026-12"
