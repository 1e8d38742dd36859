"""What changes a report after its capture, through the real intake: new facts are decided, old ones stand."""

from __future__ import annotations

from typing import Any

import pytest

from server.instants import say
from sync.errors import StorageFull
from sync.interface import BulkRow, Step
from tests.device import subject_of
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio

Json = dict[str, Any]


def fix(town: Municipality, number: int) -> Json:
    return {"source": "gps", **inside(number), "accuracy": 5.0, "taken_at": say(town.clock.now())}


async def test_a_new_type_brings_routing_and_deadlines_of_its_own(town: Municipality) -> None:
    """The desk classifies what nobody could: agency, deadline by the new type, the clock of the capture."""
    report = await town.capture("lucia", "unknown", **inside(1))
    before = await town.report(report)
    assert before["agency"] is None
    assert set(await town.holders(report)) >= {"mesa"}
    town.clock.advance(days=3)
    await town.act("mesa", "amended", report, {"type": "lampara"})
    after = await town.report(report)
    assert (after["type"], after["agency"]) == ("lampara", "alumbrado")
    # Five working days from Monday the 23rd, not from the day somebody looked at it.
    assert after["due_at"].startswith("2026-12-01")
    assert after["answer_due_at"] == before["answer_due_at"]
    assert after["captured_at"] == before["captured_at"]
    held = await town.holders(report)
    assert held["luz1"] == "full"
    assert "mesa" not in held, "it no longer waits for the desk"
    await town.assert_sound()


@pytest.mark.parametrize("account", ["lucia", "luz1"])
async def test_a_corrected_place_moves_it_to_another_block_and_sector(
    town: Municipality, account: str
) -> None:
    """The author, or the brigade on the spot, corrects the place: who sees it follows, deadlines stay."""
    report = await town.capture("lucia", "lampara", **inside(1))
    before = await town.report(report)
    assert before["place"]["block"] == "b1"
    town.clock.advance(days=1)
    await town.act(account, "amended", report, {"place_corrected": True}, position=fix(town, 12))
    after = await town.report(report)
    assert (after["place"]["block"], after["place"]["sector"]) == ("b12", "sur")
    assert after["due_at"] == before["due_at"]
    held = await town.holders(report)
    assert held["pedro"] == held["saul"] == "full"
    assert "norma" not in held
    assert held["lucia"] == "full", "who captured it follows it"
    await town.assert_sound()


@pytest.mark.parametrize("several", [False, True])
async def test_a_full_disk_in_the_middle_leaves_no_copy_behind(
    town: Municipality, monkeypatch: pytest.MonkeyPatch, several: bool
) -> None:
    """The report moves to another sector and the disk refuses the write. Afterwards it moves whole."""
    report = await town.capture("lucia", "lampara", **inside(1))
    assert "norma" in await town.holders(report)
    engine, spread = town.databases.engine, town.databases.engine.spread
    refused = 0

    async def full(*steps: Step) -> list[list[BulkRow]]:
        nonlocal refused
        refused += 1
        if several:  # as where the steps were too many for one transaction
            await spread(*steps[:-2])
        raise StorageFull("the disk is full")

    monkeypatch.setattr(engine, "spread", full)
    with pytest.raises(StorageFull):
        await town.act("lucia", "amended", report, {"place_corrected": True}, position=fix(town, 12))
    assert refused == 1
    monkeypatch.setattr(engine, "spread", spread)
    town.intake.line.forget()  # as the loop does before it tries again
    await town.intake.run_until_idle()
    assert (await town.report(report))["place"]["sector"] == "sur"
    held = await town.holders(report)
    assert held["pedro"] == held["saul"] == "full"
    assert "norma" not in held
    await town.assert_sound()


async def test_a_type_is_changed_by_the_desk_alone(town: Municipality) -> None:
    report = await town.capture("lucia", "lampara", **inside(1))
    await town.act("lucia", "amended", report, {"type": "bache"})
    await town.act("luz1", "amended", report, {"type": "bache"})
    assert (await town.report(report))["type"] == "lampara"
    for account in ("lucia", "luz1"):
        assert [e["code"] for e in (await town.ack(account))["refused"]] == ["event_not_allowed"]


async def test_what_comes_late_enters_the_timeline_and_moves_nothing(town: Municipality) -> None:
    """Eight days without signal: the brigade's start of then is told, and today's closing stands."""
    report = await town.capture("lucia", "lampara", **inside(1))
    luz = await town.pen("luz1")
    old = luz.event("started", report, based_on=(await town.report(report))["events"])
    town.clock.advance(days=4)
    await town.act("pc", "prioritized", report, {"priority": 2, "seen_priority": 3})
    other = await town.pen("luz1", "3f2b8c1e-9d54-4c06-8a37-5b1f0e6d7c21")
    seen = (await town.report(report))["events"]
    await town.push(other.event("finished", report, {"done": "foco nuevo"}, based_on=seen))
    town.clock.advance(days=4)
    await town.push(old)
    stored = await town.report(report)
    assert stored["status"] == "finished"
    assert old["_id"] in stored["events"]
    (entry,) = [entry for entry in stored["timeline"] if entry["kind"] == "started"]
    assert entry["late"] is True
    assert "late" in stored["flags"]
    await town.assert_sound()


async def test_a_week_without_signal_is_not_late(town: Municipality) -> None:
    report = await town.capture("lucia", "lampara", **inside(1))
    luz = await town.pen("luz1")
    old = luz.event("started", report, based_on=(await town.report(report))["events"])
    town.clock.advance(days=6)
    await town.act("lucia", "noted", report, {"text": "sigue"})
    town.clock.advance(hours=23)
    await town.push(old)
    stored = await town.report(report)
    assert (stored["status"], "late" in stored["flags"]) == ("in_progress", False)


async def test_ids_nobody_knows_are_ignored_and_flagged(town: Municipality) -> None:
    report = await town.capture("lucia", "lampara", **inside(1))
    elsewhere = (await town.pen("marta")).capture("lampara", **inside(2))
    await town.push(elsewhere)
    guessed = f"event:{report}:{elsewhere['_id'].rpartition(':')[2]}"
    await town.act("lucia", "noted", report, {"text": "sigue"}, based_on=[guessed, elsewhere["_id"]])
    stored = await town.report(report)
    (entry,) = [entry for entry in stored["timeline"] if entry["kind"] == "noted"]
    assert "based_on_unknown" in entry["flags"]
    assert "mesa" not in await town.holders(report), "a parcel that overtook another asks for nobody's review"
    await town.assert_sound()


async def test_somebody_elses_event_seen_opens_nothing(town: Municipality) -> None:
    """The id of another person's event is no key: having 'seen' it gives no relation to its report."""
    report = await town.capture("lucia", "lampara", **inside(1))
    first = (await town.report(report))["events"][0]
    pedro = await town.pen("pedro")
    await town.push(pedro.event("noted", report, {"text": "mío"}, based_on=[first]))
    assert [e["code"] for e in (await town.ack("pedro"))["refused"]] == ["event_not_allowed"]
    assert f"report:{report}" not in await town.mailbox("pedro")


async def test_two_brigades_both_see_it_and_it_is_done_when_both_are(town: Municipality) -> None:
    report = await town.capture("lucia", "inundacion", **inside(1))
    for agency, brigade in (("alumbrado", "luz-1"), ("obras", "bache-1")):
        await town.act("pc", "assigned", report, {"agency": agency, "brigade": brigade})
    held = await town.holders(report)
    assert held["luz1"] == held["bache1"] == "full"
    await town.act("luz1", "finished", report, {"done": "listo"})
    assert (await town.report(report))["status"] == "in_progress"
    await town.act("bache1", "finished", report, {"done": "listo"})
    assert (await town.report(report))["status"] == "finished"
    await town.assert_sound()


async def test_an_unclassified_capture_is_accepted_whatever_its_type(town: Municipality) -> None:
    pen = await town.pen("lucia")
    event = pen.capture("una-que-no-existe", **inside(1))
    await town.push(event)
    stored = await town.report(subject_of(event))
    assert stored["folio"]
    assert "type_unknown" in stored["flags"]
    assert (await town.holders(subject_of(event)))["mesa"] == "full"
    await town.assert_sound()
