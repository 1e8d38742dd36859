"""Walks over the documents of a kind meet each once, whatever the size of a page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.store.scan import all_but, between, count, end_of, first_id, scan, scan_ids
from sync.embedded import open_engine
from sync.interface import Database

IDS = [f"leader:{name}" for name in ("ana", "beto", "caro", "dani", "eva", "fito", "gabi")]

OTHERS = ["leader", "leaders:one", "leaderZ:one", "leader9:one", "proposal:one"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    engine = await open_engine(tmp_path / "data")
    async with engine:
        database = await engine.create("registry")
        # Neighbours in the order of ids: what only begins alike is another kind.
        rows = await database.bulk_docs([{"_id": name, "n": n} for n, name in enumerate([*IDS, *OTHERS])])
        assert all(row.ok for row in rows)
        yield database


@pytest.mark.anyio
@pytest.mark.parametrize("page", range(1, len(IDS) + 3))
@pytest.mark.parametrize("most", [None, 0, 1, 3, len(IDS), len(IDS) + 1])
async def test_each_is_met_once_in_order(database: Database, page: int, most: int | None) -> None:
    wanted = IDS[:most]
    assert [row.id async for row in scan(database, "leader:", most=most, page=page)] == wanted
    assert [name async for name in scan_ids(database, "leader:", most=most, page=page)] == wanted
    backwards = [row.id async for row in scan(database, "leader:", most=most, backwards=True, page=page)]
    assert backwards == IDS[::-1][:most]


@pytest.mark.anyio
@pytest.mark.parametrize("page", [1, 2, 100])
async def test_it_goes_on_behind_an_id_that_need_not_be_there(database: Database, page: int) -> None:
    async def behind(after: str, *, backwards: bool = False) -> list[str]:
        walk = scan(database, "leader:", after=after, backwards=backwards, page=page)
        return [row.id async for row in walk]

    assert await behind("leader:caro") == IDS[3:]
    assert await behind("leader:carolina") == IDS[3:]
    assert await behind("leader:gabi") == []
    assert await behind("leader:caro", backwards=True) == IDS[:2][::-1]
    assert await behind("leader:carolina", backwards=True) == IDS[:3][::-1]


@pytest.mark.anyio
async def test_documents_come_whole_with_their_revisions(database: Database) -> None:
    found = [row.read() async for row in scan(database, "leader:", page=2)]
    assert [(doc["_id"], doc["n"]) for doc in found] == [(name, n) for n, name in enumerate(IDS)]
    assert all(doc["_rev"].startswith("1-") for doc in found)


@pytest.mark.anyio
async def test_what_is_deleted_on_the_way_hides_nothing_else(database: Database) -> None:
    met = []
    async for row in scan(database, "leader:", page=2):
        met.append(row.id)
        # The one a page ended with, and the one the next page would begin with.
        await database.delete(row.id, row.read()["_rev"])
        if row.id == IDS[1]:
            await database.delete(IDS[2], (await database.get(IDS[2]))["_rev"])
    assert met == [name for name in IDS if name != IDS[2]]


@pytest.mark.anyio
async def test_they_are_counted_up_to_a_bound(database: Database) -> None:
    assert await count(database, "leader:", 100) == len(IDS)
    assert await count(database, "leader:", 3) == 3
    assert await count(database, "nobody:", 3) == 0


@pytest.mark.anyio
@pytest.mark.parametrize("page", [1, 2, 3, 100])
async def test_a_stretch_of_ids_ends_before_its_end(database: Database, page: int) -> None:
    async def found(low: str, high: str) -> list[str]:
        return [row.id async for row in between(database, low, high, page)]

    assert await found("leader:beto", "leader:dani") == ["leader:beto", "leader:caro"]
    assert await found("leader:b", "leader:d") == ["leader:beto", "leader:caro"]
    assert await found("leader:gabi", end_of("leader:")) == ["leader:gabi"]
    assert await found("leader:dani", "leader:dani") == []


@pytest.mark.anyio
@pytest.mark.parametrize("page", [1, 2, 3, 100])
async def test_everything_but_a_kind(database: Database, page: int) -> None:
    everything = [row.id async for row in all_but(database, None, page)]
    assert sorted(everything) == sorted([*IDS, *OTHERS])
    assert [row.id async for row in all_but(database, "leader:", page)] == [
        name for name in everything if name not in IDS
    ]
    assert [row.id async for row in all_but(database, "nobody:", page)] == everything


@pytest.mark.anyio
async def test_the_first_from_somewhere_on(database: Database) -> None:
    assert await first_id(database, "leader:", "leader:") == "leader:ana"
    assert await first_id(database, "leader:", "leader:beto") == "leader:beto"
    assert await first_id(database, "leader:", "leader:beto\0") == "leader:caro"
    assert await first_id(database, "leader:", "leader:zoe") is None
