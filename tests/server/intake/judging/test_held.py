"""A held event is its subject's and device's: whatever else comes under its uuid stands beside it."""

from __future__ import annotations

from typing import Any

import pytest

from server.intake.chores.requests import retry
from tests.device import subject_of
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio

Json = dict[str, Any]


async def troubles(town: Municipality) -> dict[str, Json]:
    truth = await town.truth()
    return {key: doc for key, doc in truth.items() if key.startswith(("refusal:", "quarantine:"))}


async def waiting_note(town: Municipality) -> tuple[Json, Json]:
    """A capture that has not come, and the note about it that is held."""
    lucia = await town.pen("lucia")
    lamp = lucia.capture("lampara", **inside(1))
    note = lucia.event("noted", subject_of(lamp), {"text": "sigue"}, based_on=[lamp["_id"]])
    await town.push(note)
    return lamp, note


async def others(town: Municipality, note: Json) -> list[Json]:
    """What somebody else makes of the same uuid: under its subject, under another, forged in her name."""
    pedro = await town.pen("pedro")
    own = note["_id"][-36:]
    same = pedro.event("noted", note["_id"].split(":")[1], {"text": "otro"}, _id=note["_id"])
    other = subject_of(pedro.capture("lampara"))
    under = pedro.event("noted", other, {"text": "otro"}, _id=f"event:{other}:{own}")
    refused = pedro.event("verified", other, {"result": "?"}, _id=f"event:{other}:{own}")
    return [same, under, refused, {**note, "payload": {"text": "falso"}}, {**note, "sig": same["sig"]}]


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("one", range(5))
async def test_held_1_another_event_under_its_uuid_neither_replaces_nor_lifts_it(
    town: Municipality, one: int, restarted: bool
) -> None:
    lamp, note = await waiting_note(town)
    (mine,) = (await troubles(town)).values()
    odd = (await others(town, note))[one]
    for _ in range(2):
        await town.push(odd, device=(await town.pen("pedro")).id)
    found = await troubles(town)
    assert found[mine["_id"]] == mine
    assert len(found) == 2
    if restarted:
        await town.restart()
        await town.push(odd, device=(await town.pen("pedro")).id)
        assert await troubles(town) == found
    await town.push(lamp)
    ack = await town.ack("lucia")
    assert note["_id"] in [item[0] for item in ack["items"]]
    assert ack["quarantined"] == []
    hers = {key for key, doc in (await troubles(town)).items() if doc["digest"] == mine["digest"]}
    assert hers == set()
    shown = [doc for key, doc in (await town.mailbox("mesa")).items() if key.startswith("quarantine:")]
    assert note["device"] not in [doc["device"] for doc in shown if doc["code"] == mine["code"]]
    await town.assert_sound()


@pytest.mark.parametrize("one", range(3))
async def test_each_is_judged_anew_by_its_own_name(town: Municipality, one: int) -> None:
    _, note = await waiting_note(town)
    (mine,) = (await troubles(town)).values()
    odd = (await others(town, note))[one]
    await town.push(odd)
    (theirs,) = set(await troubles(town)) - {mine["_id"]}
    assert theirs in await town.mailbox("mesa")
    assert await retry(town.databases, town.clock, "mesa", theirs.partition(":")[2], refuse=True)
    await town.intake.run_until_idle()
    found = await troubles(town)
    assert found[mine["_id"]] == mine
    assert [doc["code"] for key, doc in found.items() if key != mine["_id"]] == ["event_let_go"]
    await town.assert_sound()


async def test_what_came_first_under_a_uuid_holds_up_nobody_elses(town: Municipality) -> None:
    lucia, pedro = await town.pen("lucia"), await town.pen("pedro")
    lamp = lucia.capture("lampara", **inside(1))
    squat = pedro.event("noted", subject_of(lamp), {"text": "yo"}, _id=lamp["_id"])
    await town.push(squat)
    assert len(await troubles(town)) == 1
    await town.push(lamp)
    assert [item[0] for item in (await town.ack("lucia"))["items"]] == [lamp["_id"]]
    await town.assert_sound()
