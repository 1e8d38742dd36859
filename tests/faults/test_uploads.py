"""Uploads under faults: kills between any two steps, lost replies, two senders, a full disk. Nothing is
lost.
"""

from __future__ import annotations

import asyncio
import errno
import os
import resource
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from server.context import Context
from server.evidence.uploads import Uploads
from server.problems import Problem
from tests.server.conftest import SetClock, anyio_backend, clock, context, engine, http, settings
from tests.server.evidence.pictures import picture, sha256
from tests.server.web.phones.test_tus import EVENT, OFFSET, creation, session, verdict

__all__ = ["anyio_backend", "clock", "context", "engine", "http", "settings"]
pytestmark = pytest.mark.anyio

STEPS = ["put_file", "record", "submit"]


class Killed(Exception):
    """The process ended here."""


def fresh(context: Context) -> Uploads:
    """As after a restart: nothing of the old process is remembered."""
    folder = context.settings.data_dir / "evidence" / "uploads"
    return Uploads(folder, context.databases.evidence, context.blobs, context.examination, context.clock)


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
async def test_killed_between_any_two_steps(
    context: Context, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    pen, _ = await session(context)
    data = picture(seed=21)
    upload = await context.uploads.create("rosa", pen.id, sha256(data), "image/jpeg", EVENT, len(data))
    owners = {
        "put_file": context.blobs,
        "record": context.uploads.deliveries,
        "submit": context.examination,
    }
    owner: Any = owners[step]
    real = getattr(owner, step)

    def kill(*arguments: Any) -> Any:
        async def later() -> None:
            if after:
                await real(*arguments)
            raise Killed

        if step != "submit":
            return later()
        if after:
            real(*arguments)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, step, kill)
        with pytest.raises(Killed):
            await context.uploads.append(upload, 0, pieces(data), None)
    # The phone asks how far it came, in a new life of the service, and goes on from there.
    again = fresh(context)
    found = await again.find(upload.id, pen.id)
    offset = await again.offset(found)
    assert offset == len(data)
    assert await again.append(found, offset, pieces(), None) == len(data)
    assert (await verdict(context, data))["verdict"] == "ok"
    assert b"".join([piece async for piece in context.blobs.read(sha256(data))]) == data


async def test_a_connection_that_breaks_keeps_what_came(context: Context) -> None:
    pen, _ = await session(context)
    data = picture(seed=22)
    upload = await context.uploads.create("rosa", pen.id, sha256(data), "image/jpeg", EVENT, len(data))

    async def broken() -> AsyncIterator[bytes]:
        yield data[:3000]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await context.uploads.append(upload, 0, broken(), None)
    assert await fresh(context).offset(upload) == 3000
    # With a checksum nothing of a broken piece is believed.
    with pytest.raises(ConnectionResetError):
        await context.uploads.append(upload, 3000, broken(), ("sha1", b"x" * 20))
    assert await context.uploads.offset(upload) == 3000
    await context.uploads.append(upload, 3000, pieces(data[3000:]), None)
    assert (await verdict(context, data))["verdict"] == "ok"


async def test_two_tabs_send_one_photo(context: Context) -> None:
    pen, _ = await session(context)
    data = picture(seed=23)
    upload = await context.uploads.create("rosa", pen.id, sha256(data), "image/jpeg", EVENT, len(data))
    started, go = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        started.set()
        yield data[:100]
        await go.wait()
        yield data[100:]

    first = asyncio.create_task(context.uploads.append(upload, 0, slow(), None))
    await started.wait()
    with pytest.raises(Problem, match="upload_busy"):
        await context.uploads.append(upload, 0, pieces(data), None)
    go.set()
    assert await first == len(data)
    with pytest.raises(Problem, match="upload_offset"):
        await context.uploads.append(upload, 0, pieces(data), None)
    assert (await verdict(context, data))["verdict"] == "ok"


async def test_a_full_disk_is_said_and_the_upload_goes_on_later(
    context: Context, http: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, headers = await session(context)
    data = picture(seed=24)
    made = await http.post("/sync/evidence", headers={**headers, **creation(data)})
    place = made.headers["location"]

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        answer = await http.patch(place, content=data, headers={**headers, **OFFSET, "Upload-Offset": "0"})
        assert (answer.status_code, answer.json()["error"]) == (507, "storage_full")
        refused = await http.post("/sync/evidence", headers={**headers, **creation(picture(seed=25))})
        assert refused.status_code == 507
    offset = int((await http.head(place, headers=headers)).headers["upload-offset"])
    again = {**headers, **OFFSET, "Upload-Offset": str(offset)}
    assert (await http.patch(place, content=data[offset:], headers=again)).status_code == 204
    assert (await verdict(context, data))["verdict"] == "ok"


async def test_a_piece_that_only_partly_fits_is_no_piece(context: Context) -> None:
    """The system's own limit, as on a disk that fills up within a write: it writes what fits and says so."""
    pen, _ = await session(context)
    data = picture(size=(1_600, 1_200), seed=26)
    upload = await context.uploads.create("rosa", pen.id, sha256(data), "image/jpeg", EVENT, len(data))
    half, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    assert len(data) > 40_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, most))
    try:
        with pytest.raises(OSError, match="File too large"):
            await context.uploads.append(upload, 0, pieces(data[:20_000], data[20_000:]), None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (half, most))
    assert await context.uploads.offset(upload) == 20_000
    assert await context.uploads.append(upload, 20_000, pieces(data[20_000:]), None) == len(data)


async def test_a_kill_while_an_upload_begins_leaves_nothing_that_counts(
    context: Context, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pen, _ = await session(context)
    folder: Path = context.settings.data_dir / "evidence" / "uploads"

    def kill(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", kill)
        with pytest.raises(Killed):
            await context.uploads.create("rosa", pen.id, "0" * 64, "image/jpeg", EVENT, 10)
    assert list(folder.glob("*.json")) == []
    for stray in folder.iterdir():
        with pytest.raises(Problem, match="upload_unknown"):
            await fresh(context).find(stray.stem, pen.id)
    clock.advance(days=400)
    await context.uploads.sweep(timedelta(days=7))
    assert list(folder.iterdir()) == []
