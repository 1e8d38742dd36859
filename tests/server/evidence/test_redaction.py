"""An erased photo is gone for everyone, and a backup does without it."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from server.context import Context
from server.evidence.blobstore import FolderBlobStore, derivative
from server.evidence.redaction import redact_photo
from server.operations.backup import back_up
from tests.server.evidence.pictures import picture, sha256
from tests.server.web.phones.test_tus import send, session, verdict

pytestmark = pytest.mark.anyio


async def test_an_erased_photo_is_gone(context: Context, http: httpx2.AsyncClient, tmp_path: Path) -> None:
    _, headers = await session(context)
    data = picture(seed=12)
    await send(http, headers, data)
    await verdict(context, data)
    evidence, blobs, name = context.databases.evidence, context.blobs, sha256(data)
    for _ in range(2):
        assert await redact_photo(evidence, blobs, context.clock, name, "ARCO 12/2026")
    assert not await redact_photo(evidence, blobs, context.clock, "0" * 64, "x")
    for blob in (name, derivative(name, 320), derivative(name, 1280)):
        assert await blobs.size(blob) is None
    doc = await evidence.get(f"blob:{name}")
    assert (doc["redaction"], doc["verdict"]) == ("ARCO 12/2026", "ok")
    folder = FolderBlobStore(context.settings.data_dir / "evidence")
    done = await back_up(context.databases, folder, tmp_path / "b", context.clock)
    assert done.photos == 0
