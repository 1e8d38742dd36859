"""Purging and compacting."""

from __future__ import annotations

import pytest

from sync.errors import NotFound
from sync.interface import ChangesQuery, Database, DocOptions

pytestmark = pytest.mark.anyio


async def test_a_purged_document_never_was(db: Database) -> None:
    rev = await db.put({"_id": "a", "n": 1})
    await db.put({"_id": "b"})
    assert await db.purge({"a": [rev]}) == {"a": [rev]}
    with pytest.raises(NotFound):
        await db.get("a")
    assert [row.id for row in (await db.changes()).rows] == ["b"]
    assert (await db.info()).doc_count == 1
    assert (await db.put({"_id": "a", "n": 1})).startswith("1-")


async def test_purging_a_branch_brings_the_other(db: Database) -> None:
    a, b, c = ("a" * 32, "b" * 32, "c" * 32)
    await db.bulk_docs(
        [
            {"_id": "x", "_rev": f"2-{leaf}", "_revisions": {"start": 2, "ids": [leaf, a]}, "n": leaf[0]}
            for leaf in (b, c)
        ],
        new_edits=False,
    )
    assert await db.purge({"x": [f"2-{c}"]}) == {"x": [f"2-{c}"]}
    doc = await db.get("x", DocOptions(conflicts=True))
    assert (doc["n"], doc["_rev"]) == ("b", f"2-{b}")
    assert "_conflicts" not in doc


async def test_what_is_no_leaf_is_not_purged(db: Database) -> None:
    first = await db.put({"_id": "a", "n": 1})
    await db.put({"_id": "a", "_rev": first, "n": 2})
    assert (await db.purge({"a": [first]})).get("a", []) == []
    assert (await db.get("a"))["n"] == 2


async def test_compaction_changes_nothing_that_counts(db: Database) -> None:
    for n in range(5):
        rev = await db.put({"_id": f"{n}", "n": n})
        await db.put({"_id": f"{n}", "_rev": rev, "n": n + 10})
    before = await db.changes(ChangesQuery(include_docs=True))
    await db.compact()
    after = await db.changes(ChangesQuery(include_docs=True))
    assert [(row.id, row.revs, row.doc) for row in after.rows] == [
        (row.id, row.revs, row.doc) for row in before.rows
    ]
