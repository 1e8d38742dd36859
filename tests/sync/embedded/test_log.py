"""The log is copied beside the writing and does not grow without bound."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from sync.embedded import filesync, log, open_engine, schema
from sync.interface import Engine

pytestmark = pytest.mark.anyio


async def test_the_log_begins_anew_while_writing_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "CHECKPOINT_PAGES", 50)
    file = tmp_path / (schema.FILE_NAME + "-wal")
    async with await open_engine(tmp_path) as engine:
        db = await engine.create("uno")

        async def write(writer: int) -> int:
            written = 0
            for n in range(60):
                rows = await db.bulk_docs([{"_id": f"{writer}:{n}:{m}", "f": "x" * 800} for m in range(20)])
                written += sum(row.ok for row in rows)
            return written

        assert sum(await asyncio.gather(*map(write, range(4)))) == 4800
        # 4,800 documents are some 1,200 pages of 4 KiB and as many again of index; all of them went through
        # the log, which would be 10 MiB by now had it never begun anew.
        assert file.stat().st_size < 4 << 20
        assert (await db.info()).doc_count == 4800
    assert not file.exists()


async def test_it_begins_anew_under_two_that_write_all_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each must have a moment in which the other writes nothing, or the log would only ever grow."""
    monkeypatch.setattr(schema, "CHECKPOINT_PAGES", 50)
    file = tmp_path / (schema.FILE_NAME + "-wal")
    begun = 0
    finish = log.Log.finish

    def counted(self: log.Log, db: apsw.Connection) -> Callable[[object], None]:
        nonlocal begun
        begun += 1
        return finish(self, db)

    monkeypatch.setattr(log.Log, "finish", counted)
    async with await open_engine(tmp_path) as one, await open_engine(tmp_path) as other:
        await one.create("uno")

        async def write(engine: Engine, who: str) -> None:
            db = await engine.open("uno")
            for n in range(150):
                rows = await db.bulk_docs([{"_id": f"{who}:{n}:{m}", "f": "x" * 800} for m in range(10)])
                assert all(row.ok for row in rows)

        await asyncio.gather(write(one, "one"), write(other, "other"))
        # 300 commits of some ten pages each: 60 times the limit.
        assert file.stat().st_size < 2 << 20
        assert 1 < begun < 150


async def test_an_idle_engine_finishes_what_it_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "CHECKPOINT_PAGES", 5)
    async with await open_engine(tmp_path) as engine:
        db = await engine.create("uno")
        await db.bulk_docs([{"_id": f"{n}", "f": "x" * 800} for n in range(100)])
    async with await open_engine(tmp_path) as engine:
        assert (await (await engine.open("uno")).info()).doc_count == 100


async def test_housekeeping_rests_while_the_log_is_copied_and_then_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a copy that the disk refused: nobody else may come to wake the writer."""
    monkeypatch.setattr(schema, "CHECKPOINT_PAGES", 5)
    copies = 0
    may_end = threading.Event()

    def refuse(db: apsw.Connection) -> None:
        nonlocal copies
        copies += 1
        assert may_end.wait(30)
        raise apsw.IOError("disk I/O error")

    monkeypatch.setattr(log, "sync_file", refuse)
    async with await open_engine(tmp_path) as engine:
        db = await engine.create("uno")
        await db.bulk_docs([{"_id": f"{n}", "f": "x" * 800} for n in range(100)])
        step = asyncio.ensure_future(engine.writer.spare(lambda tx: copies))
        await db.put({"_id": "a"})
        assert not step.done()
        may_end.set()
        assert (await step)[0] >= 1


def test_the_file_is_synced_through_sqlite(tmp_path: Path) -> None:
    db = apsw.Connection(str(tmp_path / "x"))
    db.execute("CREATE TABLE a (b)")
    filesync.sync_file(db)
    assert db.execute("SELECT count(*) FROM a").get == 0
    db.close()
