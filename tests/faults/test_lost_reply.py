"""The fault ``lost_reply_after_bulk_docs``: the server has stored a batch, and the answer never arrives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from sync.couchdb import Connection, CouchEngine
from sync.embedded import EmbeddedEngine, open_engine
from sync.errors import Unavailable
from sync.http import create_app
from sync.interface import Database
from sync.replicator import Options, Replication
from tests.conformance.history import contents, fill

pytestmark = pytest.mark.anyio


class LostReply(httpx2.AsyncBaseTransport):
    """Performs every request; loses the answers for which ``loses`` says so."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._inner = httpx2.ASGITransport(app=create_app(engine))
        self.lost = 0
        self.loses = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        await response.aread()
        if self.loses and (request.url.path.endswith("/_bulk_docs") or request.method == "PUT"):
            self.loses -= 1
            self.lost += 1
            raise httpx2.ReadError("connection reset")
        return response


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[EmbeddedEngine]:
    async with await open_engine(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def line(engine: EmbeddedEngine) -> LostReply:
    return LostReply(engine)


@pytest.fixture
async def far(line: LostReply) -> AsyncIterator[Database]:
    async with CouchEngine(Connection("http://far", transport=line, rand=lambda: 0.0)) as peer:
        yield await peer.create("far")


async def test_new_edits_are_not_repeated_by_themselves(far: Database, line: LostReply) -> None:
    line.loses = 1
    with pytest.raises(Unavailable):
        await far.bulk_docs([{"_id": "a", "n": 1}])
    rows = await far.bulk_docs([{"_id": "a", "n": 1}])
    # The caller who tries again learns that it is there: nothing is written twice.
    assert [row.error for row in rows] == ["conflict"]
    assert (await far.get("a"))["_rev"].startswith("1-")


async def test_replicated_revisions_are_repeated(far: Database, line: LostReply) -> None:
    line.loses = 2
    doc = {"_id": "a", "_rev": "1-" + "a" * 32}
    assert await far.bulk_docs([doc], new_edits=False) == []
    assert line.lost == 2
    assert (await far.info()).doc_count == 1


async def test_a_replication_converges_whatever_is_lost(
    engine: EmbeddedEngine, far: Database, line: LostReply
) -> None:
    more = iter([2, 3, 1, 2, 1])

    async def no_pause(seconds: float) -> None:
        line.loses = next(more, 0)

    near = await engine.create("near")
    await fill(near)
    line.loses = 5
    run = Replication(near, far, Options(batch=40, tries=20), pause=no_pause)
    await run.run()
    assert line.lost > 5
    assert await contents(far) == await contents(near)
