"""What came before the report or incident it is about is judged when that comes, whatever happens between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from server.intake.chores.requests import retry
from server.intake.memory.waiting import OF_DEVICE, Waiting
from tests.device import subject_of
from tests.faults.everywhere import killed_everywhere
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio


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


async def a_report_that_others_wait_for(town: Municipality) -> AsyncIterator[None]:
    lucia, pc = await town.pen("lucia"), await town.pen("pc")
    lamp = lucia.capture("lampara", **inside(1))
    note = lucia.event("noted", subject_of(lamp), {"text": "sigue"})
    incident = pc.event("incident_opened", None, {"name": "Lluvia"})
    flood = await town.capture("lucia", "inundacion", **inside(2))
    joined = pc.event("incident_joined", flood, {"incident": subject_of(incident)})
    await town.push(note, joined)
    await town.intake.close()  # the checkpoint says that what waits was read
    town.intake = await town.open_intake()
    await town.append(lamp, incident)
    yield
    assert note["_id"] in (await town.report(subject_of(lamp)))["events"]
    assert (await town.report(flood))["incident"] == subject_of(incident)
    await town.assert_sound()


async def test_killed_between_the_report_and_what_waited_for_it(tmp_path: Path) -> None:
    assert min(await killed_everywhere(tmp_path, a_report_that_others_wait_for)) > 1


async def a_photo_that_never_came(town: Municipality) -> AsyncIterator[None]:
    """A fact without an event is in no receipt: after a crash nothing but its record tells of it."""
    shot = {"sha256": "ab" * 32, "origin": "camera", "bytes": 300_000, "type": "image/jpeg"}
    report = await town.capture("lucia", "bache", photos=[shot], **inside(1))
    await town.intake.close()
    town.clock.advance(days=8)
    town.intake = await town.open_intake()
    yield
    assert "photo_missing" in (await town.report(report))["flags"]
    await town.assert_sound()


async def test_what_the_clock_asked_for_is_brought_to_its_end(tmp_path: Path) -> None:
    assert min(await killed_everywhere(tmp_path, a_photo_that_never_came)) > 0


async def restored_between(town: Municipality) -> tuple[str, list[dict[str, Any]]]:
    """A report the municipality has, and what came of it that it does not have any more: assigned by an
    office that had seen it, begun and finished by the brigade that had seen that.
    """
    report = await town.capture("marta", "bache", **inside(2))
    capture = (await town.report(report))["events"][0]
    obras, bache1 = await town.pen("obras"), await town.pen("bache1")
    town.clock.advance(minutes=5)
    order = {"agency": "obras", "brigade": "bache-1"}
    assigned = obras.event("assigned", report, order, based_on=[capture])
    town.clock.advance(minutes=5)
    started = bache1.event("started", report, based_on=[capture, assigned["_id"]])
    town.clock.advance(minutes=5)
    seen = [capture, assigned["_id"], started["_id"]]
    finished = bache1.event("finished", report, {"done": "bacheado"}, based_on=seen)
    town.clock.advance(minutes=5)
    return report, [assigned, started, finished]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_what_the_brigade_did_waits_for_its_assignment(
    any_town: Municipality, order: tuple[int, ...]
) -> None:
    town = any_town
    report, events = await restored_between(town)
    arrived: set[int] = set()
    for number in order:
        await town.push(events[number])
        arrived.add(number)
        truth = await town.truth()
        held = {doc["event"] for key, doc in truth.items() if key.startswith("quarantine:")}
        assert held == ({events[n]["_id"] for n in arrived} if 0 not in arrived else set())
        assert [key for key in truth if key.startswith("refusal:")] == []
    stored = await town.report(report)
    assert stored["status"] == "finished"
    assert stored["events"][1:] == [event["_id"] for event in events]
    assert [key for key in await town.truth() if key.startswith("quarantine:")] == []
    assert not [key for key in await town.mailbox("mesa") if key.startswith("quarantine:")]
    await town.assert_sound()


async def test_what_waits_in_vain_is_refused(town: Municipality) -> None:
    """What it names came and was refused: nothing more will explain it."""
    report, _ = await restored_between(town)
    marta = await town.pen("marta")
    seen = (await town.report(report))["events"]
    nothing = marta.event("assigned", report, {"agency": "obras", "brigade": "luz-1"}, based_on=seen)
    luz1 = await town.pen("luz1")
    first = luz1.event("started", report, based_on=[nothing["_id"]])
    second = luz1.event("finished", report, {"done": "x"}, based_on=[first["_id"]])
    await town.push(second, first)
    codes = {e["event"]: e["code"] for e in (await town.ack("luz1"))["quarantined"]}
    assert codes == {first["_id"]: "basis_unknown", second["_id"]: "basis_unknown"}
    await town.push(nothing)
    ack = await town.ack("luz1")
    assert {e["event"]: e["code"] for e in ack["refused"]} == dict.fromkeys(codes, "event_not_allowed")
    assert ack["quarantined"] == []
    assert not [key for key in await town.mailbox("mesa") if key.startswith("quarantine:")]
    await town.assert_sound()


async def test_the_desk_lets_in_or_lets_go_what_waits_for_something_lost(town: Municipality) -> None:
    report, (assigned, started, finished) = await restored_between(town)
    await town.push(started, finished)  # the office's phone was lost with what it held
    own = {name: event["_id"][-36:] for name, event in (("started", started), ("finished", finished))}
    await retry(town.databases, town.clock, "mesa", own["finished"])
    await town.intake.run_until_idle()
    assert len((await town.ack("bache1"))["quarantined"]) == 2
    await retry(town.databases, town.clock, "mesa", own["started"], refuse=True)
    await retry(town.databases, town.clock, "mesa", own["finished"], force=True)
    await town.intake.run_until_idle()
    ack = await town.ack("bache1")
    assert [(e["event"], e["code"]) for e in ack["refused"]] == [(started["_id"], "event_let_go")]
    assert ack["quarantined"] == []
    stored = await town.report(report)
    assert stored["status"] == "finished"
    assert {"based_on_unknown", "unassigned_work"} <= set(stored["flags"])
    await town.push(assigned)  # it comes after all: what was let go stays so, until somebody asks again
    assert started["_id"] not in (await town.report(report))["events"]
    await retry(town.databases, town.clock, "mesa", own["started"])
    await town.intake.run_until_idle()
    assert started["_id"] in (await town.report(report))["events"]
    assert (await town.ack("bache1"))["refused"] == []
    await town.assert_sound()


async def what_was_seen_comes(town: Municipality) -> AsyncIterator[None]:
    report, (assigned, started, finished) = await restored_between(town)
    await town.push(finished, started)
    await town.intake.close()
    town.intake = await town.open_intake()
    await town.append(assigned)
    yield
    assert (await town.report(report))["events"][1:] == [e["_id"] for e in (assigned, started, finished)]
    await town.assert_sound()


async def test_killed_between_what_was_seen_and_what_rests_on_it(tmp_path: Path) -> None:
    assert min(await killed_everywhere(tmp_path, what_was_seen_comes)) > 0


async def what_was_seen_is_refused(town: Municipality) -> AsyncIterator[None]:
    report, _ = await restored_between(town)
    marta, luz1 = await town.pen("marta"), await town.pen("luz1")
    nothing = marta.event("assigned", report, {"agency": "obras", "brigade": "luz-1"})
    rests = luz1.event("started", report, based_on=[nothing["_id"]])
    await town.push(rests)
    await town.intake.close()  # the checkpoint says that what waits was read
    town.intake = await town.open_intake()
    await town.append(nothing)
    yield
    ack = await town.ack("luz1")
    assert [(e["event"], e["code"]) for e in ack["refused"]] == [(rests["_id"], "event_not_allowed")]
    assert ack["quarantined"] == []
    assert not [key for key in await town.mailbox("mesa") if key.startswith("quarantine:")]
    await town.assert_sound()


async def test_killed_while_what_rests_on_nothing_is_refused(tmp_path: Path) -> None:
    assert min(await killed_everywhere(tmp_path, what_was_seen_is_refused)) > 0


async def test_joined_to_a_report_that_has_not_come(town: Municipality) -> None:
    norma, marta = await town.pen("norma"), await town.pen("marta")
    first = await town.capture("marta", "bache", **inside(2))
    other = marta.capture("bache", **inside(2))
    merged = norma.event("marked_duplicate", first, {"of": subject_of(other)})
    await town.push(merged)
    assert [e["code"] for e in (await town.ack("norma"))["quarantined"]] == ["report_unknown"]
    await town.push(other)
    assert (await town.report(first))["duplicate_of"] == subject_of(other)
    await town.assert_sound()


async def test_a_device_enrolled_again_finds_its_work_taken_in(town: Municipality) -> None:
    """Enrolled after the backup: a colleague brings its work, and then it is enrolled with the same key."""
    lucia, marta = await town.pen("lucia", "1b2b8c1e-9d54-4c06-8a37-5b1f0e6d7c21"), await town.pen("marta")
    device = await town.databases.accounts.get(f"device:{lucia.id}")
    await town.directory.remove(f"device:{lucia.id}")
    lamp = lucia.capture("lampara", **inside(1))
    await town.push(lamp, device=marta.id)
    assert [e["code"] for e in (await town.ack("marta"))["quarantined"]] == ["event_device_unknown"]
    await town.restart()
    await town.directory.create({name: value for name, value in device.items() if name != "_rev"})
    await town.intake.run_until_idle()
    assert (await town.report(subject_of(lamp)))["folio"] == "VP-000001"
    await town.assert_sound()


async def test_a_long_row_of_what_waits_is_taken_in_from_its_first(town: Municipality) -> None:
    """Each rests on the one before it, and the first comes last."""
    report, (assigned, *_) = await restored_between(town)
    bache1, row, seen = await town.pen("bache1"), [], assigned["_id"]
    for _ in range(190):
        row.append(bache1.event("visited", report, {"outcome": "partial"}, based_on=[seen]))
        seen = row[-1]["_id"]
    await town.push(*reversed(row))
    assert len((await town.ack("bache1"))["quarantined"]) == 190
    await town.push(assigned)
    assert (await town.report(report))["events"][1:] == [e["_id"] for e in (assigned, *row)]


def test_what_one_device_may_have_judged_by_itself_is_bounded() -> None:
    waiting = Waiting()

    def doc(device: str, number: int) -> Any:
        event = f"event:subject:{number}"
        more = {"code": "basis_unknown", "waits_for": ["event:never", event]}
        return {"device": device, "event": event, "receipt": f"{device}{number:05}", **more}

    for number in range(OF_DEVICE + 5):
        waiting.note(doc("hostile~1", number))
    waiting.note(doc("honest~1", 1))
    assert waiting.take({("basis_unknown", f"event:subject:{OF_DEVICE + 1}")}) == []
    assert waiting.take({("basis_unknown", "event:subject:1")}) == ["honest~100001", "hostile~100001"]
    waiting.note(doc("hostile~1", OF_DEVICE + 1))  # there is room again
    assert waiting.take({("basis_unknown", f"event:subject:{OF_DEVICE + 1}")}) == [
        f"hostile~1{OF_DEVICE + 1:05}"
    ]
