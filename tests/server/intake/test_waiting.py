"""What came before the report or incident it is about is judged when that comes, whatever happens between."""

from __future__ import annotations

import pytest

from server.intake.writer import STEPS
from tests.device import subject_of
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio


class Killed(BaseException):
    """Nothing catches it."""


async def test_a_note_before_its_report(any_town: Municipality) -> None:
    town = any_town
    lucia = await town.pen("lucia")
    lamp = lucia.capture("lampara", **inside(1))
    note = lucia.event("noted", subject_of(lamp), {"text": "sigue"}, based_on=[lamp["_id"]])
    await town.push(note)
    assert [e["code"] for e in (await town.ack("lucia"))["quarantined"]] == ["report_unknown"]
    await town.push(note)  # again: it still waits
    await town.push(lamp)
    assert (await town.report(subject_of(lamp)))["events"] == [lamp["_id"], note["_id"]]
    assert (await town.ack("lucia"))["quarantined"] == []
    assert (await town.report(subject_of(lamp)))["flags"] == []
    await town.assert_sound()


async def test_a_report_joined_to_an_incident_before_it_opened(town: Municipality) -> None:
    pc = await town.pen("pc")
    flood = await town.capture("lucia", "inundacion", **inside(2))
    incident = pc.event("incident_opened", None, {"name": "Lluvia"})
    joined = pc.event("incident_joined", flood, {"incident": subject_of(incident)})
    await town.push(joined)
    assert [e["code"] for e in (await town.ack("pc"))["quarantined"]] == ["incident_unknown"]
    # Another event of the report does not make it forget what it waits for.
    await town.act("lucia", "noted", flood, {"text": "sube"})
    await town.push(incident)
    assert (await town.report(flood))["incident"] == subject_of(incident)
    assert (await town.ack("pc"))["quarantined"] == []
    await town.assert_sound()


async def test_an_incident_closed_before_it_opened(town: Municipality) -> None:
    pc = await town.pen("pc")
    incident = pc.event("incident_opened", None, {"name": "Lluvia"})
    closed = pc.event("incident_closed", subject_of(incident))
    await town.push(closed)
    await town.push(incident)
    found = [doc for key, doc in (await town.mailbox("pc")).items() if key.startswith("incident:")]
    assert [doc["closed_at"] is not None for doc in found] == [True]
    await town.assert_sound()


async def test_what_waits_survives_a_restart(town: Municipality) -> None:
    lucia = await town.pen("lucia")
    lamp = lucia.capture("lampara", **inside(1))
    note = lucia.event("noted", subject_of(lamp), {"text": "sigue"})
    await town.push(note)
    await town.restart()
    await town.push(note)
    await town.push(lamp)
    assert note["_id"] in (await town.report(subject_of(lamp)))["events"]


@pytest.mark.parametrize("kill_at", range(1, 2 * len(STEPS) + 1))
async def test_killed_between_the_report_and_what_waited_for_it(town: Municipality, kill_at: int) -> None:
    lucia, pc = await town.pen("lucia"), await town.pen("pc")
    lamp = lucia.capture("lampara", **inside(1))
    note = lucia.event("noted", subject_of(lamp), {"text": "sigue"})
    incident = pc.event("incident_opened", None, {"name": "Lluvia"})
    flood = await town.capture("lucia", "inundacion", **inside(2))
    joined = pc.event("incident_joined", flood, {"incident": subject_of(incident)})
    await town.push(note, joined)
    steps = 0

    async def kill(step: str) -> None:
        nonlocal steps
        steps += 1
        if steps == kill_at:
            raise Killed(step)

    await town.intake.close()  # the checkpoint says that what waits was read
    town.intake = await town.open_intake(kill)
    await town.append(lamp, incident)
    with pytest.raises(Killed):
        await town.intake.run_until_idle()
    await town.restart()
    await town.intake.run_until_idle()
    assert note["_id"] in (await town.report(subject_of(lamp)))["events"]
    assert (await town.report(flood))["incident"] == subject_of(incident)
    await town.assert_sound()


@pytest.mark.parametrize("step", ["records", "reports", "mailboxes"])
async def test_what_the_clock_asked_for_is_brought_to_its_end(town: Municipality, step: str) -> None:
    """A fact without an event is in no receipt: after a crash nothing but its record tells of it."""
    shot = {"sha256": "ab" * 32, "origin": "camera", "bytes": 300_000, "type": "image/jpeg"}
    report = await town.capture("lucia", "bache", photos=[shot], **inside(1))
    await town.intake.close()

    async def kill(done: str) -> None:
        if done == step:
            raise Killed(done)

    town.clock.advance(days=8)
    town.intake = await town.open_intake(kill)
    with pytest.raises(Killed):
        await town.intake.run_until_idle()
    await town.restart()
    await town.intake.run_until_idle()
    assert "photo_missing" in (await town.report(report))["flags"]
    await town.assert_sound()
