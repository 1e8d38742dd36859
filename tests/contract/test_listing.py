"""``all_docs``: order, ranges, keys."""

from __future__ import annotations

import orjson
import pytest

from sync.interface import AllDocsQuery, Database, DocPage

pytestmark = pytest.mark.anyio


def ids(page: DocPage) -> list[str]:
    return [row.id for row in page.rows]


async def abc(db: Database) -> None:
    await db.bulk_docs([{"_id": word, "w": word} for word in ("d", "b", "a", "c", "e")])


async def test_everything_in_order(db: Database) -> None:
    await abc(db)
    page = await db.all_docs()
    assert ids(page) == ["a", "b", "c", "d", "e"]
    assert page.total_rows == 5
    assert all(row.doc is None and row.rev for row in page.rows)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (AllDocsQuery(startkey="b", endkey="d"), "bcd"),
        (AllDocsQuery(startkey="b", endkey="d", inclusive_end=False), "bc"),
        (AllDocsQuery(startkey="bb"), "cde"),
        (AllDocsQuery(endkey="bb"), "ab"),
        (AllDocsQuery(descending=True), "edcba"),
        (AllDocsQuery(descending=True, startkey="d", endkey="b"), "dcb"),
        (AllDocsQuery(descending=True, startkey="d", endkey="b", inclusive_end=False), "dc"),
        (AllDocsQuery(limit=2), "ab"),
        (AllDocsQuery(limit=2, skip=1), "bc"),
        (AllDocsQuery(limit=0), ""),
        (AllDocsQuery(skip=9), ""),
    ],
)
async def test_ranges(db: Database, query: AllDocsQuery, expected: str) -> None:
    await abc(db)
    assert "".join(ids(await db.all_docs(query))) == expected


async def test_the_deleted_are_not_listed(db: Database) -> None:
    await abc(db)
    await db.delete("c", (await db.get("c"))["_rev"])
    page = await db.all_docs()
    assert ids(page) == ["a", "b", "d", "e"]
    assert page.total_rows == 4


async def test_keys_answer_each_in_turn(db: Database) -> None:
    await abc(db)
    await db.delete("c", (await db.get("c"))["_rev"])
    rows = (await db.all_docs(AllDocsQuery(keys=("e", "none", "c", "a", "e"), include_docs=True))).rows
    assert [(row.id, row.error, row.deleted) for row in rows] == [
        ("e", None, False),
        ("none", "not_found", False),
        ("c", None, True),
        ("a", None, False),
        ("e", None, False),
    ]
    assert [row.doc is None for row in rows] == [False, True, True, False, False]


async def test_documents_are_included(db: Database) -> None:
    await abc(db)
    for row in (await db.all_docs(AllDocsQuery(include_docs=True))).rows:
        assert row.doc is not None
        assert orjson.loads(row.doc) == await db.get(row.id)


async def test_order_is_that_of_code_points(db: Database) -> None:
    words = ["Z", "a", "z", "á", "ñ", "日", "𝄞", "\uffee", "_design/x"]
    await db.bulk_docs([{"_id": word} for word in words])
    assert ids(await db.all_docs()) == sorted(words)
