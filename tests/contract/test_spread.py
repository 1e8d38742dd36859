"""One call that writes to many databases."""

from __future__ import annotations

import asyncio

import pytest

from sync.errors import BadRequest
from sync.interface import ChangesQuery, Engine, Step, Write
from tests.contract.conftest import Make

pytestmark = pytest.mark.anyio


async def test_a_document_reaches_many_databases(engine: Engine, make: Make) -> None:
    boxes = [await make() for _ in range(5)]
    card = {"_id": "report:1", "text": "ñandú", "n": [1, 2.5]}
    (rows,) = await engine.spread(Step([Write(box, card) for box in boxes]))
    assert [row.id for row in rows] == ["report:1"] * 5
    for box, row in zip(boxes, rows, strict=True):
        assert await box.get("report:1") == {**card, "_rev": row.rev}
        assert (await box.info()).doc_count == 1


async def test_it_edits_and_deletes(engine: Engine, make: Make) -> None:
    a, b = await make(), await make()
    (first,) = await engine.spread(Step([Write(a, {"_id": "x", "n": 1}), Write(b, {"_id": "x", "n": 1})]))
    edit, deletion = Write(a, {"_id": "x", "n": 2}, first[0].rev), Write(b, {"_id": "x"}, first[1].rev, True)
    (rows,) = await engine.spread(Step([edit, deletion]))
    assert all(row.ok for row in rows)
    assert (await a.get("x"))["n"] == 2
    info = await b.info()
    assert (info.doc_count, info.doc_del_count) == (0, 1)


async def test_rows_have_fates_of_their_own(engine: Engine, make: Make) -> None:
    a, b, gone = await make(), await make(), await make()
    await a.put({"_id": "x", "n": 1})
    await engine.delete(gone.name)
    doc = {"_id": "x", "n": 2}
    (rows,) = await engine.spread(Step([Write(a, doc), Write(gone, doc), Write(b, doc)]))
    assert [row.error for row in rows] == ["conflict", "not_found", None]
    assert (await a.get("x"))["n"] == 1
    assert (await b.get("x"))["n"] == 2


async def test_twice_in_one_call_is_a_conflict(engine: Engine, make: Make) -> None:
    a = await make()
    (rows,) = await engine.spread(Step([Write(a, {"_id": "x", "n": 1}), Write(a, {"_id": "x", "n": 2})]))
    assert sorted([row.error for row in rows], key=str) == [None, "conflict"]
    assert (await a.info()).doc_count == 1


async def test_more_than_one_piece_of_work(engine: Engine, make: Make) -> None:
    a, b = await make(), await make()
    writes = [Write(box, {"_id": f"d{n:04}", "n": n}) for n in range(1_100) for box in (a, b)]
    (rows,) = await engine.spread(Step(writes))
    assert [row.id for row in rows] == [write.doc["_id"] for write in writes]
    for box in (a, b):
        page = await box.changes(ChangesQuery(include_docs=True))
        assert sorted(row.id for row in page.rows) == [f"d{n:04}" for n in range(1_100)]
        assert (await box.info()).doc_count == 1_100


async def test_followers_of_each_database_are_woken(engine: Engine, make: Make) -> None:
    boxes = [await make() for _ in range(3)]
    sinces = [(await box.changes(ChangesQuery(since="now"))).last_seq for box in boxes]
    pairs = zip(boxes, sinces, strict=True)
    waits = [asyncio.ensure_future(box.wait_for_change(since, 30)) for box, since in pairs]
    await engine.spread(Step([Write(box, {"_id": "x"}) for box in boxes]))
    assert await asyncio.gather(*waits) == [True, True, True]


async def test_attachments_are_refused(engine: Engine, make: Make) -> None:
    a = await make()
    inline = {"a.txt": {"content_type": "text/plain", "data": "aG9sYQ=="}}
    with_file = Write(a, {"_id": "x", "_attachments": inline})
    with pytest.raises(BadRequest):
        await engine.spread(Step([Write(a, {"_id": "y"})]), Step([with_file]))
    assert (await a.info()).doc_count == 0


async def test_what_comes_last_is_never_seen_first(engine: Engine, make: Make) -> None:
    boxes = [await make() for _ in range(3)]
    last = await make()
    for count in (2, 500):  # one piece of the embedded writer's work, and several
        writes = [Write(box, {"_id": f"{count}:{n}"}) for n in range(count) for box in boxes]
        await engine.spread(Step(writes[:1]))
        since = (await last.info()).update_seq

        async def everything_is_there(since: str = since, count: int = count) -> bool:
            assert await last.wait_for_change(since, 60)
            held = [{row.id for row in (await box.changes(ChangesQuery())).rows} for box in boxes]
            return all(f"{count}:{n}" in there for there in held for n in range(count))

        seen = asyncio.create_task(everything_is_there())
        rows, (done,) = await engine.spread(Step(writes[1:]), Step([Write(last, {"_id": f"{count}:done"})]))
        assert [row.id for row in rows] == [write.doc["_id"] for write in writes[1:]]
        assert all(row.ok for row in (*rows, done))
        assert await seen


async def test_nothing_comes_after_a_refusal_in_a_strict_step(engine: Engine, make: Make) -> None:
    a, b = await make(), await make()
    await a.put({"_id": "x", "n": 1})
    for count in (1, 1_100):  # one transaction of the embedded engine, and several
        here = [Write(a, {"_id": "x", "n": 2}), *(Write(a, {"_id": f"{count}:{n}"}) for n in range(count))]
        then = Step([Write(b, {"_id": f"{count}"})])
        for step, written in ((Step(here, strict=True), 1), (Step(here), 2)):
            rows = await engine.spread(step, then)
            assert len(rows) == written
            assert rows[0][0].error == "conflict"
        assert (await b.info()).doc_count == (1 if count == 1 else 2)
    assert (await a.get("x"))["n"] == 1


async def test_a_body_written_by_the_caller_is_the_document(engine: Engine, make: Make) -> None:
    a, b = await make(), await make()
    doc = {"_id": "x", "n": [1.5, None], "text": "ñ"}
    body = b'{"n":[1.5,null],"text":"\xc3\xb1"}'
    (rows,) = await engine.spread(Step([Write(box, doc, body=body) for box in (a, b)]))
    assert [await box.get("x") for box in (a, b)] == [{**doc, "_rev": row.rev} for row in rows]
    (rows,) = await engine.spread(Step([Write(a, {"_id": "x"}, rows[0].rev, body=b"{}")]))
    assert await a.get("x") == {"_id": "x", "_rev": rows[0].rev}


async def test_what_nobody_will_ask_for_may_go_at_once(engine: Engine, make: Make) -> None:
    """Counts and feed are as with any edit, and the next edit extends it; only the old body may be gone."""
    kept, dropped = await make(), await make()
    for db, keep in ((kept, True), (dropped, False)):
        rev = None
        for n in range(4):
            ((row,),) = await engine.spread(Step([Write(db, {"_id": "x", "n": n}, rev, keep=keep)]))
            rev = row.rev
        assert await db.get("x") == {"_id": "x", "_rev": rev, "n": 3}
        ((row,),) = await engine.spread(Step([Write(db, {"_id": "x"}, rev, deleted=True, keep=keep)]))
        assert row.ok
        info = await db.info()
        assert (info.doc_count, info.doc_del_count) == (0, 1)
        page = await db.changes(ChangesQuery())
        assert [(row.id, row.deleted, row.revs[0][:2]) for row in page.rows] == [("x", True, "5-")]
