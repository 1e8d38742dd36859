"""Many documents in one step, and revisions merged as they are."""

from __future__ import annotations

import asyncio
from json import loads
from typing import Any

import pytest

from sync.errors import BadRequest, EngineError, NotFound
from sync.interface import BulkGetRequest, Database, DocOptions, Json

pytestmark = pytest.mark.anyio


def branch(doc_id: str, start: int, *ids: str, **members: object) -> Json:
    return {
        "_id": doc_id,
        "_rev": f"{start}-{ids[0]}",
        "_revisions": {"start": start, "ids": list(ids)},
        **members,
    }


A, B, C, D = ("a" * 32, "b" * 32, "c" * 32, "d" * 32)


async def test_rows_come_in_the_order_given(db: Database) -> None:
    ids = [f"{n * 7919 % 100:03}" for n in range(100)]
    rows = await db.bulk_docs([{"_id": doc_id} for doc_id in ids])
    assert [row.id for row in rows] == ids
    assert all(row.ok and row.rev for row in rows)
    assert (await db.info()).doc_count == 100


async def test_one_refusal_leaves_the_others(db: Database) -> None:
    await db.put({"_id": "b"})
    rows = await db.bulk_docs([{"_id": "a"}, {"_id": "b", "n": 2}, {"_id": "c"}])
    assert [row.error for row in rows] == [None, "conflict", None]
    assert (await db.info()).doc_count == 3


async def test_an_id_is_made_where_none_is_given(db: Database) -> None:
    rows = await db.bulk_docs([{"n": 1}, {"n": 2}])
    assert len({row.id for row in rows}) == 2
    assert (await db.get(rows[0].id))["n"] == 1


async def test_twice_in_one_batch_is_a_conflict(db: Database) -> None:
    rows = await db.bulk_docs([{"_id": "a", "n": 1}, {"_id": "a", "n": 2}])
    assert sorted([row.error for row in rows], key=str) == [None, "conflict"]
    assert (await db.info()).doc_count == 1


@pytest.mark.parametrize("bad", [5, "text", [], None, {"_id": "_no"}, {"_id": 5}])
async def test_a_malformed_document_refuses_the_batch(db: Database, bad: object) -> None:
    with pytest.raises(EngineError) as refused:
        await db.bulk_docs([{"_id": "good"}, bad])  # type: ignore[list-item]
    assert refused.value.status == 400
    assert (await db.info()).doc_count == 0


async def test_replicated_revisions_are_kept_as_they_are(db: Database) -> None:
    assert await db.bulk_docs([branch("a", 3, C, B, A, n=3)], new_edits=False) == []
    doc = await db.get("a", DocOptions(revs=True))
    assert doc["_rev"] == f"3-{C}"
    assert doc["_revisions"] == {"start": 3, "ids": [C, B, A]}


async def test_a_replicated_revision_is_stored_once(db: Database) -> None:
    await db.bulk_docs([branch("a", 2, B, A, n=2)], new_edits=False)
    before = await db.changes()
    await db.bulk_docs([branch("a", 2, B, A, n=2)], new_edits=False)
    await db.bulk_docs([branch("a", 1, A, n=1)], new_edits=False)
    assert len((await db.changes()).rows) == len(before.rows) == 1
    assert (await db.get("a"))["n"] == 2


async def test_a_conflict_keeps_both_and_the_winner_is_the_same_everywhere(db: Database) -> None:
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        edits = [branch("x", 2, C, A, n="c"), branch("x", 2, B, A, n="b"), branch("x", 1, D, n="d")]
        doc_id = "x" + "".join(map(str, order))
        await db.bulk_docs([{**edits[n], "_id": doc_id} for n in order], new_edits=False)
        doc = await db.get(doc_id, DocOptions(conflicts=True))
        assert (doc["_rev"], doc["_conflicts"]) == (f"2-{C}", [f"2-{B}", f"1-{D}"])


async def test_deleting_the_winner_brings_the_next(db: Database) -> None:
    await db.bulk_docs([branch("x", 2, C, A, n="c"), branch("x", 2, B, A, n="b")], new_edits=False)
    gone = await db.delete("x", f"2-{C}")
    doc = await db.get("x", DocOptions(conflicts=True, deleted_conflicts=True))
    assert (doc["_rev"], doc["n"]) == (f"2-{B}", "b")
    assert "_conflicts" not in doc
    assert doc["_deleted_conflicts"] == [gone]
    info = await db.info()
    assert (info.doc_count, info.doc_del_count) == (1, 0)


async def test_a_losing_branch_can_be_edited(db: Database) -> None:
    await db.bulk_docs([branch("x", 2, C, A, n="c"), branch("x", 2, B, A, n="b")], new_edits=False)
    await db.put({"_id": "x", "_rev": f"2-{B}", "n": "b3"})
    doc = await db.get("x", DocOptions(conflicts=True))
    assert (doc["n"], doc["_conflicts"]) == ("b3", [f"2-{C}"])


async def test_replicated_deletions_merge(db: Database) -> None:
    await db.bulk_docs([branch("x", 1, A, n=1)], new_edits=False)
    await db.bulk_docs([branch("x", 2, B, A, _deleted=True)], new_edits=False)
    with pytest.raises(NotFound):
        await db.get("x")
    info = await db.info()
    assert (info.doc_count, info.doc_del_count) == (0, 1)


@pytest.mark.parametrize("revisions", [{"start": "1", "ids": [A]}, {"start": 1, "ids": "a"}, {"start": 1}])
async def test_a_malformed_lineage_is_refused(db: Database, revisions: object) -> None:
    with pytest.raises(BadRequest):
        await db.bulk_docs([{"_id": "x", "_rev": f"1-{A}", "_revisions": revisions}], new_edits=False)
    assert (await db.info()).doc_count == 0


async def test_open_revs_gives_every_leaf(db: Database) -> None:
    await db.bulk_docs(
        [branch("x", 2, C, A, n="c"), branch("x", 2, B, A, n="b"), branch("x", 2, D, A, _deleted=True)],
        new_edits=False,
    )
    rows = await db.open_revs("x", "all")
    assert {row.rev for row in rows} == {f"2-{C}", f"2-{B}", f"2-{D}"}
    asked = await db.open_revs("x", [f"2-{B}", f"9-{A}"])
    assert [row.error for row in asked] == [None, "not_found"]


async def test_bulk_get_tells_found_and_missing(db: Database) -> None:
    rev = await db.put({"_id": "a", "n": 1})
    await db.bulk_docs([branch("x", 2, C, A, n="c"), branch("x", 2, B, A, n="b")], new_edits=False)
    answers = await db.bulk_get(
        [
            BulkGetRequest("a", rev),
            BulkGetRequest("none"),
            BulkGetRequest("x", f"1-{A}"),
            BulkGetRequest("x"),
        ],
        revs=True,
    )
    assert answers[0][0].doc is not None
    assert answers[1][0].error == "not_found"
    assert answers[2][0].error == "not_found"
    assert {row.rev for row in answers[3]} == {f"2-{C}", f"2-{B}"}


async def test_bulk_get_answers_in_the_order_asked_however_many_and_often(db: Database) -> None:
    first = await db.put({"_id": "a", "n": 1})
    second = await db.put({"_id": "a", "_rev": first, "n": 2})
    gone = await db.delete("a", second)
    await db.put({"_id": "b", "_attachments": {"x": {"data": "aGVsbG8="}}})
    await db.bulk_docs([{"_id": f"{n:03}"} for n in range(150)])
    asked = [BulkGetRequest(doc_id) for doc_id in ("b", "none", "b", "a")] + [BulkGetRequest("a", gone)]
    for more in (0, 150):
        requests = asked + [BulkGetRequest(f"{n:03}") for n in reversed(range(more))]
        answers = await db.bulk_get(requests, revs=True)
        assert [rows[0].id for rows in answers] == [request.id for request in requests]
        assert all(len(rows) == 1 for rows in answers)
        docs: list[Any] = [None if rows[0].doc is None else loads(rows[0].doc) for rows in answers]
        assert docs[0] == docs[2]
        assert docs[0]["_attachments"]["x"]["length"] == 5
        assert docs[1] is None
        assert docs[3] == docs[4]
        assert docs[3]["_deleted"] is True
        assert docs[3]["_revisions"]["ids"] == [rev[2:] for rev in (gone, second, first)]
        assert [doc["_id"] for doc in docs[5:]] == [request.id for request in requests[5:]]


async def test_bulk_get_latest_follows_the_branch(db: Database) -> None:
    first = await db.put({"_id": "a", "n": 1})
    second = await db.put({"_id": "a", "_rev": first, "n": 2})
    [[row]] = await db.bulk_get([BulkGetRequest("a", first)], latest=True)
    assert row.doc is not None
    assert f'"{second}"'.encode() in row.doc


async def test_revs_diff_names_what_is_missing(db: Database) -> None:
    first = await db.put({"_id": "a", "n": 1})
    second = await db.put({"_id": "a", "_rev": first, "n": 2})
    diff = await db.revs_diff({"a": [first, second, f"3-{C}"], "b": [f"1-{A}"], "c": []})
    assert diff["a"].missing == (f"3-{C}",)
    assert diff["a"].possible_ancestors == (second,)
    assert diff["b"].missing == (f"1-{A}",)
    assert set(diff) == {"a", "b"}
    assert await db.revs_diff({"a": [first, second]}) == {}


async def test_many_writers_at_once_all_keep_their_documents(db: Database) -> None:
    async def write(writer: int) -> None:
        for n in range(10):
            await db.put({"_id": f"{writer}-{n}"})

    await asyncio.gather(*(write(n) for n in range(16)))
    assert (await db.info()).doc_count == 160


async def test_of_many_rivals_one_wins(db: Database) -> None:
    async def claim(n: int) -> str | None:
        return (await db.bulk_docs([{"_id": "one", "n": n}]))[0].error

    fates = await asyncio.gather(*(claim(n) for n in range(12)))
    assert sorted(fates, key=str).count(None) == 1
    assert fates.count("conflict") == 11
