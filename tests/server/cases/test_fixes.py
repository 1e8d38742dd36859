"""A fix is compared with the act and with the earth before it counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.cases.fixes import FRESH, ROLLOVER, corrects_place, is_of, located
from server.instants import say

Json = Any
ACT = datetime(2026, 11, 23, 16, 5, 9, tzinfo=UTC)


def fix(taken: timedelta, **more: Any) -> Json:
    return {"source": "gps", "lat": 20.97, "lon": -89.62, "accuracy": 5, "taken_at": say(ACT + taken), **more}


@pytest.mark.parametrize(
    ("taken", "of_the_act"),
    [
        (timedelta(0), True),
        (-timedelta(minutes=29), True),
        (timedelta(minutes=2), True),
        (-timedelta(minutes=31), False),
        (-timedelta(days=1), False),
        (-timedelta(days=365), False),
        (timedelta(minutes=31), False),
        (-ROLLOVER, True),
        (-2 * ROLLOVER - timedelta(minutes=3), True),
        (-ROLLOVER + timedelta(minutes=3), True),
        (-ROLLOVER - timedelta(hours=1), False),
        (-timedelta(weeks=1000), False),
        (ROLLOVER, False),
    ],
)
def test_a_fix_is_of_its_act_by_its_own_time(taken: timedelta, of_the_act: bool) -> None:
    assert is_of(fix(taken), [say(ACT)]) is of_the_act


def test_either_clock_may_be_the_one_that_is_right() -> None:
    """The satellites' time and a phone whose own clock is three days off."""
    by_satellite, by_phone = fix(timedelta(0)), say(ACT - timedelta(days=3))
    assert not is_of(by_satellite, [by_phone])
    assert is_of(by_satellite, [by_phone, say(ACT)])


def test_a_fix_without_a_time_shows_nothing() -> None:
    bare = fix(timedelta(0))
    del bare["taken_at"]
    assert not is_of(bare, [say(ACT)])


@given(st.integers(0, 4), st.timedeltas(-timedelta(days=3000), timedelta(days=3000)))
def test_only_whole_rollovers_are_forgiven(weeks: int, off: timedelta) -> None:
    assert is_of(fix(-weeks * ROLLOVER - off), [say(ACT)]) is (abs(off) <= FRESH)


@pytest.mark.parametrize(
    ("lat", "lon", "nowhere"),
    [(0.0, 0.0, True), (-0.0001, 0.0001, True), (0.0, -89.6, False), (1.0, 0.0, False)],
)
def test_zero_zero_is_no_place(lat: float, lon: float, nowhere: bool) -> None:
    position = fix(timedelta(0), lat=lat, lon=lon)
    assert located(position) == ({"source": "none"} if nowhere else position)
    event: Any = {"payload": {"place_corrected": True}, "position": position}
    other: Any = {"payload": {"place": {}}, "position": position}
    assert corrects_place(event) is not nowhere
    assert not corrects_place(other)
