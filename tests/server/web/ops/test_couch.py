"""CouchDB's HTTP API is off by default, and then for administrators alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest

from server.accounts.passwords import hash_password
from server.context import Context, open_context
from server.settings import Settings
from server.web.app import make_app
from sync.couchdb import open_couchdb
from sync.embedded import open_engine
from sync.replicator import replicate
from tests.server.conftest import SetClock, add_account
from tests.server.serving import serve

pytestmark = pytest.mark.anyio
PASSWORD = "nopal azul 2026 !"


@pytest.fixture
async def opened(settings: Settings, clock: SetClock) -> AsyncIterator[tuple[Context, httpx2.AsyncClient]]:
    async with open_context(replace(settings, couch_api=True), clock=clock) as context:
        for account, role in (("ana", "admin"), ("marta", "desk")):
            await add_account(context, account, role, password=await hash_password(PASSWORD))
        transport = httpx2.ASGITransport(app=make_app(context))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            yield context, client


async def test_it_is_off_by_default(http: httpx2.AsyncClient) -> None:
    assert (await http.get("/couch/_all_dbs", auth=("ana", PASSWORD))).status_code == 404


async def test_it_is_for_administrators(opened: tuple[Context, httpx2.AsyncClient]) -> None:
    _, client = opened
    bare = await client.get("/couch/_all_dbs")
    assert (bare.status_code, "Basic" in bare.headers["www-authenticate"]) == (401, True)
    assert (await client.get("/couch/_all_dbs", auth=("ana", "otra"))).status_code == 401
    assert (await client.get("/couch/_all_dbs", auth=("marta", PASSWORD))).json()[
        "error"
    ] == "role_not_allowed"
    found = await client.get("/couch/_all_dbs", auth=("ana", PASSWORD))
    assert "inbox" in found.json()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"active": False}, 403),
        ({"term": {"from": "2020-01-01", "until": "2020-12-31"}}, 403),
        ({"term": {"from": "2099-01-01", "until": None}}, 403),
        ({"role": "desk"}, 403),
        ({"password_turn": 1}, 401),
    ],
)
async def test_a_password_that_was_right_a_moment_ago_opens_nothing_once_the_account_changed(
    opened: tuple[Context, httpx2.AsyncClient], change: dict[str, object], status: int
) -> None:
    context, client = opened
    assert (await client.get("/couch/_all_dbs", auth=("ana", PASSWORD))).status_code == 200
    await context.directory.update("account:ana", lambda doc: {**doc, **change})
    assert (await client.get("/couch/_all_dbs", auth=("ana", PASSWORD))).status_code == status


async def test_a_couchdb_client_replicates_through_it(settings: Settings, clock: SetClock) -> None:
    async def prepare(context: Context) -> None:
        await add_account(context, "ana", "admin", password=await hash_password(PASSWORD))
        await context.databases.reference.put({"_id": "settings", "municipality": "San Jacinto"})

    with serve(replace(settings, couch_api=True), clock=clock, prepare=prepare) as served:
        address = served.url.replace("://", "://ana:nopal%20azul%202026%20%21@") + "/couch"
        async with (
            await open_couchdb(address) as there,
            await open_engine(settings.data_dir / "copy") as here,
        ):
            target = await here.create("reference")
            await replicate(await there.open("reference"), target)
            assert (await target.get("settings"))["municipality"] == "San Jacinto"
