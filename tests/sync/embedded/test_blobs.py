"""Attachment files are kept while anything names them, and a day longer."""

from __future__ import annotations

import base64
import os
import time
from pathlib import Path

import pytest

from sync.embedded import EmbeddedEngine
from sync.interface import Json

pytestmark = pytest.mark.anyio

DAY = 24 * 3600


def files(engine: EmbeddedEngine) -> list[str]:
    return sorted(engine.blobs.names())


def with_file(doc_id: str, content: bytes, **members: str) -> Json:
    data = base64.b64encode(content).decode()
    return {"_id": doc_id, "_attachments": {"f": {"content_type": "x/y", "data": data}}, **members}


def age(engine: EmbeddedEngine, seconds: float) -> None:
    for name in files(engine):
        path = engine.blobs.path(name)
        os.utime(path, (time.time() - seconds, time.time() - seconds))


async def test_the_same_content_is_one_file(engine: EmbeddedEngine) -> None:
    db, other = await engine.create("uno"), await engine.create("dos")
    for target in (db, other):
        for doc_id in ("a", "b"):
            await target.put(with_file(doc_id, b"foto"))
    assert len(files(engine)) == 1
    assert list(engine.blobs.incoming.iterdir()) == []


async def test_what_nothing_names_goes_after_a_day(engine: EmbeddedEngine) -> None:
    db = await engine.create("uno")
    rev = await db.put(with_file("a", b"foto"))
    await db.delete("a", rev)
    await db.compact()
    age(engine, 3 * DAY)
    now = time.time()
    assert await engine.sweep(now) == 0
    assert await engine.sweep(now + DAY / 2) == 0
    assert len(files(engine)) == 1
    assert await engine.sweep(now + DAY + 1) == 1
    assert files(engine) == []


async def test_older_revisions_keep_their_files_until_compaction(engine: EmbeddedEngine) -> None:
    db = await engine.create("uno")
    rev = await db.put(with_file("a", b"foto"))
    await db.put({"_id": "a", "_rev": rev})
    age(engine, 9 * DAY)
    for later in (0, 2 * DAY, 4 * DAY):
        assert await engine.sweep(time.time() + later) == 0
    await db.compact()
    await engine.sweep(time.time())
    assert await engine.sweep(time.time() + DAY + 1) == 1


async def test_what_is_named_again_stays(engine: EmbeddedEngine) -> None:
    db = await engine.create("uno")
    rev = await db.put(with_file("a", b"foto"))
    await db.purge({"a": [rev]})
    age(engine, 3 * DAY)
    await engine.sweep(time.time())
    await db.put(with_file("b", b"foto"))
    assert await engine.sweep(time.time() + 2 * DAY) == 0
    assert (await db.get("b"))["_attachments"]["f"]["length"] == 4


async def test_litter_of_a_crash_is_swept_when_old(engine: EmbeddedEngine) -> None:
    staged = engine.blobs.stage(b"nunca nombrado")
    engine.blobs.done(staged)
    left = engine.blobs.incoming / "cortado"
    left.write_bytes(b"a medias")
    assert await engine.sweep(time.time()) == 0
    assert await engine.sweep(time.time() + DAY + 60) == 1
    assert files(engine) == []
    assert not left.exists()


async def test_a_sweep_between_file_and_row_costs_nothing(engine: EmbeddedEngine) -> None:
    """swept_before_the_row: the file is gone when its row is about to be written."""
    db = await engine.create("uno")
    settle = engine.blobs.settle

    def settle_and_lose(staged: object) -> None:
        settle(staged)  # type: ignore[arg-type]
        engine.blobs.settle = settle  # type: ignore[method-assign]
        engine.blobs.remove(staged.hash)  # type: ignore[attr-defined]

    engine.blobs.settle = settle_and_lose  # type: ignore[method-assign]
    await db.put(with_file("a", b"foto"))
    attachment = await db.get_attachment("a", "f")
    assert b"".join([chunk async for chunk in attachment.chunks]) == b"foto"


async def test_a_dropped_database_lets_go_of_its_files(engine: EmbeddedEngine) -> None:
    db = await engine.create("uno")
    await db.put(with_file("a", b"foto"))
    await engine.delete("uno")
    await engine.reclaim()
    age(engine, 3 * DAY)
    await engine.sweep(time.time())
    assert await engine.sweep(time.time() + DAY + 1) == 1


def test_two_characters_make_the_folder(tmp_path: Path) -> None:
    from sync.embedded.blobs import Blobs

    blobs = Blobs(tmp_path)
    staged = blobs.stage(b"foto")
    assert blobs.path(staged.hash).relative_to(tmp_path).parts == (
        "attachments",
        staged.hash[:2],
        staged.hash,
    )
    assert blobs.read(staged.hash) == b"foto"
