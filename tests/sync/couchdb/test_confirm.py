"""A 202 is not success: the fault ``quorum_not_met`` answers 202 until told otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from sync.couchdb import Connection, CouchEngine
from sync.couchdb.confirm import PAUSES
from sync.embedded import EmbeddedEngine
from sync.errors import Unavailable
from sync.http import create_app
from sync.interface import Database

pytestmark = pytest.mark.anyio

Json = dict[str, Any]


class QuorumNotMet(httpx2.AsyncBaseTransport):
    """A server whose writes are accepted with 202 the next ``times``; ``silent`` ones are lost besides."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._inner = httpx2.ASGITransport(app=create_app(engine))
        self.times = 0
        self.seen: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        await response.aread()
        if response.status_code == 201 and self.times:
            self.times -= 1
            response.status_code = 202
        self.seen.append(f"{request.method} {request.url.path.rpartition('/')[2]} {response.status_code}")
        return response


@pytest.fixture
def cluster(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> QuorumNotMet:
    monkeypatch.setattr(asyncio, "sleep", lambda seconds, sleep=asyncio.sleep: sleep(0))
    return QuorumNotMet(engine)


@pytest.fixture
async def db(cluster: QuorumNotMet) -> AsyncIterator[Database]:
    async with CouchEngine(Connection("http://cluster", transport=cluster)) as peer:
        yield await peer.create("db")


async def test_a_write_is_given_again_until_a_quorum_has_it(db: Database, cluster: QuorumNotMet) -> None:
    cluster.times, cluster.seen = 3, []
    rev = await db.put({"_id": "a", "n": 1})
    assert cluster.seen == [
        "PUT a 202",
        *["POST _bulk_get 200", "POST _bulk_docs 202"] * 2,
        *["POST _bulk_get 200", "POST _bulk_docs 201"],
    ]
    assert await db.get("a") == {"_id": "a", "_rev": rev, "n": 1}


async def test_every_kind_of_write(db: Database, cluster: QuorumNotMet) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"hola"

    cluster.times = 1
    rows = await db.bulk_docs([{"_id": "a"}, {"_id": "b"}])
    assert cluster.times == 0
    cluster.times = 1
    assert await db.bulk_docs([{"_id": "c", "_rev": "1-" + "a" * 32}], new_edits=False) == []
    assert cluster.times == 0
    cluster.times = 1
    rev = await db.put_attachment("a", "x", "text/plain", chunks(), rev=rows[0].rev)
    assert cluster.times == 0
    assert (await db.get("a"))["_rev"] == rev
    assert (await db.get("c"))["_rev"] == "1-" + "a" * 32


@pytest.mark.parametrize("new_edits", [True, False])
async def test_a_quorum_that_never_comes_is_an_outage(
    db: Database, cluster: QuorumNotMet, new_edits: bool
) -> None:
    cluster.times = 99
    doc: Json = {"_id": "a"} if new_edits else {"_id": "a", "_rev": "1-" + "a" * 32}
    with pytest.raises(Unavailable, match="202"):
        await db.bulk_docs([doc], new_edits=new_edits)
    assert 99 - cluster.times >= len(PAUSES)


async def test_a_database_is_waited_for(cluster: QuorumNotMet) -> None:
    async with CouchEngine(Connection("http://cluster", transport=cluster)) as peer:
        cluster.times = 1
        db = await peer.create("new")
        assert (await db.info()).doc_count == 0
