"""What is the same event: equal content, whatever its spelling, under whichever of its good signatures."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785

from server.cases import canonical
from server.intake.deciding import decider
from server.intake.judging import erased
from tests.device import Pen, b64url, sign_text, subject_of
from tests.server.intake.municipality import Municipality, inside
from tests.server.signed import as_written

pytestmark = pytest.mark.anyio

Json = dict[str, Any]

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


def twin(event: Json) -> Json:
    """The same content under the other signature that verifies, which anybody can compute."""
    raw = base64.urlsafe_b64decode(event["sig"] + "==")
    s = ORDER - int.from_bytes(raw[32:], "big")
    return {**event, "sig": b64url(raw[:32] + s.to_bytes(32, "big"))}


def respelled(event: Json) -> Json:
    """An accuracy of 8.0 as 8, or the other way round: the same number in every browser."""
    accuracy = event["position"]["accuracy"]
    other = int(accuracy) if isinstance(accuracy, float) else float(accuracy)
    assert other == accuracy
    return {**event, "position": {**event["position"], "accuracy": other}}


def signed(pen: Pen, event: Json) -> Json:
    bare = {name: part for name, part in event.items() if name != "sig"}
    return {**bare, "sig": sign_text(pen.key, rfc8785.dumps(bare))}


@pytest.mark.parametrize("other", [twin, respelled, lambda event: respelled(twin(event))])
async def test_the_same_content_again_is_the_same_event(
    town: Municipality, other: Callable[[Json], Json]
) -> None:
    pen = await town.pen("lucia")
    event = pen.capture("lampara", **inside(1))
    await town.push(other(event))
    await town.push(event)
    assert [key for key in await town.truth() if key.startswith("quarantine:")] == []
    await town.push(other(event))
    ack = await town.ack("lucia")
    assert [item[0] for item in ack["items"]] == [event["_id"]]
    assert (ack["refused"], ack["quarantined"]) == ([], [])
    note = pen.event("noted", subject_of(event), {"text": "sigue"}, based_on=[event["_id"]])
    await town.push(note)  # chained to the hash of the one signature: at most flagged
    assert len((await town.ack("lucia"))["items"]) == 2
    await town.assert_sound()


@pytest.mark.parametrize("other", [twin, respelled])
async def test_the_same_content_refused_or_held_is_listed_once(
    town: Municipality, other: Callable[[Json], Json]
) -> None:
    pen = await town.pen("lucia")
    refused = signed(pen, {**pen.capture("lampara", **inside(1)), "kind": "?"})
    unknown = subject_of(pen.capture("lampara"))
    held = pen.event("noted", unknown, {"text": "sigue"}, position=refused["position"])
    await town.push(other(refused), other(held))
    before = {k: d for k, d in (await town.truth()).items() if k.startswith(("refusal:", "quarantine:"))}
    assert len(before) == 2
    await town.push(refused, held)
    after = {k: d for k, d in (await town.truth()).items() if k.startswith(("refusal:", "quarantine:"))}
    assert after == before


async def test_a_spoilt_signature_that_comes_first_holds_no_honest_event(town: Municipality) -> None:
    pen = await town.pen("lucia")
    event = pen.capture("lampara", **inside(1))
    await town.push({**event, "sig": pen.capture("lampara")["sig"]})
    assert [entry["code"] for entry in (await town.ack("lucia"))["quarantined"]] == ["event_signature"]
    await town.push(event)
    ack = await town.ack("lucia")
    assert [item[0] for item in ack["items"]] == [event["_id"]]
    assert ack["quarantined"] == []


async def test_what_an_earlier_version_held_is_met_by_its_digest(
    town: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It named content by the bytes with the signature."""
    pen = await town.pen("lucia")
    refused = signed(pen, {**pen.capture("lampara", **inside(1)), "kind": "?"})
    sealed = canonical.seal

    def old(event: Json) -> Any:
        found = sealed(event)
        return found._replace(digest=as_written(event))

    with monkeypatch.context() as earlier:
        earlier.setattr(decider, "seal", old)
        await town.push(refused)
    before = await town.truth()
    assert before[f"refusal:{refused['_id'][-36:]}"]["digest"] == as_written(refused)
    await town.push(refused)
    assert await town.truth() == before


def test_what_an_earlier_version_redacted_is_met_by_its_digest() -> None:
    event = {"_id": "event:a:b", "kind": "noted", "payload": {"text": "x"}, "sig": "s"}
    gone: Any = {"digest": as_written(event), "members": ["text"]}
    kept = erased.mask(event, ["text"])
    assert erased.met_again(event, kept, gone) == (True, ["text"])
    assert erased.met_again({**event, "payload": {"text": "y"}}, kept, gone) == (False, ["text"])
