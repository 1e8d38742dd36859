"""Clocks and fixes, as intake takes them: compared with what else is known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.cases.fixes import ROLLOVER
from server.instants import parse, say
from tests.device import subject_of
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio

Json = dict[str, Any]


async def enrolled_now(town: Municipality, account: str) -> str:
    """Enrol a phone at this moment; gives when."""
    pen, now = await town.pen(account), say(town.clock.now())
    await town.directory.update(f"device:{pen.id}", lambda doc: {**doc, "enrolled_at": now})
    return now


@pytest.mark.parametrize("back", [timedelta(days=10), timedelta(days=3000), timedelta(days=20_000)])
async def test_a_first_event_is_not_before_its_enrolment(town: Municipality, back: timedelta) -> None:
    enrolled = await enrolled_now(town, "lucia")
    at = town.clock.now() - back
    town.clock.advance(minutes=10)
    pen = await town.pen("lucia")
    first, second = pen.capture("lampara", at=at, **inside(1)), pen.capture("lampara", at=at, **inside(1))
    await town.push(first)
    await town.push(second)
    for event in (first, second):
        report = await town.report(subject_of(event))
        assert (report["captured_at"], report["flags"]) == (enrolled, ["clock_wrong"])
    await town.assert_sound()


async def test_a_clock_of_1900_makes_no_report_of_1900(town: Municipality) -> None:
    """Even where what the device did before is missing."""
    pen = await town.pen("lucia")
    pen.seq, pen.prev = 5, "0" * 64
    event = pen.event(
        "captured", None, (pen.capture("lampara"))["payload"], occurred_at="1900-01-01T00:00:00.000Z"
    )
    enrolled = (await town.databases.accounts.get(f"device:{pen.id}"))["enrolled_at"]
    await town.push(event)
    report = await town.report(subject_of(event))
    assert report["captured_at"] == enrolled
    assert "clock_wrong" in report["flags"]
    await town.assert_sound()


async def test_a_phone_enrolled_anew_keeps_the_time_of_its_work(town: Municipality) -> None:
    """A restore lost its enrolment: what it brings is older than the new one, and not its first."""
    await enrolled_now(town, "lucia")
    pen = await town.pen("lucia")
    pen.seq, pen.prev = 5, "0" * 64
    at = town.clock.now() - timedelta(hours=20)
    event = pen.capture("lampara", at=at, **inside(1))
    await town.push(event)
    assert (await town.report(subject_of(event)))["captured_at"] == say(at)


@pytest.mark.parametrize(
    ("old", "verdict"),
    [
        (timedelta(0), "ok"),
        (timedelta(hours=5), "unverifiable"),
        (ROLLOVER, "ok"),
        (ROLLOVER + timedelta(hours=5), "unverifiable"),
    ],
)
async def test_an_old_fix_is_no_presence(town: Municipality, old: timedelta, verdict: str) -> None:
    report = await town.capture("lucia", "lampara", **inside(1))
    now = town.clock.now()
    fix = {"source": "gps", **inside(1), "accuracy": 5.0, "taken_at": say(now - old)}
    started = await town.act("luz1", "started", report, position=fix)
    record = await town.databases.cases.get(f"record:{started['_id'].removeprefix('event:')}")
    assert record["position"]["verdict"] == verdict
    await town.assert_sound()


async def test_zero_zero_is_the_leaders_own_block(town: Municipality) -> None:
    report = await town.capture("lucia", "lampara", lat=0.0, lon=0.0)
    stored = await town.report(report)
    assert stored["place"]["block"] == "b1"
    assert "lat" not in stored["place"]
    assert stored["flags"] == []
    zero = {"source": "gps", "lat": 0.0, "lon": 0.0, "accuracy": 5.0, "taken_at": say(town.clock.now())}
    placed = await town.capture("lucia", "lampara", **inside(1))
    before = (await town.report(placed))["place"]
    await town.act("lucia", "amended", placed, {"place_corrected": True}, position=zero)
    assert (await town.report(placed))["place"] == before
    visited = await town.act("luz1", "visited", placed, {"outcome": "partial"}, position=zero)
    record = await town.databases.cases.get(f"record:{visited['_id'].removeprefix('event:')}")
    assert record["position"] == {"verdict": "none"}
    assert parse(record["effective_at"]) == town.clock.now()
    await town.assert_sound()
