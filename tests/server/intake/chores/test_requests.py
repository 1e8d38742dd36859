"""What an office asks is done in its turn; what cannot be done says so and never stops the line."""

from __future__ import annotations

from typing import Any

import pytest

from server.clock import new_uuid7
from server.instants import say
from server.intake.chores import requests
from server.intake.chores.chores import Chores
from server.problems import Problem
from tests.server.intake.municipality import Municipality, inside

pytestmark = pytest.mark.anyio

Json = dict[str, Any]

EVENT = "event:0192f3a0-0001-7000-8000-000000000001:0192f3a0-0001-7000-8000-000000000001"
MALFORMED: list[Json] = [
    {},
    {"wanted": None},
    {"wanted": []},
    {"wanted": {}},
    {"wanted": {"do": None}},
    {"wanted": {"do": "explode"}},
    {"wanted": {"do": "review"}},
    {"wanted": {"do": "review", "report": 7, "flags": ["outside"]}},
    {"wanted": {"do": "review", "report": "x", "flags": "outside"}},
    {"wanted": {"do": "redact_event", "event": "event", "members": ["text"], "reason": "x"}},
    {"wanted": {"do": "redact_event", "event": EVENT, "members": [], "reason": "x"}},
    {"wanted": {"do": "redact_event", "event": EVENT, "members": ["text"], "reason": "\u0000"}},
    {"wanted": {"do": "redact_citizen", "citizen": {"a": 1}, "reason": "x"}},
    {"wanted": {"do": "rebuild"}, "by": None},
    {"wanted": {"do": "rebuild"}, "at": "ayer"},
]


def request(town: Municipality, members: Json) -> Json:
    whole = {"schema": "request.v1", "at": say(town.clock.now()), "by": "mesa", **members}
    return {"_id": new_uuid7(town.clock), **whole}


async def test_malformed_requests_are_listed_and_the_line_moves_on(town: Municipality) -> None:
    docs = [request(town, members) for members in MALFORMED]
    await town.databases.inbox.bulk_docs(docs)
    report = await town.capture("lucia", "lampara", **inside(1))
    assert (await town.report(report))["folio"]
    truth = await town.truth()
    for doc in docs:
        held = truth[f"quarantine:{doc['_id']}"]
        assert held["code"] == "request_invalid", doc
        assert held["reason"].startswith("/"), "it says where"
    assert f"quarantine:{docs[0]['_id']}" in await town.mailbox("mesa")
    before = (await town.databases.cases.info()).update_seq
    await town.restart()
    await town.intake.run_until_idle()
    assert (await town.databases.cases.info()).update_seq == before, "repeated, it writes nothing"
    await town.assert_sound()


async def test_whoever_asks_is_told_at_once(town: Municipality) -> None:
    with pytest.raises(Problem, match="request_invalid"):
        await requests.review(town.databases, town.clock, "mesa", "x", ["outside"])
    with pytest.raises(Problem, match="request_invalid"):
        await requests.redact_event(town.databases, town.clock, "mesa", EVENT, [], "ARCO")
    with pytest.raises(Problem, match="request_invalid"):
        await requests.redact_citizen(town.databases, town.clock, "mesa", "citizen:x", "ARCO")


async def test_a_request_that_fails_three_times_is_put_aside_and_may_be_tried_again(
    town: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0
    real = Chores.do

    async def broken(self: Chores, asked: Json) -> None:
        nonlocal tries
        tries += 1
        raise KeyError("a defect")

    monkeypatch.setattr(Chores, "do", broken)
    await requests.rebuild(town.databases, town.clock, "mesa")
    report = await town.capture("lucia", "lampara", **inside(1))
    assert tries == 3
    assert (await town.report(report))["folio"]
    (held,) = [doc for key, doc in (await town.truth()).items() if key.startswith("quarantine:")]
    assert (held["code"], held["kind"], held["actor"]) == ("event_failed", "rebuild", "mesa")
    monkeypatch.setattr(Chores, "do", real)
    assert await requests.retry(town.databases, town.clock, "mesa", held["_id"].partition(":")[2])
    await town.intake.run_until_idle()
    assert (await town.databases.accounts.get("account:lucia"))["generation"] == 2
    assert not [key for key in await town.truth() if key.startswith("quarantine:")]
    assert held["_id"] not in await town.mailbox("mesa")
    await town.assert_sound()
