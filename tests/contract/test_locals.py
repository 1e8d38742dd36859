"""Local documents: beside the others, in no feed."""

from __future__ import annotations

import pytest

from sync.errors import NotFound
from sync.interface import AllDocsQuery, Database

pytestmark = pytest.mark.anyio


async def test_they_are_kept_and_replaced(db: Database) -> None:
    rev = await db.put_local("checkpoint", {"seq": 1})
    doc = await db.get_local("checkpoint")
    assert (doc["_id"], doc["_rev"], doc["seq"]) == ("_local/checkpoint", rev, 1)
    await db.put_local("checkpoint", {"_rev": rev, "seq": 2})
    assert (await db.get_local("checkpoint"))["seq"] == 2


async def test_they_are_removed(db: Database) -> None:
    await db.put_local("checkpoint", {"seq": 1})
    await db.delete_local("checkpoint")
    with pytest.raises(NotFound):
        await db.get_local("checkpoint")
    with pytest.raises(NotFound):
        await db.delete_local("checkpoint")


async def test_they_are_in_no_feed_list_or_count(db: Database) -> None:
    await db.put_local("checkpoint", {"seq": 1})
    assert (await db.changes()).rows == []
    assert (await db.all_docs()).rows == []
    assert (await db.info()).doc_count == 0


async def test_they_are_listed_apart(db: Database) -> None:
    for word in ("b", "a", "c"):
        await db.put_local(word, {"w": word})
    page = await db.local_docs(AllDocsQuery(include_docs=True))
    assert [row.id for row in page.rows] == ["_local/a", "_local/b", "_local/c"]
    assert all(row.doc for row in page.rows)


async def test_any_id_will_do(db: Database) -> None:
    for word in ("a/b", "con espacio", "ñ", "x+y"):
        await db.put_local(word, {"w": word})
        assert (await db.get_local(word))["w"] == word
