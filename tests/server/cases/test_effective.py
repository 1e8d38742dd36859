"""effective_at: the shared table, and its bounds for any clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given as drawn
from hypothesis import strategies as st

from server.cases.effective import effective_at
from server.instants import say
from tests.tables import cases

INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC)).map(say)


@cases("effective_at")
def test_when_it_is_taken_to_have_happened(given: dict[str, Any], expect: dict[str, Any]) -> None:
    found, flags = effective_at(**given)
    assert found == expect["effective_at"]
    assert flags == expect["flags"]


@drawn(
    INSTANTS, INSTANTS, st.none() | st.integers(-(10**12), 10**12), INSTANTS | st.none(), INSTANTS | st.none()
)
def test_no_clock_can_leave_the_bounds(
    occurred: str, received: str, skew: int | None, previous: str | None, enrolled: str | None
) -> None:
    found, _ = effective_at(occurred, received, skew, previous, enrolled_at=enrolled, first=True)
    assert found <= max(received, previous or "")
    assert enrolled is None or found >= min(enrolled, received)
    assert previous is None or found >= previous
