"""killed_at_any_moment: what was acknowledged is there, and the store is sound."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import apsw
import orjson

from sync.embedded import open_engine, schema
from sync.interface import Database

#: Kills in a row on one data folder; KILLS=200 is the full measure.
KILLS = int(os.environ.get("KILLS", "20"))


def kill_one(folder: Path, seed: int, rng: random.Random) -> list[str]:
    """Let a writer acknowledge a random number of writes, then kill it a random moment later."""
    command = [sys.executable, str(Path(__file__).parent / "writing.py"), str(folder), str(seed)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    acknowledged = [child.stdout.readline() for _ in range(rng.randrange(1, 60))]
    timer = threading.Timer(rng.random() * 0.03, child.kill)
    timer.start()
    # What it still says before it dies was acknowledged as well; a torn last line was not read by anyone.
    acknowledged += [line for line in child.stdout if line.endswith("\n")]
    timer.join()
    assert child.wait() == -9, "the writer ended by itself"
    child.stdout.close()
    return acknowledged


async def found(db: Database, line: str) -> bool:
    kind, doc_id, n = line.split()
    if kind == "many":
        docs = await db.get_many([f"{doc_id}:{m}" for m in range(40)])
        return [doc["n"] for doc in docs.values()] == list(range(40))
    doc = await db.get(doc_id)
    if kind == "file":
        attachment = await db.get_attachment(doc_id, "f")
        content = b"".join([chunk async for chunk in attachment.chunks])
        return len(content) == attachment.meta.length and content.startswith(doc_id.encode())
    return bool(doc["n"] == int(n))


async def check(folder: Path, acknowledged: list[str]) -> None:
    async with await open_engine(folder) as engine:
        db = await engine.open("muertes")
        for line in acknowledged:
            assert await found(db, line), line
        info = await db.info()
        assert info.doc_count == len((await db.all_docs()).rows) == len((await db.changes()).rows)
    sound(folder)


def sound(folder: Path) -> None:
    """The file is whole, and every revision that names a file has it."""
    db = apsw.Connection(str(folder / schema.FILE_NAME))
    assert db.pragma("integrity_check") == "ok"
    for name, length in db.execute("SELECT DISTINCT hash, length FROM blob_refs JOIN blobs USING (hash)"):
        assert (folder / "attachments" / str(name)[:2] / str(name)).stat().st_size == length
    named: set[str] = set()
    for table in ("docs", "bodies"):
        for (atts,) in db.execute(f"SELECT atts FROM {table} WHERE atts IS NOT NULL"):
            named |= {one["hash"] for one in orjson.loads(atts).values()}
    referred = {name for (name,) in db.execute("SELECT hash FROM blob_refs")}
    assert named == referred
    db.close()


def test_killed_at_any_moment(tmp_path: Path) -> None:
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(2**32)))
    print(f"SEED={seed}")
    rng = random.Random(seed)
    acknowledged: list[str] = []
    for round_ in range(KILLS):
        fresh = kill_one(tmp_path, round_, rng)
        acknowledged += fresh
        if round_ % 10 == 9 or round_ == KILLS - 1:
            asyncio.run(check(tmp_path, acknowledged))
        else:
            asyncio.run(check(tmp_path, fresh))
    assert len(acknowledged) > KILLS
