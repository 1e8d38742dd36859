"""A writer that fell silent makes way for the phone's next request; one whose bytes come does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from server.context import Context
from server.evidence.uploads import Uploads
from server.evidence.writers import Writers
from server.problems import Problem
from tests.server.evidence.pictures import picture, sha256
from tests.server.web.phones.test_tus import EVENT, session, verdict

pytestmark = pytest.mark.anyio


def patient(context: Context, seconds: float) -> Uploads:
    folder = context.settings.data_dir / "evidence" / "uploads"
    return Uploads(
        folder,
        context.databases.evidence,
        context.blobs,
        context.examination,
        context.clock,
        writers=Writers(seconds),
    )


class Line:
    """A request's bytes, the first part of which came before it fell silent."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.silent = asyncio.Event()
        self.goes_on = asyncio.Event()

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self._data[:1_000]
        self.silent.set()
        await self.goes_on.wait()
        yield self._data[1_000:]


async def all_of(data: bytes) -> AsyncIterator[bytes]:
    yield data


@pytest.mark.parametrize("way", ["head", "patch", "delete"])
@pytest.mark.parametrize("checksum", [None, ("sha1", b"x" * 20)])
async def test_a_silent_writer_makes_way(
    context: Context, way: str, checksum: tuple[str, bytes] | None
) -> None:
    uploads = patient(context, 0.0)
    pen, _ = await session(context)
    data = picture(seed=31)
    upload = await uploads.create("rosa", pen.id, sha256(data), "image/jpeg", EVENT, len(data))
    line = Line(data)
    stalled = asyncio.create_task(uploads.append(upload, 0, line.chunks(), checksum))
    await line.silent.wait()
    kept = 0 if checksum else 1_000
    if way == "delete":
        await uploads.discard(upload)
    elif way == "head":
        assert await uploads.offset(upload) == kept
    else:
        assert await uploads.append(upload, kept, all_of(data[kept:]), None) == len(data)
        assert (await verdict(context, data))["verdict"] == "ok"
    with pytest.raises(Problem, match="upload_busy"):
        await stalled


async def test_a_writer_whose_bytes_come_stays(context: Context) -> None:
    uploads = patient(context, 600.0)
    pen, _ = await session(context)
    data = picture(seed=32)
    upload = await uploads.create("rosa", pen.id, sha256(data), "image/jpeg", EVENT, len(data))
    line = Line(data)
    first = asyncio.create_task(uploads.append(upload, 0, line.chunks(), None))
    await line.silent.wait()
    with pytest.raises(Problem, match="upload_busy") as met:
        await uploads.append(upload, 0, all_of(data), None)
    assert met.value.headers["Retry-After"]
    line.goes_on.set()
    assert await first == len(data)
