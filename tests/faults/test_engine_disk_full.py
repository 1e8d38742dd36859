"""disk_full_at_write_n: the call that met it is refused whole, everything else goes on."""

from __future__ import annotations

import asyncio
import base64
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest

from sync.embedded import open_engine, schema
from sync.errors import NotFound, StorageFull

pytestmark = pytest.mark.anyio

#: Write points tried; DISK_POINTS raises it.
POINTS = int(os.environ.get("DISK_POINTS", "40"))


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file of this process may grow past ``size`` bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_disk_full_at_write_n(tmp_path: Path) -> None:
    refused = 0
    async with await open_engine(tmp_path) as engine:
        db = await engine.create("lleno")
        log = tmp_path / (schema.FILE_NAME + "-wal")
        for point in range(POINTS):
            docs = [{"_id": f"{point}:{n}", "fill": "x" * 500} for n in range(60)]
            others = [{"_id": f"{point}:otro:{n}", "fill": "y" * 500} for n in range(60)]
            with room_for(log.stat().st_size + point * 4096):
                fates = await asyncio.gather(db.bulk_docs(docs), db.bulk_docs(others), return_exceptions=True)
            for fate, batch in zip(fates, (docs, others), strict=True):
                found = await db.get_many([str(doc["_id"]) for doc in batch])
                if isinstance(fate, StorageFull):
                    refused += 1
                    assert found == {}
                else:
                    assert isinstance(fate, list)
                    assert len(found) == len(batch)
            # There is room again: the store goes on without being opened anew.
            await db.put({"_id": f"{point}:después"})
        info = await db.info()
        assert info.doc_count == len((await db.all_docs()).rows) == len((await db.changes()).rows)
    assert refused > 0
    check = apsw.Connection(str(tmp_path / schema.FILE_NAME))
    assert check.pragma("integrity_check") == "ok"
    check.close()


async def test_disk_full_in_an_attachment(tmp_path: Path) -> None:
    data = base64.b64encode(os.urandom(50_000)).decode()
    async with await open_engine(tmp_path) as engine:
        db = await engine.create("lleno")
        log = tmp_path / (schema.FILE_NAME + "-wal")
        with room_for(max(40_000, log.stat().st_size)), pytest.raises(StorageFull):
            await db.put({"_id": "a", "_attachments": {"f": {"content_type": "x/y", "data": data}}})
        with pytest.raises(NotFound):
            await db.get("a")
        assert list((tmp_path / "attachments" / "incoming").iterdir()) == []
        await db.put({"_id": "a", "_attachments": {"f": {"content_type": "x/y", "data": data}}})
