"""The changes feed: nothing is missed, nothing comes twice, waiting ends when something has happened."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from sync.errors import BadRequest, NotFound
from sync.interface import ChangesQuery, Database, Engine

pytestmark = pytest.mark.anyio


async def fill(db: Database, count: int) -> None:
    await db.bulk_docs([{"_id": f"{n:04}", "n": n} for n in range(count)])


async def test_each_document_comes_once_at_its_newest(db: Database) -> None:
    await fill(db, 3)
    first = (await db.get("0000"))["_rev"]
    second = await db.put({"_id": "0000", "_rev": first, "n": 9})
    page = await db.changes()
    assert sorted(row.id for row in page.rows) == ["0000", "0001", "0002"]
    assert page.rows[-1].id == "0000"
    assert page.rows[-1].revs == (second,)
    assert page.pending == 0


async def test_paging_gives_everything_once(db: Database) -> None:
    await fill(db, 25)
    seen: list[str] = []
    since = "0"
    while True:
        page = await db.changes(ChangesQuery(since=since, limit=10))
        seen += [row.id for row in page.rows]
        since = page.last_seq
        assert page.pending == 25 - len(seen)
        if not page.rows:
            break
    assert sorted(seen) == [f"{n:04}" for n in range(25)]


async def test_only_what_is_new_follows(db: Database) -> None:
    await fill(db, 5)
    since = (await db.changes()).last_seq
    assert (await db.changes(ChangesQuery(since=since))).rows == []
    await db.put({"_id": "new"})
    page = await db.changes(ChangesQuery(since=since))
    assert [row.id for row in page.rows] == ["new"]


async def test_a_row_can_be_continued_from(db: Database) -> None:
    await fill(db, 6)
    rows = (await db.changes()).rows
    rest = (await db.changes(ChangesQuery(since=rows[2].seq))).rows
    assert [row.id for row in rest] == [row.id for row in rows[3:]]


async def test_now_means_after_everything(db: Database) -> None:
    await fill(db, 3)
    assert (await db.changes(ChangesQuery(since="now"))).rows == []


async def test_deletions_are_told(db: Database) -> None:
    rev = await db.put({"_id": "a"})
    gone = await db.delete("a", rev)
    [row] = (await db.changes(ChangesQuery(include_docs=True))).rows
    assert (row.id, row.deleted, row.revs) == ("a", True, (gone,))
    assert row.doc is not None
    assert orjson.loads(row.doc)["_deleted"] is True


async def test_documents_are_included(db: Database) -> None:
    await fill(db, 3)
    for row in (await db.changes(ChangesQuery(include_docs=True))).rows:
        assert row.doc is not None
        assert orjson.loads(row.doc) == await db.get(row.id)


async def test_all_leaves_are_listed(db: Database) -> None:
    a, b, c = ("a" * 32, "b" * 32, "c" * 32)
    await db.bulk_docs(
        [
            {"_id": "x", "_rev": f"2-{leaf}", "_revisions": {"start": 2, "ids": [leaf, a]}, "n": leaf}
            for leaf in (b, c)
        ],
        new_edits=False,
    )
    assert [row.revs for row in (await db.changes()).rows] == [(f"2-{c}",)]
    [row] = (await db.changes(ChangesQuery(all_leaves=True))).rows
    assert set(row.revs) == {f"2-{b}", f"2-{c}"}
    [row] = (await db.changes(ChangesQuery(include_docs=True, conflicts=True))).rows
    assert row.doc is not None
    assert orjson.loads(row.doc)["_conflicts"] == [f"2-{b}"]


async def test_descending_begins_at_the_end(db: Database) -> None:
    await fill(db, 4)
    rows = (await db.changes()).rows
    back = (await db.changes(ChangesQuery(descending=True, limit=2))).rows
    assert [row.id for row in back] == [row.id for row in reversed(rows)][:2]


async def test_filters_by_id_design_and_selector(db: Database) -> None:
    await fill(db, 5)
    await db.put({"_id": "_design/x"})
    by_id = await db.changes(ChangesQuery(doc_ids=("0003", "none", "0001")))
    assert sorted(row.id for row in by_id.rows) == ["0001", "0003"]
    design = await db.changes(ChangesQuery(design_only=True))
    assert [row.id for row in design.rows] == ["_design/x"]
    chosen = await db.changes(ChangesQuery(selector={"n": {"$gt": 2}}))
    assert sorted(row.id for row in chosen.rows) == ["0003", "0004"]


async def test_a_filtered_feed_moves_on_past_what_it_left_out(db: Database) -> None:
    await fill(db, 5)
    page = await db.changes(ChangesQuery(doc_ids=("0001",)))
    assert (await db.changes(ChangesQuery(since=page.last_seq))).rows == []
    seen: list[str] = []
    since = "0"
    for _ in range(9):
        page = await db.changes(ChangesQuery(since=since, selector={"n": {"$gte": 1}}, limit=2))
        seen += [row.id for row in page.rows]
        since = page.last_seq
    assert sorted(seen) == ["0001", "0002", "0003", "0004"]


async def test_a_malformed_sequence_is_refused(db: Database) -> None:
    await fill(db, 1)
    with pytest.raises(BadRequest):
        await db.changes(ChangesQuery(since="perro"))


async def test_waiting_ends_with_a_change(db: Database) -> None:
    since = (await db.changes()).last_seq
    waiting = asyncio.ensure_future(db.wait_for_change(since, 30))
    await asyncio.sleep(0)
    await db.put({"_id": "a"})
    assert await waiting is True
    assert [row.id for row in (await db.changes(ChangesQuery(since=since))).rows] == ["a"]


async def test_what_happened_before_needs_no_waiting(db: Database) -> None:
    since = (await db.changes()).last_seq
    await db.put({"_id": "a"})
    assert await db.wait_for_change(since, 30) is True


async def test_waiting_in_vain_ends_too(db: Database) -> None:
    since = (await db.changes()).last_seq
    assert await db.wait_for_change(since, 0.05) is False


async def test_another_database_wakes_nobody(db: Database, engine: Engine) -> None:
    other = await engine.create(db.name + "-other")
    since = (await db.changes()).last_seq
    waiting = asyncio.ensure_future(db.wait_for_change(since, 0.3))
    await other.put({"_id": "a"})
    assert await waiting is False
    await engine.delete(other.name)


async def test_waiting_on_a_deleted_database_ends(db: Database, engine: Engine) -> None:
    since = (await db.changes()).last_seq
    waiting = asyncio.ensure_future(db.wait_for_change(since, 30))
    await asyncio.sleep(0.05)
    await engine.delete(db.name)
    try:
        assert await waiting is True
    except NotFound:
        pass
    with pytest.raises(NotFound):
        await db.changes()


async def test_following_while_others_write_misses_nothing(db: Database) -> None:
    async def write(writer: int) -> None:
        for n in range(8):
            await db.bulk_docs([{"_id": f"{writer}-{n}-{m}"} for m in range(5)])

    async def follow() -> set[str]:
        seen: set[str] = set()
        since = "0"
        while len(seen) < 4 * 8 * 5:
            page = await db.changes(ChangesQuery(since=since, limit=7))
            seen |= {row.id for row in page.rows}
            since = page.last_seq
            if not page.rows:
                await db.wait_for_change(since, 5)
        return seen

    follower = asyncio.ensure_future(follow())
    await asyncio.gather(*(write(n) for n in range(4)))
    found = await follower
    assert len(found) == 160
