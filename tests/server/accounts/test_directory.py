"""The directory shows what the database holds, whoever wrote it."""

from __future__ import annotations

import pytest

from server.accounts.directory import Directory
from server.context import Context
from sync.errors import Conflict, NotFound
from tests.server.conftest import add_account

pytestmark = pytest.mark.anyio


async def test_another_processs_writes_arrive(context: Context) -> None:
    changed: list[str] = []
    context.directory.listen(changed.append)
    accounts = context.databases.accounts
    await accounts.put({"_id": "account:luis", "name": "Luis", "role": "desk"})
    await accounts.wait_for_change("0", 10)
    await context.directory.refresh()
    found = context.directory.account("luis")
    assert found is not None
    doc = await accounts.get("account:luis")
    await accounts.put({**doc, "name": "Luis Mora"})
    # Not yet followed: asked for by id, the database is asked before anybody is denied.
    assert (await Directory(accounts).find("account:luis") or {})["name"] == "Luis Mora"
    await context.directory.refresh()
    renamed = context.directory.account("luis")
    assert renamed is not None
    assert renamed.name == "Luis Mora"
    assert changed.count("account:luis") == 2
    await accounts.delete("account:luis", (await accounts.get("account:luis"))["_rev"])
    await context.directory.refresh()
    assert context.directory.account("luis") is None


async def test_updates_are_applied_over_other_writers(context: Context) -> None:
    await add_account(context, "rosa", "block_leader")
    doc = await context.databases.accounts.get("account:rosa")
    await context.databases.accounts.put({**doc, "phone": "662 1"})
    await context.directory.update("account:rosa", lambda now: {**now, "name": "Rosa Mora"})
    stored = await context.databases.accounts.get("account:rosa")
    assert (stored["phone"], stored["name"]) == ("662 1", "Rosa Mora")
    with pytest.raises(Conflict):
        await add_account(context, "rosa", "block_leader")
    with pytest.raises(NotFound):
        await context.directory.update("account:nadie", lambda now: now)


async def test_a_change_of_nothing_writes_nothing(context: Context) -> None:
    await add_account(context, "rosa", "block_leader")
    before = (await context.databases.accounts.info()).update_seq
    await context.directory.update("account:rosa", lambda now: dict(now))
    await context.directory.update("account:rosa", lambda now: None)
    assert (await context.databases.accounts.info()).update_seq == before


async def test_audit_lines_stay_out_of_memory(context: Context) -> None:
    await context.audit.record("irma", "original_photo", "blob:x")
    await context.directory.refresh()
    assert context.directory.documents("access") == []
    assert [line["account"] for line in await context.audit.newest()] == ["irma"]


async def test_ended_sessions_are_swept(context: Context, clock: object) -> None:
    from datetime import timedelta

    await add_account(context, "marta", "desk")
    await context.sessions.open("marta", None, "page", timedelta(minutes=1))
    _, _, live = await context.sessions.open("marta", None, "page", timedelta(hours=1))
    context.clock.advance(minutes=5)  # type: ignore[attr-defined]
    assert await context.sessions.sweep() == 1
    assert [doc["_id"] for doc in context.directory.documents("session")] == [live.id]
    assert await context.sessions.end_all("marta", "page") == 1
