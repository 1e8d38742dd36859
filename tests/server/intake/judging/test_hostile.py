"""Nothing a device sends stops the line: every member of an event replaced by what it must not be."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785

from server.cases.canonical import CanonicalError
from tests.device import Pen, sign_text, subject_of
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio

Json = dict[str, Any]

DEEP: Any = []
for _ in range(200):
    DEEP = [DEEP]

#: Values of every kind JSON has, and some of no size.
VALUES: list[Any] = [
    None,
    True,
    -1,
    2**52,
    1e300,
    "",
    "x" * 70_000,
    "\u0000\u202e<b>",
    "a~b",
    [],
    [{}],
    {},
    {"a": 1},
    DEEP,
]


def spoilt(pen: Pen, member: str, value: Any) -> Json:
    """A capture with one member replaced, signed as it is."""
    event = pen.capture("lampara", **inside(1))
    event[member] = value
    try:
        bare = {name: part for name, part in event.items() if name != "sig"}
        event["sig"] = sign_text(pen.key, rfc8785.dumps(bare)) if member != "sig" else value
    except (rfc8785.CanonicalizationError, CanonicalError):
        pass
    return event


async def test_whatever_stands_in_a_member_the_line_moves_on(town: Municipality) -> None:
    pen = await town.pen("lucia")
    members = [name for name in pen.capture("lampara") if name != "_id"]
    events = [spoilt(pen, member, value) for member in members for value in VALUES]
    await town.append(*events, device=pen.id)
    last = pen.capture("lampara", **inside(1))
    await town.push(last)
    assert (await town.report(subject_of(last)))["folio"] is not None
    truth = await town.truth()
    answered = {doc["event"] for key, doc in truth.items() if key.startswith(("refusal:", "quarantine:"))}
    answered |= {
        doc["event"]["_id"] for key, doc in truth.items() if key.startswith("record:") and "event" in doc
    }
    assert {event["_id"] for event in events} <= answered
    await town.assert_sound()


@pytest.mark.parametrize("member", ["of", "incident"])
@pytest.mark.parametrize("value", VALUES)
async def test_whatever_a_payload_points_at(town: Municipality, member: str, value: Any) -> None:
    report = await town.capture("lucia", "inundacion", **inside(1))
    kind = {"of": "marked_duplicate", "incident": "incident_joined"}[member]
    account = {"of": "lucia", "incident": "pc"}[member]
    pen = await town.pen(account)
    await town.push(pen.event(kind, report, {member: value}))
    assert (await town.report(report))["status"] == "captured"
