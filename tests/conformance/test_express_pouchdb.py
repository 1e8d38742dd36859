"""express-pouchdb, a second server of CouchDB's API, replicates with the embedded engine."""

from __future__ import annotations

import pytest

from sync.couchdb import open_couchdb
from sync.interface import Engine
from sync.replicator import replicate
from tests.conformance.conftest import Pouch
from tests.conformance.history import contents, fill

pytestmark = [pytest.mark.anyio, pytest.mark.node]


async def test_both_ways(engine: Engine, express: str) -> None:
    db = await engine.create("city")
    await fill(db)
    back = await engine.create("back")
    async with await open_couchdb(express) as peer:
        theirs = await peer.create("city")
        there = await replicate(db, theirs)
        assert there.progress.doc_write_failures == 0
        assert there.progress.docs_written > 120
        again = await replicate(db, theirs)
        assert again.progress.docs_read == 0
        await replicate(theirs, back)
    assert await contents(back) == await contents(db)


async def test_pouchdb_carries_between_the_two_servers(
    engine: Engine, server: str, express: str, pouch: Pouch
) -> None:
    db = await engine.create("city")
    await fill(db)
    async with await open_couchdb(express) as peer:
        await peer.create("city")
    result = await pouch("replicate", source=f"{server}/city", target=f"{express}/city")
    assert result["doc_write_failures"] == 0
    assert await pouch("snapshot", db=f"{express}/city") == await pouch("snapshot", db=f"{server}/city")
