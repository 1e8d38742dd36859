"""A flag that tells of something missing goes when it comes, by a fact recorded once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.device import subject_of
from tests.faults.everywhere import killed_everywhere
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio

Json = dict[str, Any]


async def facts(town: Municipality) -> list[tuple[str, list[str]]]:
    """The event and flags of every ``explained`` fact."""
    found = [doc["fact"] for key, doc in (await town.truth()).items() if ":fact:explained:" in key]
    return sorted((fact["event"], fact["flags"]) for fact in found)


async def test_a_gap_is_told_of_until_it_is_filled(any_town: Municipality) -> None:
    town = any_town
    lucia = await town.pen("lucia")
    first, second, third, fourth = [lucia.capture("lampara", **inside(1)) for _ in range(4)]
    await town.push(first)
    await town.push(fourth)
    assert (await town.report(subject_of(fourth)))["flags"] == ["sequence_gap"]
    await town.push(second)
    assert (await town.report(subject_of(fourth)))["flags"] == ["sequence_gap"]
    await town.push(third)
    assert (await town.report(subject_of(fourth)))["flags"] == []
    assert await facts(town) == [(fourth["_id"], ["sequence_gap"])]
    entry = next(
        e for e in (await town.report(subject_of(fourth)))["timeline"] if e["event"] == fourth["_id"]
    )
    assert entry["flags"] == ["sequence_gap"], "that it was missing then stays in the history"
    await town.push(third, fourth)
    assert len(await facts(town)) == 1
    await town.assert_sound()


async def test_one_filled_gap_leaves_the_flag_of_another(town: Municipality) -> None:
    """Both stand on one report; each goes with its own."""
    lucia, norma = await town.pen("lucia"), await town.pen("norma")
    report = await town.capture("lucia", "lampara", **inside(1))
    lost, note = lucia.capture("lampara", **inside(1)), lucia.event("noted", report, {"text": "sigue"})
    other, second = norma.capture("lampara", **inside(1)), norma.event("noted", report, {"text": "sí"})
    await town.push(note, second)
    await town.push(lost)
    assert (await town.report(report))["flags"] == ["sequence_gap"]
    await town.push(other)
    assert (await town.report(report))["flags"] == []
    await town.assert_sound()


async def test_a_number_taken_by_what_was_refused_is_no_gap(town: Municipality) -> None:
    lucia = await town.pen("lucia")
    wrong, lamp = lucia.event("captured", None, {"type": "lampara"}), lucia.capture("lampara", **inside(1))
    await town.push(lamp)
    assert (await town.report(subject_of(lamp)))["flags"] == ["sequence_gap"]
    await town.push(wrong)
    assert (await town.report(subject_of(lamp)))["flags"] == []


async def test_what_was_seen_and_unknown_comes(any_town: Municipality) -> None:
    town = any_town
    lucia, norma = await town.pen("lucia"), await town.pen("norma")
    report = await town.capture("lucia", "lampara", **inside(1))
    seen = (await town.report(report))["events"]
    note = norma.event("noted", report, {"text": "voy"}, based_on=seen)
    more = norma.event("noted", report, {"text": "ya"}, based_on=[*seen, note["_id"]])
    answer = lucia.event("noted", report, {"text": "gracias"}, based_on=[note["_id"], more["_id"]])
    await town.push(answer)
    await town.push(note)
    assert (await town.report(report))["flags"] == ["based_on_unknown"]
    await town.push(more)
    assert (await town.report(report))["flags"] == []
    assert await facts(town) == [(answer["_id"], ["based_on_unknown"])]
    await town.assert_sound()


async def test_what_is_of_another_report_explains_nothing(town: Municipality) -> None:
    lucia = await town.pen("lucia")
    report = await town.capture("lucia", "lampara", **inside(1))
    lamp = lucia.capture("lampara", **inside(1))
    await town.push(lamp)
    await town.act("lucia", "noted", report, {"text": "x"}, based_on=[lamp["_id"]])
    assert (await town.report(report))["flags"] == ["based_on_unknown"]
    assert await facts(town) == []


async def test_what_was_held_before_a_gap_is_flagged_while_there_is_one(town: Municipality) -> None:
    lucia = await town.pen("lucia")
    capture, lost = lucia.capture("lampara", **inside(1)), lucia.capture("lampara", **inside(1))
    note = lucia.event("noted", subject_of(capture), {"text": "sigue"})
    await town.push(note)
    await town.push(capture)
    assert (await town.report(subject_of(capture)))["flags"] == ["sequence_gap"]
    await town.push(lost)
    assert (await town.report(subject_of(capture)))["flags"] == []
    await town.assert_sound()


async def a_gap_filled(town: Municipality) -> AsyncIterator[None]:
    lucia = await town.pen("lucia")
    lost, lamp = lucia.capture("lampara", **inside(1)), lucia.capture("lampara", **inside(1))
    await town.push(lamp)
    await town.restart()
    await town.append(lost)
    yield
    assert (await town.report(subject_of(lamp)))["flags"] == []
    assert len(await facts(town)) == 1
    await town.assert_sound()


async def test_killed_while_a_gap_was_filled(tmp_path: Path) -> None:
    assert min(await killed_everywhere(tmp_path, a_gap_filled)) > 0
