"""A backup is whole, taken while others write, and restored under new identities."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest

from sync.embedded import EmbeddedEngine, open_engine, restore_engine
from sync.errors import BadRequest
from sync.interface import ChangesQuery

pytestmark = pytest.mark.anyio


async def test_a_backup_taken_while_writing_is_whole(engine: EmbeddedEngine, tmp_path: Path) -> None:
    db = await engine.create("uno")
    data = base64.b64encode(b"foto").decode()
    await db.put({"_id": "a", "_attachments": {"f": {"content_type": "x/y", "data": data}}})
    stop = asyncio.Event()

    async def write() -> None:
        n = 0
        while not stop.is_set():
            await db.bulk_docs([{"_id": f"{n}:{m}"} for m in range(20)])
            n += 1

    writing = asyncio.ensure_future(write())
    await engine.backup(str(tmp_path / "copia"))
    stop.set()
    await writing
    before = await db.info()
    await restore_engine(tmp_path / "copia", tmp_path / "vuelta")
    async with await open_engine(tmp_path / "vuelta") as restored:
        again = await restored.open("uno")
        info = await again.info()
        # A batch is in the copy whole or not at all.
        assert (info.doc_count - 1) % 20 == 0
        assert info.doc_count == len((await again.all_docs()).rows) <= before.doc_count
        attachment = await again.get_attachment("a", "f")
        assert b"".join([chunk async for chunk in attachment.chunks]) == b"foto"
        assert info.uuid != before.uuid


async def test_a_sequence_of_before_the_restore_means_the_beginning(
    engine: EmbeddedEngine, tmp_path: Path
) -> None:
    db = await engine.create("uno")
    await db.put({"_id": "a"})
    await engine.backup(str(tmp_path / "copia"))
    await db.put({"_id": "perdido"})
    since = (await db.changes()).last_seq
    await restore_engine(tmp_path / "copia", tmp_path / "vuelta")
    async with await open_engine(tmp_path / "vuelta") as restored:
        again = await restored.open("uno")
        await again.put({"_id": "b"})
        rows = (await again.changes(ChangesQuery(since=since))).rows
        assert [row.id for row in rows] == ["a", "b"]


async def test_a_folder_with_something_in_it_is_left_alone(engine: EmbeddedEngine, tmp_path: Path) -> None:
    (tmp_path / "copia").mkdir()
    (tmp_path / "copia" / "otra cosa").write_text("mía")
    with pytest.raises(BadRequest):
        await engine.backup(str(tmp_path / "copia"))
    assert (tmp_path / "copia" / "otra cosa").read_text() == "mía"


async def test_an_unfinished_backup_is_none(tmp_path: Path) -> None:
    (tmp_path / "copia").mkdir()
    (tmp_path / "copia" / "sync.sqlite3.unfinished").write_bytes(b"")
    with pytest.raises(BadRequest):
        await restore_engine(tmp_path / "copia", tmp_path / "vuelta")
