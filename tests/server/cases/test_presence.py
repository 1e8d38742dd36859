"""Whether somebody was there: the shared table, as the phone judges it, and what only the server knows."""

from __future__ import annotations

from typing import Any, cast

import pytest

from server.cases.presence import judge, metres
from server.documents.shapes import Position
from tests.tables import cases

Json = dict[str, Any]

AT = "2026-11-22T16:00:00.000Z"


def position(fix: Json | None) -> Position:
    return cast(Position, {"source": "none"} if fix is None else {"source": "gps", "taken_at": AT, **fix})


@cases("presence", "fix", "place")
def test_presence_1_presence_as_the_phone_judges_it(given: Json, expect: Json) -> None:
    found = judge(position(given["fix"]), given["place"], [AT])
    assert found["verdict"] == expect["verdict"]
    assert ("distance" in found) == ("distance" in expect)
    if "distance" in expect:
        assert metres(given["fix"], given["place"]) == pytest.approx(expect["distance"], abs=0.01)
        assert found["distance"] == round(metres(given["fix"], given["place"]))


def test_a_place_shown_by_hand_proves_nothing() -> None:
    for source in ("pin", "block", "address"):
        here = cast(Position, {"source": source, "lat": 21.1219, "lon": -101.6833})
        assert judge(here, here, [AT])["verdict"] == "unverifiable"
