"""What only the embedded feed promises: foreign sequences, and rests that are counted once."""

from __future__ import annotations

import pytest

from sync.embedded import EmbeddedEngine, feed
from sync.errors import BadRequest
from sync.interface import ChangesQuery

pytestmark = pytest.mark.anyio


async def test_the_sequence_of_another_database_means_the_beginning(engine: EmbeddedEngine) -> None:
    db, other = await engine.create("uno"), await engine.create("dos")
    for n in range(3):
        await db.put({"_id": f"{n}"})
        await other.put({"_id": f"{n}"})
    foreign = (await other.changes()).last_seq
    assert len((await db.changes(ChangesQuery(since=foreign))).rows) == 3
    await engine.delete("uno")
    again = await engine.create("uno")
    await again.put({"_id": "nuevo"})
    assert len((await again.changes(ChangesQuery(since=(foreign)))).rows) == 1


@pytest.mark.parametrize(
    "since", ["", "-1", "1.5", "1-", "1-xyz", "1-0123456", "now ", "1" * 20, "1-0123abcd\n"]
)
async def test_what_is_no_sequence_is_refused(engine: EmbeddedEngine, since: str) -> None:
    db = await engine.create("uno")
    with pytest.raises(BadRequest):
        await db.changes(ChangesQuery(since=since))
    with pytest.raises(BadRequest):
        await db.wait_for_change(since, 1)


async def test_the_rest_stays_right_while_the_database_changes(engine: EmbeddedEngine) -> None:
    db = await engine.create("uno")
    rows = await db.bulk_docs([{"_id": f"{n:03}"} for n in range(100)])
    since, seen, asked = "0", 0, 0
    while True:
        page = await db.changes(ChangesQuery(since=since, limit=9))
        since, seen, asked = page.last_seq, seen + len(page.rows), asked + 1
        left = len((await db.changes(ChangesQuery(since=since))).rows)
        assert page.pending == left
        if not left:
            break
        if asked % 3 == 0 and asked < 20:
            # One that was read already moves behind; one that was not moves too, and is not counted twice.
            for row in (rows[asked], rows[99 - asked]):
                await db.delete(row.id, row.rev or "")
    assert seen >= 100
    assert (await db.changes()).pending == 0


async def test_little_of_a_database_is_read_at_once_however_much_others_write(engine: EmbeddedEngine) -> None:
    db, other = await engine.create("uno"), await engine.create("dos")
    rest = (engine.blobs, engine.counted)

    def at_once(query: ChangesQuery) -> bool:
        page = engine.readers.quick(feed.changes_if_short, db.number, query, *rest)
        whole = engine.readers.quick(feed.changes, db.number, query, *rest)
        assert page in (None, whole)
        return page is not None

    for n in range(feed.SHORT):
        await db.put({"_id": f"{n:03}", "n": n})
        await other.bulk_docs([{"_id": f"{n}-{m}"} for m in range(10)])
    first = (await db.changes(ChangesQuery(limit=1))).last_seq
    ids = tuple(f"{n:03}" for n in range(feed.SHORT))
    assert not at_once(ChangesQuery())
    assert not at_once(ChangesQuery(limit=1))
    assert not at_once(ChangesQuery(doc_ids=ids))
    assert not at_once(ChangesQuery(since=first, attachments=True))
    assert not at_once(ChangesQuery(since=first, descending=True))
    assert at_once(ChangesQuery(since=first))
    assert at_once(ChangesQuery(since=first, limit=9, include_docs=True))
    assert at_once(ChangesQuery(since=first, limit=9, selector={"n": {"$gt": 20}}))
    assert at_once(ChangesQuery(doc_ids=ids[1:]))
    assert at_once(ChangesQuery(since="now"))
