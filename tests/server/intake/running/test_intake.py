"""From a capture to every mailbox it belongs in, through the real thing."""

from __future__ import annotations

import pytest

from tests.server.intake.day import busy_day
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio


async def test_a_capture_reaches_leader_sector_and_brigade(any_town: Municipality) -> None:
    town = any_town
    report = await town.capture("lucia", "lampara", **inside(1))
    stored = await town.report(report)
    assert stored["folio"] == "VP-000001"
    assert stored["place"]["block"] == "b1"
    assert stored["agency"] == "alumbrado"
    # marta's block lies across the street: a card. pedro's is far away.
    expected = {"lucia": "full", "norma": "full", "luz1": "full", "marta": "card"}
    assert await town.holders(report) == expected
    ack = await town.ack("lucia")
    assert ack["through"] == 1
    assert [item[2] for item in ack["items"]] == ["VP-000001"]
    await town.assert_sound()


async def test_a_busy_day_ends_the_same_on_either_engine(any_town: Municipality) -> None:
    town = any_town
    made = await busy_day(town)
    views = {name: await town.holders(report) for name, report in made.items()}
    assert views == {
        "lamp": {"lucia": "full", "norma": "full", "luz1": "full", "marta": "card"},
        "flood": {"lucia": "full", "marta": "full", "norma": "full", "bache1": "full", "pc": "full"},
        "crime": {"lucia": "own"},
        "pothole": {"marta": "full", "norma": "full", "lucia": "card"},
        "far": {"pedro": "full", "saul": "full", "mesa": "full"},
        "unknown": {"pedro": "full", "saul": "full", "mesa": "full"},
        "done": {"marta": "full", "norma": "full", "luz1": "full"},
    }
    assert (await town.report(made["flood"]))["incident"] is not None
    (incident,) = [doc for key, doc in (await town.mailbox("pc")).items() if key.startswith("incident:")]
    assert incident["reports"] == [made["flood"]]
    await town.assert_sound()


async def test_intake_cut_off_from_memory_goes_on_where_it_was(any_town: Municipality) -> None:
    town = any_town
    report = await town.capture("lucia", "lampara", **inside(1))
    lucia = await town.pen("lucia")
    note = lucia.event("noted", report, {"text": "sigue"}, based_on=(await town.report(report))["events"])
    await town.append(note)
    await town.restart()
    await town.intake.run_until_idle()
    assert [item[1] for item in (await town.ack("lucia"))["items"]] == [1, 3]
    await town.assert_sound()


async def test_a_hard_working_phone_fetches_little_for_each_event(any_town: Municipality) -> None:
    town = any_town
    report = await town.capture("lucia", "lampara", **inside(1))
    lucia = await town.pen("lucia")
    seen = (await town.report(report))["events"]
    notes = [lucia.event("noted", report, {"text": f"{n}"}, based_on=seen) for n in range(129)]
    await town.push(*notes[:70])
    await town.push(*notes[70:110])
    await town.restart()
    await town.push(*notes[110:])
    # Pushed again, as after a lost answer: nothing is listed twice.
    await town.push(*notes[:20], notes[-1])
    told = {key: doc for key, doc in (await town.mailbox("lucia")).items() if key.startswith("ack:")}
    assert list(told) == [f"ack:{lucia.id}{page}" for page in ("", ":1", ":2")]
    newest, *pages = told.values()
    assert [len(page["items"]) for page in (*pages, newest)] == [50, 50, 30]
    listed = [item for page in (*pages, newest) for item in page["items"]]
    assert [item[0] for item in listed[1:]] == [note["_id"] for note in notes]
    assert [item[1] for item in listed] == sorted(item[1] for item in listed)
    assert newest["through"] == 130
    # A push is judged in the order of its numbers, in whatever order the engine tells of it.
    assert (await town.report(report))["flags"] == []
    await town.assert_sound()


async def test_a_proposal_from_the_field_reaches_the_registry_once(any_town: Municipality) -> None:
    town = any_town
    norma, lucia = await town.pen("norma"), await town.pen("lucia")
    proposal = norma.event("leader_proposed", None, {"block": "b3", "action": "appoint"})
    foreign = lucia.event("leader_proposed", None, {"block": "b3", "action": "vacate"})
    await town.push(proposal, foreign, proposal)
    stored = await town.databases.registry.get(f"proposal:{proposal['_id'].split(':')[1]}")
    assert (stored["block"], stored["by"], stored["status"]) == ("b3", "norma", "pending")
    assert (await town.ack("lucia"))["refused"][0]["code"] == "event_not_allowed"
    await town.assert_sound()


async def test_duplicates_are_told_to_the_report_that_stays(any_town: Municipality) -> None:
    town = any_town
    first = await town.capture("lucia", "lampara", **inside(1))
    second = await town.capture("lucia", "lampara", **inside(1))
    await town.act("lucia", "marked_duplicate", second, {"of": first})
    assert (await town.report(first))["duplicates"] == [second]
    assert (await town.report(second))["status"] == "duplicate"
    await town.act("lucia", "marked_duplicate", first, {"of": second})
    assert (await town.report(first))["status"] == "captured"
    assert "duplicate_cycle" in (await town.report(first))["flags"]
    await town.act("lucia", "unmerged", second, {})
    assert (await town.report(first))["duplicates"] == []
    secret = await town.capture("lucia", "denuncia", **inside(1))
    await town.act("lucia", "marked_duplicate", first, {"of": secret})
    assert (await town.ack("lucia"))["refused"][0]["code"] == "duplicate_target"
    await town.assert_sound()


async def test_a_chain_of_before_there_were_pages_goes_on(town: Municipality) -> None:
    await town.capture("lucia", "lampara", **inside(1))
    device = (await town.pen("lucia")).id
    chain = await town.databases.cases.get(f"chain:{device}")
    await town.databases.cases.put({key: chain[key] for key in chain if key not in ("pages", "paged")})
    await town.restart()
    await town.capture("lucia", "lampara", **inside(1))
    assert len((await town.ack("lucia"))["items"]) == 2
    await town.assert_sound()
