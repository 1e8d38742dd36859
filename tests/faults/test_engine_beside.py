"""Others at the same store: readers during compaction, a command beside the server, callers that give up."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from sync.embedded import open_engine
from sync.interface import ChangesQuery

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]

BESIDE = """
import asyncio, sys
from sync.embedded import open_engine

async def main():
    async with await open_engine(sys.argv[1]) as engine:
        db = await engine.ensure("juntos")
        for n in range(60):
            await db.put({"_id": f"orden:{n}"})
        await engine.create("hecha-por-la-orden")
        await engine.delete("por-borrar")

asyncio.run(main())
"""


async def test_reader_during_compaction(tmp_path: Path) -> None:
    async with await open_engine(tmp_path) as engine:
        db = await engine.create("lectura")
        docs = [{"_id": f"{n:04}", "n": n} for n in range(1500)]
        for generation in range(3):
            rows = await db.bulk_docs([doc | {"g": generation} for doc in docs])
            docs = [doc | {"_rev": row.rev} for doc, row in zip(docs, rows, strict=True)]
        compaction = asyncio.ensure_future(db.compact())
        reads = 0
        while not compaction.done() or reads < 3:
            page = await db.changes(ChangesQuery(include_docs=True))
            assert [row.revs[0] for row in page.rows] == [doc["_rev"] for doc in docs]
            assert all(row.doc is not None and b'"g":2' in row.doc for row in page.rows)
            reads += 1
        await compaction
        assert (await db.info()).doc_count == 1500


async def test_command_beside_the_server(tmp_path: Path) -> None:
    async with await open_engine(tmp_path) as engine:
        db = await engine.create("juntos")
        await engine.create("por-borrar")
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", BESIDE, str(tmp_path), cwd=ROOT)

        async def follow() -> set[str]:
            """Until both have written everything, going by the feed and its wake-ups alone."""
            seen: set[str] = set()
            since = "0"
            while len(seen) < 120:
                page = await db.changes(ChangesQuery(since=since))
                seen |= {row.id for row in page.rows}
                since = page.last_seq
                if not page.rows:
                    assert await db.wait_for_change(since, 60)
            return seen

        async def write() -> None:
            for n in range(60):
                await db.put({"_id": f"servidor:{n}"})

        seen, _ = await asyncio.gather(follow(), write())
        assert await child.wait() == 0
        assert seen == {f"{who}:{n}" for who in ("orden", "servidor") for n in range(60)}
        sequences = [row.seq for row in (await db.changes()).rows]
        assert len(set(sequences)) == 120
        assert await engine.names() == ["hecha-por-la-orden", "juntos"]


async def test_cancelled_request(tmp_path: Path) -> None:
    async with await open_engine(tmp_path) as engine:
        db = await engine.create("cancelado")
        for n in range(40):
            puts = [asyncio.ensure_future(db.put({"_id": f"{n}:{m}"})) for m in range(8)]
            await asyncio.sleep(0)
            for put in puts[n % 3 :: 2]:
                put.cancel()
            fates = await asyncio.gather(*puts, return_exceptions=True)
            for m, fate in enumerate(fates):
                if isinstance(fate, str):
                    assert (await db.get(f"{n}:{m}"))["_rev"] == fate
                else:
                    assert isinstance(fate, asyncio.CancelledError)
        # What was cancelled happened or did not; either way the counts and the feed say so alike.
        await db.put({"_id": "último"})
        rows = (await db.changes()).rows
        assert (await db.info()).doc_count == len(rows) == len((await db.all_docs()).rows)


async def test_lost_reply_after_bulk_docs(tmp_path: Path) -> None:
    docs = [
        {"_id": f"{n}", "_rev": "1-a", "_revisions": {"start": 1, "ids": ["a"]}, "n": n} for n in range(50)
    ]
    async with await open_engine(tmp_path) as engine:
        db = await engine.create("perdida")
        sending = asyncio.ensure_future(db.bulk_docs(docs, new_edits=False))
        await asyncio.sleep(0)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        assert await db.bulk_docs(docs, new_edits=False) == []
        assert await db.bulk_docs(docs, new_edits=False) == []
        assert len((await db.changes()).rows) == 50


async def test_two_engines_in_one_process_see_each_other(tmp_path: Path) -> None:
    async with await open_engine(tmp_path) as one, await open_engine(tmp_path) as other:
        mine = await one.create("dos")
        theirs = await other.open("dos")
        await asyncio.gather(
            *(mine.put({"_id": f"a{n}"}) for n in range(30)),
            *(theirs.put({"_id": f"b{n}"}) for n in range(30)),
        )
        assert (await mine.info()).doc_count == (await theirs.info()).doc_count == 60
        assert (await mine.changes()).last_seq == (await theirs.changes()).last_seq
