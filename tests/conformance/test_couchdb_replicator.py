"""CouchDB's replicator pushes to and pulls from the embedded engine, and ours to and from CouchDB."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from sync.interface import Engine
from sync.replicator import replicate
from tests.conformance.conftest import Named
from tests.conformance.history import contents, fill

pytestmark = [pytest.mark.anyio, pytest.mark.couchdb]

CouchDB = tuple[Engine, str, Named]


async def ask(couchdb_url: str, **body: Any) -> dict[str, Any]:
    """``POST /_replicate`` at the real CouchDB."""
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
        response = await client.post(f"{couchdb_url}/_replicate", json=body)
        answer: dict[str, Any] = response.json()
        assert response.status_code == 200, answer
        return answer


async def test_couchdb_pulls_everything(engine: Engine, server: str, couchdb: CouchDB) -> None:
    peer, url, named = couchdb
    db = await engine.create("city")
    await fill(db)
    name = await named()
    answer = await ask(url, source=f"{server}/city", target=f"{url}/{name}")
    assert answer["history"][0]["doc_write_failures"] == 0
    assert await contents(await peer.open(name)) == await contents(db)


async def test_couchdb_pushes_everything(engine: Engine, server: str, couchdb: CouchDB) -> None:
    peer, url, named = couchdb
    name = await named()
    theirs = await peer.open(name)
    await fill(theirs)
    copy = await engine.create("copy")
    answer = await ask(url, source=f"{url}/{name}", target=f"{server}/copy")
    assert answer["history"][0]["doc_write_failures"] == 0
    assert await contents(copy) == await contents(theirs)


async def test_couchdb_goes_on_from_its_checkpoint(engine: Engine, server: str, couchdb: CouchDB) -> None:
    _, url, named = couchdb
    db = await engine.create("city")
    await fill(db)
    name = await named()
    first = (await ask(url, source=f"{server}/city", target=f"{url}/{name}"))["history"][0]
    await db.put({"_id": "new"})
    newest, before = (await ask(url, source=f"{server}/city", target=f"{url}/{name}"))["history"]
    assert before == first
    assert newest["start_last_seq"] == first["recorded_seq"]
    # CouchDB goes on counting where the last run ended.
    assert newest["docs_written"] == first["docs_written"] + 1


async def test_couchdb_follows_us_and_we_are_told_by_it(
    engine: Engine, server: str, couchdb: CouchDB
) -> None:
    """Continuous both ways: one document of ours goes there, and comes back into another database here."""
    _, url, named = couchdb
    there = f"{url}/{await named()}"
    here, back = await engine.create("here"), await engine.create("back")
    asked: list[dict[str, Any]] = [
        {"source": f"{server}/here", "target": there, "continuous": True},
        {"source": there, "target": f"{server}/back", "continuous": True},
    ]
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
        for body in asked:
            assert (await client.post(f"{url}/_replicate", json=body)).status_code == 202
        try:
            for doc_id in ("first", "second"):
                await here.put({"_id": doc_id, "_attachments": {"x": {"data": "aGVsbG8="}}})
                since = "0"
                while doc_id not in await back.get_many([doc_id]):
                    assert await back.wait_for_change(since, 60)
                    since = (await back.changes()).last_seq
        finally:
            for body in asked:
                cancelled = await client.post(f"{url}/_replicate", json={**body, "cancel": True})
                assert cancelled.status_code == 200, cancelled.text
    assert await contents(back) == await contents(here)


async def test_ours_pulls_from_couchdb(engine: Engine, couchdb: CouchDB) -> None:
    peer, _, named = couchdb
    theirs = await peer.open(await named())
    await fill(theirs)
    copy = await engine.create("copy")
    result = await replicate(theirs, copy)
    assert result.progress.doc_write_failures == 0
    assert await contents(copy) == await contents(theirs)


async def test_ours_pushes_to_couchdb(engine: Engine, couchdb: CouchDB) -> None:
    peer, _, named = couchdb
    db = await engine.create("city")
    await fill(db)
    theirs = await peer.open(await named())
    result = await replicate(db, theirs)
    assert result.progress.doc_write_failures == 0
    assert await contents(theirs) == await contents(db)
    again = await replicate(db, theirs)
    assert again.progress.docs_read == 0
    assert again.progress.missing_checked == 0


async def test_compressed_attachments_pass_through_us_unchanged(engine: Engine, couchdb: CouchDB) -> None:
    peer, _, named = couchdb
    first, second = await peer.open(await named()), await peer.open(await named())
    await fill(first)
    middle = await engine.create("middle")
    await replicate(first, middle)
    await replicate(middle, second)
    assert (await second.get("photo"))["_attachments"] == (await first.get("photo"))["_attachments"]
    assert await contents(second) == await contents(first)


async def test_the_selector_of_a_replication(engine: Engine, couchdb: CouchDB) -> None:
    peer, _, named = couchdb
    theirs = await peer.open(await named())
    await theirs.bulk_docs([{"_id": f"{n}", "n": n} for n in range(10)])
    copy = await engine.create("copy")
    await replicate(theirs, copy, selector={"n": {"$gte": 8}})
    await replicate(theirs, copy, doc_ids=("1", "2"))
    assert [row.id for row in (await copy.all_docs()).rows] == ["1", "2", "8", "9"]
