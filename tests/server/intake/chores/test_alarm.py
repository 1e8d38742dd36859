"""Emergencies nobody takes are told to the operator's hook, and each telling is a fact."""

from __future__ import annotations

from typing import Any

import pytest

from server.documents import reading
from server.instants import parse
from server.intake.chores.alarm import next_telling
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio

Json = Any


class Hook:
    """Keeps what it was told and answers as it is set to."""

    def __init__(self) -> None:
        self.told: list[Json] = []
        self.answer = "200"

    async def __call__(self, message: Json) -> str:
        self.told.append(message)
        return self.answer


async def with_hook(town: Municipality) -> Hook:
    hook = Hook()
    town.intake.timers._hook = hook
    return hook


async def let_pass(town: Municipality, minutes: float) -> None:
    town.clock.advance(minutes=minutes)
    await town.intake.run_until_idle()
    await town.intake.timers.settled()
    await town.intake.run_until_idle()


async def escalations(town: Municipality, report: str) -> list[Json]:
    timeline = (await town.report(report))["timeline"]
    return [entry["payload"] for entry in timeline if entry["kind"] == "escalated"]


async def test_after_five_minutes_and_again_until_taken(town: Municipality) -> None:
    hook = await with_hook(town)
    report = await town.capture("lucia", "inundacion", text="Ana Pérez 4771112233", danger=True, **inside(1))
    await let_pass(town, 4.9)
    assert hook.told == []
    await let_pass(town, 0.2)
    assert [message["attempt"] for message in hook.told] == [1]
    assert hook.told[0]["folio"] == "VP-000001"
    assert hook.told[0]["danger"] is True
    assert "Ana" not in repr(hook.told)
    hook.answer = "ConnectError"
    await let_pass(town, 5)
    assert await escalations(town, report) == [
        {"attempt": 1, "answer": "200"},
        {"attempt": 2, "answer": "ConnectError"},
    ]
    await town.act("pc", "taken", report)
    await let_pass(town, 60)
    assert len(hook.told) == 2
    await town.assert_sound()


async def test_let_go_it_waits_for_somebody_anew(town: Municipality) -> None:
    hook = await with_hook(town)
    report = await town.capture("lucia", "inundacion", **inside(1))
    await town.act("pc", "taken", report)
    await let_pass(town, 60)
    await town.act("pc", "released", report)
    assert (await town.report(report))["taken_by"] == []
    await let_pass(town, 4.9)
    assert hook.told == []
    await let_pass(town, 0.2)
    assert [message["reason"] for message in hook.told] == ["untaken"]
    await town.assert_sound()


async def test_a_crew_that_left_for_risk_is_told_once_at_once(town: Municipality) -> None:
    hook = await with_hook(town)
    report = await town.capture("lucia", "lampara", **inside(1))
    assert (await town.report(report))["priority"] > 1
    await let_pass(town, 60 * 30)
    await town.act("luz1", "visited", report, {"outcome": "unsafe"})
    await let_pass(town, 0.1)
    assert [message["reason"] for message in hook.told] == ["left_for_risk"]
    assert "left_for_risk" in (await town.report(report))["flags"]
    await let_pass(town, 120)
    assert len(hook.told) == 1
    await town.act("luz1", "visited", report, {"outcome": "unsafe"})
    await let_pass(town, 0.1)
    assert [message["attempt"] for message in hook.told] == [1, 2]
    await town.assert_sound()


async def test_words_make_an_emergency_but_not_inside_an_incident(town: Municipality) -> None:
    first = await town.capture("lucia", "lampara", text="echa chispas", **inside(1))
    assert (await town.report(first))["priority"] == 1
    incident = (await town.pen("pc")).event("incident_opened", None, {"name": "Tormenta"})
    await town.push(incident)
    second = await town.capture("lucia", "lampara", text="echa chispas", **inside(1))
    assert (await town.report(second))["priority"] == 3
    await town.assert_sound()


async def test_a_restart_goes_on_telling(town: Municipality) -> None:
    await with_hook(town)
    report = await town.capture("lucia", "inundacion", **inside(1))
    await let_pass(town, 6)
    await town.intake.close()
    town.intake = await town.open_intake()
    hook = await with_hook(town)
    for stored in [await town.report(report)]:
        town.intake.timers.note(reading.report(stored))
    await let_pass(town, 5)
    assert [message["attempt"] for message in hook.told] == [2]


def report(**members: Any) -> Json:
    base = {"priority": 1, "taken_by": [], "status": "captured", "captured_at": "2026-11-23T16:00:00.000Z"}
    return {**base, "timeline": [], **members}


def told(number: int, at: str) -> Json:
    return {"kind": "escalated", "at": at, "payload": {"attempt": number}}


def left(at: str, **members: Any) -> Json:
    return {"kind": "visited", "at": at, "payload": {"outcome": "unsafe"}, **members}


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (report(), (1, "2026-11-23T16:05:00.000Z")),
        (report(priority=2), None),
        (report(taken_by=[{"account": "pc"}]), None),
        (report(status="finished"), None),
        (report(timeline=[told(1, "2026-11-23T16:05:00.000Z")]), (2, "2026-11-23T16:10:00.000Z")),
        (report(timeline=[told(12, "2026-11-23T17:00:00.000Z")]), (13, "2026-11-23T17:30:00.000Z")),
        (report(timeline=[told(60, "2026-11-24T15:59:00.000Z")]), None),
        (report(priority=3, timeline=[left("2026-11-30T09:00:00.000Z")]), (1, "2026-11-30T09:00:00.000Z")),
        (report(priority=3, status="finished", timeline=[left("2026-11-30T09:00:00.000Z")]), None),
        (report(priority=3, timeline=[left("2026-11-30T09:00:00.000Z", late=True)]), None),
        (
            report(
                priority=3,
                timeline=[left("2026-11-30T09:00:00.000Z"), told(1, "2026-11-30T09:00:01.000Z")],
            ),
            None,
        ),
        (
            report(
                timeline=[
                    {"kind": "prioritized", "at": "2026-11-23T18:00:00.000Z", "payload": {"priority": 1}}
                ]
            ),
            (1, "2026-11-23T18:05:00.000Z"),
        ),
    ],
)
async def test_when_the_next_telling_is(stored: Json, expected: tuple[int, str] | None) -> None:
    found = next_telling(stored)
    assert found == (expected and (expected[0], parse(expected[1])))
