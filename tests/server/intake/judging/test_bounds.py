"""A report takes in only so much; the rest waits for a person, and whoever decides is never kept out."""

from __future__ import annotations

from typing import Any

import pytest

from server.documents.contracts import contract
from server.intake.chores import requests
from server.intake.judging import bounds
from server.intake.judging.bounds import (
    ALL_OF_DEVICE,
    ORDINARY,
    ORDINARY_OF_DEVICE,
    ORDINARY_OF_REPORT,
    check_room,
)
from server.intake.judging.outcome import Quarantined
from tests.device import Pen
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio

Json = Any


def record(number: int, kind: str, device: str) -> tuple[str, Json]:
    return f"record:r:{number}", {"event": {"kind": kind, "device": device}}


def event(kind: str, device: str = "a~1", role: str = "block_leader") -> Json:
    return {"kind": kind, "device": device, "role": role}


def is_full(asked: Json, records: dict[str, Json], receipt: Json | None = None) -> bool:
    try:
        check_room(asked, records, (), receipt or {})
    except Quarantined as trouble:
        return trouble.code == "report_full"
    return False


def test_the_last_one_fits_and_the_next_does_not() -> None:
    mine = dict(record(n, "noted", "a~1") for n in range(ORDINARY_OF_DEVICE))
    assert is_full(event("noted"), mine)
    assert not is_full(event("noted"), dict(list(mine.items())[1:]))
    assert not is_full(event("noted", "b~1"), mine)
    many = dict(record(n, "supported", f"d{n // 100}~1") for n in range(ORDINARY_OF_REPORT))
    assert is_full(event("noted", "new~1"), many)
    assert not is_full(event("noted", "new~1"), dict(list(many.items())[1:]))


def test_whoever_decides_is_bound_by_his_own_device_alone() -> None:
    many = dict(record(n, "supported", f"d{n // 100}~1") for n in range(ORDINARY_OF_REPORT + 500))
    for kind in ("taken", "assigned", "started", "finished", "not_viable", "returned", "withdrawn"):
        assert not is_full(event(kind, "luz~1", "brigade"), many), kind
    for role in ("civil_protection", "desk", "agency"):
        assert not is_full(event("noted", "pc~1", role), many), role
        assert not is_full(event("marked_duplicate", "pc~1", role), many), role
    loop = dict(record(n, "started", "luz~1") for n in range(ALL_OF_DEVICE))
    assert is_full(event("finished", "luz~1", "brigade"), loop)
    assert not is_full(event("finished", "luz~2", "brigade"), loop)


def test_facts_of_the_server_do_not_count() -> None:
    facts: dict[str, Json] = {f"record:r:fact:{n}": {"fact": {"kind": "photo_verdict"}} for n in range(5_000)}
    assert not is_full(event("noted"), facts)


def test_a_person_who_has_looked_lets_it_in() -> None:
    full = dict(record(n, "noted", "a~1") for n in range(ALL_OF_DEVICE))
    assert not is_full(event("noted"), full, {"retry": {"by": "mesa", "force": True}})
    assert is_full(event("noted"), full, {"retry": {"by": "mesa", "force": False}})


def test_ordinary_kinds_are_kinds() -> None:
    for kind in ORDINARY:
        assert f'"{kind}"'.encode() in contract("event.v1.json")


async def test_a_phone_that_never_stops_fills_its_part_and_the_brigade_still_closes(
    town: Municipality,
) -> None:
    report = await town.capture("lucia", "lampara", **inside(1))
    lucia = await town.pen("lucia")
    storm = [lucia.event("noted", report, {"text": f"sigue {n}"}) for n in range(ORDINARY_OF_DEVICE + 50)]
    await town.push(*storm)
    stored = await town.report(report)
    assert len([e for e in stored["timeline"] if e["kind"] == "noted"]) == ORDINARY_OF_DEVICE
    truth = await town.truth()
    held = {doc["event"] for doc in truth.values() if doc.get("code") == "report_full"}
    assert held == {e["_id"] for e in storm[ORDINARY_OF_DEVICE:]}, "every one is kept, none twice"
    ack = await town.ack("lucia")
    assert ack["through"] == 1 + len(storm), "the line went on"
    assert "demasiados movimientos" in ack["quarantined"][-1]["message"]
    assert sum(doc.get("code") == "report_full" for doc in (await town.mailbox("mesa")).values()) == 50
    # Everybody else goes on, and the report is closed.
    await town.act("norma", "noted", report, {"text": "lo vi"})
    await town.act("luz1", "finished", report, {"done": "foco nuevo"})
    stored = await town.report(report)
    assert stored["status"] == "finished"
    # Pushed again it is told again, and one of them is let in by a person.
    await town.push(*storm[-3:])
    assert len((await town.truth()).keys() & {f"quarantine:{e['_id'][-36:]}" for e in storm}) == 50
    last = storm[-1]["_id"].rpartition(":")[2]
    assert await requests.retry(town.databases, town.clock, "mesa", last)
    await town.intake.run_until_idle()
    assert f"quarantine:{last}" in await town.truth(), "nothing has changed: it is still full"
    assert await requests.retry(town.databases, town.clock, "mesa", last, force=True)
    await town.intake.run_until_idle()
    stored = await town.report(report)
    assert storm[-1]["_id"] in stored["events"]
    assert "sequence_reused" not in stored["flags"], "its number was taken by itself"
    assert f"quarantine:{last}" not in await town.mailbox("mesa")
    await town.assert_sound()


async def test_a_report_full_of_joined_ones_takes_no_more(
    town: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "JOINED", 2)
    first = await town.capture("lucia", "lampara", **inside(1))
    for _ in range(3):
        other = await town.capture("lucia", "lampara", **inside(1))
        await town.act("lucia", "marked_duplicate", other, {"of": first})
    assert len((await town.report(first))["duplicates"]) == 2
    assert (await town.report(other))["status"] == "captured"
    (held,) = (await town.ack("lucia"))["quarantined"]
    assert held["code"] == "report_full"
    await requests.retry(town.databases, town.clock, "mesa", held["event"].rpartition(":")[2], force=True)
    await town.intake.run_until_idle()
    assert len((await town.report(first))["duplicates"]) == 3
    await town.assert_sound()


async def test_many_phones_of_one_account_do_not_get_round_it(
    town: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound of the report holds whoever writes, however many phones they have."""
    monkeypatch.setattr(bounds, "ORDINARY_OF_REPORT", 6)
    monkeypatch.setattr(bounds, "ORDINARY_OF_DEVICE", 4)
    report = await town.capture("lucia", "lampara", **inside(1))
    installation = "3f2b8c1e-9d54-4c06-8a37-5b1f0e6d7c2"
    pens: list[Pen] = [await town.pen("lucia", f"{installation}{digit}") for digit in "1234"]
    for pen in pens:
        await town.push(*(pen.event("noted", report, {"text": "más"}) for _ in range(4)))
    stored = await town.report(report)
    assert len([e for e in stored["timeline"] if e["kind"] == "noted"]) == 6
    await town.assert_sound()
