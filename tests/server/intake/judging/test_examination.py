"""What is found out about events beside the loop is what would be found when they are judged."""

from __future__ import annotations

from typing import Any

import pytest

from server.cases.canonical import seal
from server.cases.signature import load_key
from server.intake.deciding import decider
from server.intake.judging import judge
from server.intake.judging.examination import Examined, examine
from server.intake.reading import reader
from tests.device import Pen, subject_of
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio

Json = dict[str, Any]


def test_a_signature_is_its_keys() -> None:
    pen, other = Pen("lucia", "block_leader"), Pen("lucia", "block_leader")
    event = pen.capture("lampara", **inside(1))
    key = load_key(pen.public_key)
    assert examine(event, key) == Examined(seal(event), key, True)
    assert not examine(event, load_key(other.public_key)).signed
    assert not examine({**event, "device_seq": 2}, key).signed
    assert not examine({**event, "sig": 5}, key).signed
    assert examine(event, None) == Examined(seal(event), None, False)


async def test_of_many_receipts_none_is_examined_again(
    town: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four go to a thread, a few are examined where they are judged; forgeries are held either way."""
    lucia = await town.pen("lucia")
    beside: list[str] = []
    inline: list[str] = []

    def noting(found: list[str]) -> Any:
        def note(event: Json, key: Any) -> Examined:
            found.append(event["_id"])
            return examine(event, key)

        return note

    monkeypatch.setattr(reader, "examine", noting(beside))
    monkeypatch.setattr(decider, "examine", noting(inline))
    monkeypatch.setattr(judge, "examine", noting(inline))
    few = [lucia.capture("lampara", **inside(1)) for _ in range(reader._MANY - 1)]
    many = [lucia.capture("lampara", **inside(1)) for _ in range(reader._MANY)]
    forged = {**lucia.capture("lampara", **inside(1)), "kind": "noted"}
    await town.push(*few)
    await town.push(*many, forged)
    assert sorted(inline) == sorted(event["_id"] for event in few)
    assert sorted(beside) == sorted(event["_id"] for event in [*many, forged])
    for event in (*few, *many):
        assert (await town.report(subject_of(event)))["folio"]
    assert [entry["code"] for entry in (await town.ack("lucia"))["quarantined"]] == ["event_signature"]


async def test_a_key_that_changed_meanwhile_is_asked_again(
    town: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was examined by another key than the device has when it is judged is examined anew."""
    lucia, stranger = await town.pen("lucia"), Pen("lucia", "block_leader")
    wrong = load_key(stranger.public_key)
    monkeypatch.setattr(reader, "examine", lambda event, key: examine(event, wrong))
    events = [lucia.capture("lampara", **inside(1)) for _ in range(reader._MANY)]
    await town.push(*events)
    assert (await town.ack("lucia"))["quarantined"] == []
    assert len((await town.ack("lucia"))["items"]) == len(events)
