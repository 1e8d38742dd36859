"""What many write to one database at once goes in few requests, and everybody gets their own rows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import orjson
import pytest

from sync.couchdb import Connection, CouchEngine
from sync.couchdb.gathering import MOST_BYTES, MOST_DOCS, Gathering
from sync.embedded import open_engine
from sync.errors import BadRequest, EngineError, Unavailable
from sync.http import create_app
from sync.interface import BulkRow

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Far:
    """A database that answers when it is let; ``refuses`` a request that holds this document."""

    def __init__(self) -> None:
        self.requests: list[list[str]] = []
        self.may = asyncio.Event()
        self.refuses: dict[str, EngineError] = {}
        self.gathering = Gathering(self.send)

    async def send(self, raws: list[bytes]) -> list[BulkRow]:
        ids = [orjson.loads(raw)["_id"] for raw in raws]
        self.requests.append(ids)
        await self.may.wait()
        for doc_id in ids:
            if doc_id in self.refuses:
                raise self.refuses[doc_id]
        return [BulkRow(doc_id, f"1-{doc_id}") for doc_id in ids]

    def write(self, *ids: str, fill: int = 0) -> asyncio.Task[list[BulkRow]]:
        raws = [orjson.dumps({"_id": doc_id, "fill": "x" * fill}) for doc_id in ids]
        return asyncio.create_task(self.gathering.write(ids, raws))

    async def settle(self) -> None:
        """Until whoever can go on has."""
        for _ in range(5):
            await asyncio.sleep(0)


async def test_the_first_goes_at_once_and_the_rest_together() -> None:
    far = Far()
    tasks = [far.write("a"), far.write("b", "c"), far.write("d")]
    await far.settle()
    assert far.requests == [["a"]] or far.requests == [["a", "b", "c", "d"]]
    late = far.write("e")
    await far.settle()
    far.may.set()
    rows = [[row.id for row in await task] for task in (*tasks, late)]
    assert rows == [["a"], ["b", "c"], ["d"], ["e"]]
    assert len(far.requests) == 2


async def test_two_edits_of_one_document_stay_apart_in_their_order() -> None:
    far = Far()
    tasks = [far.write("x"), far.write("a", "b"), far.write("b"), far.write("c")]
    far.may.set()
    for task in tasks:
        await task
    assert [ids.count("b") for ids in far.requests if "b" in ids] == [1, 1]
    assert far.requests[-1] == ["b", "c"]


async def test_a_request_holds_only_so_much() -> None:
    far = Far()
    tasks = [far.write("first"), *(far.write(f"{n}") for n in range(MOST_DOCS + 5))]
    tasks += [far.write("heavy", fill=MOST_BYTES), far.write("last")]
    far.may.set()
    for task in tasks:
        await task
    assert max(len(ids) for ids in far.requests) <= MOST_DOCS
    assert ["heavy"] in far.requests, "what is too much for itself goes alone"


async def test_one_that_is_refused_takes_nobody_with_it() -> None:
    far = Far()
    far.refuses = {"bad": BadRequest("no")}
    tasks = [far.write("a"), far.write("b"), far.write("bad"), far.write("c")]
    far.may.set()
    assert [row.id for task in (tasks[0], tasks[1], tasks[3]) for row in await task] == ["a", "b", "c"]
    with pytest.raises(BadRequest):
        await tasks[2]


async def test_where_nobody_knows_what_became_of_it_all_are_told() -> None:
    far = Far()
    first = far.write("a")
    await far.settle()
    far.refuses = {"c": Unavailable("gone")}
    tasks = [far.write("b"), far.write("c")]
    await far.settle()
    far.may.set()
    await first
    for task in tasks:
        with pytest.raises(Unavailable):
            await task
    assert far.requests.count(["b", "c"]) == 1, "it is not repeated by itself"
    far.refuses = {}
    assert [row.id for row in await far.write("d")] == ["d"], "the next one goes"


async def test_whoever_goes_away_takes_nobody_with_it() -> None:
    far = Far()
    first = far.write("a")
    await far.settle()
    gone, stays = far.write("b"), far.write("c")
    await far.settle()
    gone.cancel()
    far.may.set()
    await first
    assert [row.id for row in await stays] == ["c"]
    with pytest.raises(asyncio.CancelledError):
        await gone


class Counting(httpx2.AsyncBaseTransport):
    """Performs every request and counts those that write many documents."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner
        self.bulks = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.bulks += request.url.path.endswith("/_bulk_docs")
        return await self._inner.handle_async_request(request)


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Counting]:
    async with await open_engine(tmp_path / "data") as engine:
        yield Counting(httpx2.ASGITransport(app=create_app(engine)))


async def test_fifty_pushes_at_once_are_two_requests(line: Counting) -> None:
    async with CouchEngine(Connection("http://far", transport=line)) as engine:
        inbox = await engine.create("inbox")
        line.bulks = 0
        written = await asyncio.gather(
            *(inbox.bulk_docs([{"_id": f"{n}-{m}", "n": n} for m in range(2)]) for n in range(50))
        )
        assert [[row.id for row in rows] for rows in written] == [[f"{n}-0", f"{n}-1"] for n in range(50)]
        assert all(row.ok for rows in written for row in rows)
        assert line.bulks <= 2
        assert (await inbox.info()).doc_count == 100
        again = await asyncio.gather(*(inbox.bulk_docs([{"_id": "one", "n": n}]) for n in range(3)))
        assert sorted(rows[0].ok for rows in again) == [False, False, True]
