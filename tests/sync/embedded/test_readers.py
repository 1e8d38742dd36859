"""What is read in one turn of the loop is read at one moment; whoever knows of a commit sees it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw
import pytest

from sync.embedded import EmbeddedEngine, open_engine, schema
from sync.embedded.readers import Readers
from sync.errors import EngineError

pytestmark = pytest.mark.anyio


def clock(db: apsw.Connection) -> int:
    return int(db.execute("SELECT seq FROM clock").get)


async def test_one_turn_reads_one_moment_and_the_next_what_is_committed(engine: EmbeddedEngine) -> None:
    readers = engine.readers
    neighbour = schema.connect(engine.file, writer=False)
    neighbour.pragma("query_only", False)
    before = readers.quick(clock)
    version = readers.data_version()
    assert readers.quick(clock) == before
    neighbour.execute("UPDATE clock SET seq = seq + 1")
    assert readers.quick(clock) == before
    assert readers.afresh(clock) == before + 1
    neighbour.execute("UPDATE clock SET seq = seq + 1")
    assert readers.data_version() != version
    assert readers.quick(clock) == before + 2
    neighbour.execute("UPDATE clock SET seq = seq + 1")
    await asyncio.sleep(0)
    assert readers.quick(clock) == before + 3
    neighbour.close()


async def test_no_turn_leaves_a_read_transaction_behind(engine: EmbeddedEngine) -> None:
    engine.readers.quick(clock)
    await asyncio.sleep(0)
    neighbour = schema.connect(engine.file, writer=False)
    neighbour.pragma("query_only", False)
    # Housekeeping's threads read too, and are waited for. What the loop had left open would stay: it stands.
    schema.be_patient(neighbour, 10)
    neighbour.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    neighbour.close()


async def test_a_failed_read_spoils_no_other(engine: EmbeddedEngine) -> None:
    before = engine.readers.quick(clock)
    with pytest.raises(EngineError):
        engine.readers.quick(lambda db: db.execute("SELECT nothing FROM nowhere").fetchall())
    assert engine.readers.quick(clock) == before
    await asyncio.sleep(0)
    assert engine.readers.quick(clock) == before


async def test_readers_close_in_the_middle_of_a_turn(tmp_path: Path) -> None:
    async with await open_engine(tmp_path) as engine:
        readers = Readers(engine.file)
        readers.quick(clock)
        await readers.close()


async def test_who_was_told_of_a_write_reads_it(engine: EmbeddedEngine) -> None:
    """Many read all the time, so that a transaction is nearly always open."""
    db, ended = await engine.create("uno"), asyncio.Event()

    async def read() -> None:
        while not ended.is_set():
            await db.info()
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(read()) for _ in range(5)]
    async with await open_engine(engine.folder) as other:
        there = await other.open("uno")
        for number in range(1, 101):
            await (db if number % 2 else there).put({"_id": f"{number}"})
            for one in (db, there):
                assert (await one.info()).doc_count == number
                assert (await one.get(f"{number}"))["_id"] == f"{number}"
    ended.set()
    await asyncio.gather(*tasks)
