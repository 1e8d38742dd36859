"""Attachments pass through in chunks, and a client that leaves leaves nothing behind."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sync.embedded import EmbeddedEngine
from sync.http import App, Limits, create_app
from sync.interface import Database

pytestmark = pytest.mark.anyio

CHUNK = b"0123456789abcdef" * 4096
CHUNKS = 400
SIZE = len(CHUNK) * CHUNKS
#: A few chunks in queues and threads; far from the whole.
ROOM = 3 << 20


@pytest.fixture
def app(engine: EmbeddedEngine) -> App:
    return create_app(engine, limits=Limits(attachment=SIZE))


class Exchange:
    """One request, its body given chunk by chunk and its answer counted, not kept."""

    def __init__(self, method: str, path: str, body: AsyncIterator[bytes], **headers: str) -> None:
        fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        self.scope: dict[str, Any] = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": fields, "root_path": "",
        }  # fmt: skip
        self._body = body
        self._left = asyncio.Event()
        self.status = 0
        self.size = 0
        self.parts = 0

    async def receive(self) -> dict[str, Any]:
        try:
            return {"type": "http.request", "body": await anext(self._body), "more_body": True}
        except StopAsyncIteration:
            self._body = _nothing()
            if not self._left.is_set():
                self._left.set()
                return {"type": "http.request", "body": b"", "more_body": False}
            await asyncio.Event().wait()
            raise AssertionError("unreachable") from None

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.size += len(message["body"])
            self.parts += 1

    async def run(self, app: App) -> None:
        await app(self.scope, self.receive, self.send)


async def _nothing() -> AsyncIterator[bytes]:
    nothing: tuple[bytes, ...] = ()
    for chunk in nothing:
        yield chunk


async def _chunks() -> AsyncIterator[bytes]:
    for _ in range(CHUNKS):
        yield CHUNK


async def _related() -> AsyncIterator[bytes]:
    entry = b'{"follows":true,"content_type":"x/y","length":%d}' % SIZE
    yield b'--b\r\nContent-Type: application/json\r\n\r\n{"_attachments":{"x":' + entry + b"}}\r\n--b\r\n\r\n"
    for _ in range(CHUNKS):
        yield CHUNK
    yield b"\r\n--b--"


async def measured(app: App, exchange: Exchange) -> int:
    """Runs it; gives the bytes that were held at most."""
    tracemalloc.start()
    try:
        await exchange.run(app)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def test_an_attachment_is_never_whole_in_memory(app: App, engine: EmbeddedEngine) -> None:
    db = await engine.create("db")
    for upload in (
        Exchange("PUT", "/db/a/x", _chunks(), content_type="x/y"),
        Exchange("PUT", "/db/b", _related(), content_type="multipart/related; boundary=b"),
    ):
        held = await measured(app, upload)
        assert upload.status == 201
        assert held < ROOM
    assert (await db.info()).doc_count == 2
    for path, accept in [
        ("/db/a/x", "*/*"),
        ("/db/a", "multipart/related"),
        ("/db/a", "application/json"),
    ]:
        download = Exchange("GET", path, _nothing(), accept=accept)
        download.scope["query_string"] = b"" if path.endswith("x") else b"attachments=true"
        held = await measured(app, download)
        assert download.status == 200
        assert download.size >= SIZE
        assert download.parts > 50
        assert held < ROOM, (path, accept)


@pytest.mark.parametrize("gone_after", [0, 1, 7])
@pytest.mark.parametrize("path", ["/db/a/x", "/db/a"])
async def test_an_upload_that_breaks_off_leaves_nothing(
    app: App, engine: EmbeddedEngine, gone_after: int, path: str
) -> None:
    db = await engine.create("db")
    body = _chunks() if path.endswith("x") else _related()
    upload = Exchange("PUT", path, body, content_type="multipart/related; boundary=b")

    async def receive() -> dict[str, Any]:
        nonlocal gone_after
        gone_after -= 1
        return {"type": "http.disconnect"} if gone_after < 0 else await upload.receive()

    await app(upload.scope, receive, upload.send)
    assert upload.status == 400
    assert (await db.info()).doc_count == 0
    assert [file for file in engine.folder.rglob("*") if file.is_file() and "attachments" in file.parts] == []


async def test_a_request_that_is_cancelled_leaves_nothing_half_done(app: App, engine: EmbeddedEngine) -> None:
    db = await engine.create("db")
    started = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield CHUNK
        started.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(Exchange("PUT", "/db/a/x", body(), content_type="x/y").run(app))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await db.info()).doc_count == 0
    again = Exchange("PUT", "/db/a/x", _chunks(), content_type="x/y")
    await again.run(app)
    assert again.status == 201


async def test_a_reader_who_leaves_stops_the_work(app: App, engine: EmbeddedEngine) -> None:
    db: Database = await engine.create("db")
    upload = Exchange("PUT", "/db/a/x", _chunks(), content_type="x/y")
    await upload.run(app)
    download = Exchange("GET", "/db/a/x", _nothing())
    left = asyncio.Event()
    sent = 0

    async def receive() -> dict[str, Any]:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal sent
        sent += 1
        if sent == 5:
            left.set()
        # What a connection does whose reader is slow or gone.
        await asyncio.sleep(0)

    await app(download.scope, receive, send)
    assert 5 <= sent < 100
    assert (await db.info()).doc_count == 1
