"""Many databases, dropped ones reclaimed step by step, folders that are not ours."""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw
import pytest

from sync.embedded import EmbeddedEngine, housekeeping, open_engine, schema
from sync.embedded.writer import Tx
from sync.errors import DatabaseNotFound, NotFound, Unavailable
from sync.interface import BulkGetRequest, ChangesQuery, Database, DocOptions, Step, Write

pytestmark = pytest.mark.anyio


def rows_left(folder: Path) -> int:
    db = apsw.Connection(str(folder / schema.FILE_NAME), flags=apsw.SQLITE_OPEN_READONLY)
    tables = ("databases", "docs", "bodies", "locals", "blob_refs")
    left = sum(int(db.execute(f"SELECT count(*) FROM {table}").get) for table in tables)
    db.close()
    return left


async def test_a_thousand_databases_in_one_folder(engine: EmbeddedEngine) -> None:
    made = await asyncio.gather(*(engine.create(f"buzon-{n:04}") for n in range(1000)))
    await asyncio.gather(*(db.put({"_id": "a", "n": n}) for n, db in enumerate(made)))
    assert await engine.names(prefix="buzon-") == [f"buzon-{n:04}" for n in range(1000)]
    assert (await made[7].get("a"))["n"] == 7
    assert [row.id for row in (await made[500].changes()).rows] == ["a"]


async def test_an_id_may_hold_a_nul_among_others(engine: EmbeddedEngine) -> None:
    db = await engine.create("nulos")
    ids = ["a\0b", "a", "a\0"]
    rows = await db.bulk_docs([{"_id": doc_id, "n": n} for n, doc_id in enumerate(ids)])
    assert all(row.ok for row in rows)
    found = await db.bulk_get([BulkGetRequest(doc_id) for doc_id in [*ids, "b"]])
    assert [one[0].rev for one in found] == [*(row.rev for row in rows), None]
    assert {doc_id: doc["n"] for doc_id, doc in (await db.get_many(ids)).items()} == dict(
        zip(ids, range(3), strict=True)
    )


async def test_what_need_not_be_kept_leaves_nothing_to_compact(engine: EmbeddedEngine) -> None:
    kept, dropped = await engine.create("queda"), await engine.create("se-va")
    atts = {"a.txt": {"content_type": "text/plain", "data": "aG9sYQ=="}}
    for db, keep in ((kept, True), (dropped, False)):
        rev = None
        for n in range(4):
            doc = {"_id": "x", "t": "y" * n * 40}
            ((row,),) = await engine.spread(Step([Write(db, doc, rev, keep=keep)]))
            rev = row.rev
        # Where attachments hang on the old revision, compaction takes them with it.
        first = await db.put({"_id": "z", "_attachments": atts})
        ((row,),) = await engine.spread(Step([Write(db, {"_id": "z"}, first, keep=keep)]))
        assert row.ok
    assert (await kept.get("x", DocOptions(rev=await first_rev(kept))))["t"] == ""
    with pytest.raises(NotFound):
        await dropped.get("x", DocOptions(rev=await first_rev(dropped)))
    plain = apsw.Connection(str(engine.file), flags=apsw.SQLITE_OPEN_READONLY)
    left = {row[0]: row[1] for row in plain.execute("SELECT db, count(*) FROM bodies GROUP BY db")}
    assert left == {kept.number: 4, dropped.number: 1}
    await kept.compact()
    await dropped.compact()
    assert plain.execute("SELECT count(*) FROM bodies").get == 0
    plain.close()
    assert (await kept.info()).size_active == (await dropped.info()).size_active


async def first_rev(db: Database) -> str:
    doc = await db.get("x", DocOptions(revs=True))
    return f"1-{doc['_revisions']['ids'][-1]}"


async def test_writers_get_their_turn_while_a_database_is_reclaimed(
    engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, drop = await engine.create("queda"), await engine.create("se-va")
    rows = await drop.bulk_docs([{"_id": f"{n:05}"} for n in range(3000)])
    await drop.bulk_docs([{"_id": row.id, "_rev": row.rev, "n": 2} for row in rows])
    await drop.put_local("x", {})
    steps: list[int] = []
    alone: list[bool] = []
    inner = housekeeping.reclaim_step

    def counted(tx: Tx, number: int, rows: int) -> bool:
        steps.append(rows)
        before = tx.db.total_changes()
        more = inner(tx, number, rows)
        # Nobody's document is in the step's transaction, and what it takes is bounded.
        alone.append(not tx.touched and tx.db.total_changes() - before <= 4 * rows + 1)
        return more

    monkeypatch.setattr(housekeeping, "reclaim_step", counted)
    await engine.delete("se-va")
    written = 0
    reclaiming = asyncio.ensure_future(engine.reclaim())
    while not reclaiming.done():
        await keep.put({"_id": f"{written}"})
        written += 1
    await reclaiming
    assert all(alone)
    assert housekeeping.LEAST_ROWS <= min(steps) <= max(steps) <= housekeeping.MOST_ROWS
    assert len(steps) >= 6000 // housekeeping.MOST_ROWS
    # The rows went in steps, and a put that came during one was written before the next.
    assert written >= len(steps) // 2
    await engine.reclaim()
    assert rows_left(engine.folder) == 1 + written


def test_a_step_is_as_large_as_time_allows() -> None:
    pace = housekeeping.Pace()
    sizes = []
    for _ in range(10):
        pace.took(0.0)
        sizes.append(pace.rows)
    assert sizes[0] == housekeeping.FIRST_ROWS * 3 // 2
    assert sizes == sorted(sizes)
    assert sizes[-1] == housekeeping.MOST_ROWS
    # Ten times too long: a tenth of the rows, at once; and never less than what a commit is worth.
    pace.took(housekeeping.STEP_SECONDS * 10)
    assert pace.rows == housekeeping.MOST_ROWS // 10
    pace.took(60.0)
    assert pace.rows == housekeeping.LEAST_ROWS
    pace.took(housekeeping.STEP_SECONDS / 2)
    assert pace.rows == housekeeping.LEAST_ROWS * 3 // 2
    before = pace.rows
    pace.took(housekeeping.STEP_SECONDS)
    assert pace.rows == before


async def test_what_another_process_left_dropped_is_reclaimed_at_opening(tmp_path: Path) -> None:
    async with await open_engine(tmp_path) as engine:
        db = await engine.create("uno")
        await db.put({"_id": "a"})
    raw = apsw.Connection(str(tmp_path / schema.FILE_NAME))
    raw.execute("UPDATE databases SET dropped = 1")
    raw.close()
    async with await open_engine(tmp_path) as engine:
        with pytest.raises(DatabaseNotFound):
            await engine.open("uno")
        await engine.reclaim()
        assert rows_left(tmp_path) == 0


async def test_a_document_edited_without_end_does_not_grow_the_folder(engine: EmbeddedEngine) -> None:
    db = await engine.create("despertador")
    rev: str | None = None
    for n in range(housekeeping.WORN_ROWS + 5):
        rev = await db.put({"_id": "a", "n": n} | ({"_rev": rev} if rev else {}))
    assert rows_left(engine.folder) == housekeeping.WORN_ROWS + 6
    await engine.compact_worn()
    assert rows_left(engine.folder) == 2
    assert (await db.get("a"))["_rev"] == rev


async def test_space_comes_back(engine: EmbeddedEngine) -> None:
    db = await engine.create("uno")
    await db.bulk_docs([{"_id": f"{n}", "fill": "x" * 900} for n in range(2000)])
    await engine.delete("uno")
    await engine.reclaim()
    assert engine.readers.quick(lambda db: db.pragma("freelist_count")) == 0
    assert engine.readers.quick(lambda db: db.pragma("page_count")) < 200


async def test_deleted_content_is_overwritten(tmp_path: Path) -> None:
    secret = "CURP-QUE-SE-RETIRA"
    async with await open_engine(tmp_path) as engine:
        db = await engine.create("uno")
        rev = await db.put({"_id": "a", "nota": secret * 20})
        await db.purge({"a": [rev]})
    assert secret.encode() not in (tmp_path / schema.FILE_NAME).read_bytes()


async def test_somebody_elses_file_is_left_alone(tmp_path: Path) -> None:
    other = apsw.Connection(str(tmp_path / schema.FILE_NAME))
    other.execute("PRAGMA application_id = 77; CREATE TABLE mine (a)")
    other.close()
    with pytest.raises(Unavailable):
        await open_engine(tmp_path)


async def test_a_newer_folder_is_refused(tmp_path: Path) -> None:
    async with await open_engine(tmp_path):
        pass
    raw = apsw.Connection(str(tmp_path / schema.FILE_NAME))
    raw.pragma("user_version", len(schema.MIGRATIONS) + 1)
    raw.close()
    with pytest.raises(Unavailable):
        await open_engine(tmp_path)


async def test_a_closed_engine_says_so(tmp_path: Path) -> None:
    engine = await open_engine(tmp_path)
    db = await engine.create("uno")
    await engine.close()
    with pytest.raises(Unavailable):
        await db.put({"_id": "a"})
    with pytest.raises(Unavailable):
        await db.changes(ChangesQuery())


async def test_closing_wakes_who_waits(tmp_path: Path) -> None:
    engine = await open_engine(tmp_path)
    db = await engine.create("uno")
    waiting = asyncio.ensure_future(db.wait_for_change("now", 60))
    await asyncio.sleep(0)
    await engine.close()
    assert await waiting is True
