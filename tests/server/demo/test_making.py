"""The demonstration is made once, whole, through intake; killed half-way it goes on and ends the same."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
import pytest

from server.accounts.demonstration import demonstration
from server.accounts.passwords import password_matches
from server.context import Context
from server.delivery.audit import check
from server.demo.making import (
    NotADemonstration,
    made_before,
    make_demonstration,
    set_office_password,
)
from server.demo.municipality import PASSWORD
from server.imports.store import store
from sync.interface import AllDocsQuery

Json = dict[str, Any]
pytestmark = pytest.mark.anyio
#: Few, because each test makes a municipality.
EVERYDAY = 12


class Killed(Exception):
    pass


def quiet(stage: str, done: int, total: int) -> None:
    pass


async def reports(context: Context) -> dict[str, Json]:
    query = AllDocsQuery(startkey="report:", endkey="report:\uffff", include_docs=True)
    rows = (await context.databases.cases.all_docs(query)).rows
    return {row.id: orjson.loads(row.doc) for row in rows if row.doc is not None}


async def test_made_once_and_whole(context: Context) -> None:
    town = await make_demonstration(context, 7, context.clock.now(), quiet, everyday=EVERYDAY)
    assert town is not None
    found = await reports(context)
    captured = {doc["event"]["_id"].split(":")[1] for doc in town.inbox if doc["event"]["kind"] == "captured"}
    assert set(found) == {f"report:{report}" for report in captured}
    troubles = await context.databases.cases.all_docs(
        AllDocsQuery(startkey="quarantine:", endkey="refusal:~")
    )
    assert [row.id for row in troubles.rows if row.id.startswith(("quarantine:", "refusal:"))] == []
    assert all(report["folio"].startswith("VE-") for report in found.values())
    statuses = Counter(report["status"] for report in found.values())
    assert {"captured", "in_progress", "finished"} <= set(statuses)
    assert any(report["confidential"] for report in found.values())
    assert any(report["priority"] == 1 for report in found.values())
    verdicts = {entry["verdict"] for report in found.values() for entry in report["evidence"]}
    assert verdicts == {"ok"}
    offered = await demonstration(context.databases.accounts)
    assert offered == town.offered
    assert await check(context.databases, context.directory, context.clock) == []
    await set_office_password(context, "otra que nadie sabe")
    await context.directory.refresh()
    desk = await context.databases.accounts.get("account:mesa-1")
    assert await password_matches(desk["password"], "otra que nadie sabe")
    assert not await password_matches(desk["password"], PASSWORD)
    shown = {entry.get("password") for entry in await demonstration(context.databases.accounts) or []}
    assert shown == {None, "otra que nadie sabe"}
    assert await made_before(context)
    assert await make_demonstration(context, 8, context.clock.now(), quiet) is None
    assert await reports(context) == found


async def test_killed_half_way_it_goes_on(context: Context) -> None:
    def kill(stage: str, done: int, total: int) -> None:
        if stage.startswith("Reports") and done:
            raise Killed

    with pytest.raises(Killed):
        await make_demonstration(context, 7, context.clock.now(), kill, everyday=EVERYDAY)
    assert not await made_before(context)
    half = len(await reports(context))
    # Another seed is asked for: the one begun is finished all the same.
    town = await make_demonstration(context, 9, context.clock.now(), quiet, everyday=3)
    assert town is not None
    captured = [doc for doc in town.inbox if doc["event"]["kind"] == "captured"]
    assert half < len(captured) == len(await reports(context))
    assert await check(context.databases, context.directory, context.clock) == []


async def test_another_municipality_is_left_alone(context: Context) -> None:
    settings = {"_id": "settings", "municipality": "De verdad"}
    await store(context.databases.reference, [settings])
    with pytest.raises(NotADemonstration):
        await make_demonstration(context, 7, context.clock.now(), quiet)
    assert (await context.reference_settings())["municipality"] == "De verdad"
