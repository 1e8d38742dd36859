"""What goes back: a whole answer or a stream, plain or gzipped.

Law: JSON that an engine gave as bytes is joined, never parsed. An error always has CouchDB's shape.
A stream that fails after its first byte breaks the connection, so a client never takes a part for the whole.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from sync.errors import EngineError
from sync.http.request import Request, Send

Headers = list[tuple[bytes, bytes]]

JSON_TYPE = (b"content-type", b"application/json")
#: CouchDB answers so: a cache may keep a document but must ask each time.
MUST_REVALIDATE = (b"cache-control", b"must-revalidate")

#: Below this a compressed answer is hardly smaller than one packet and costs time.
GZIP_FLOOR = 1400
#: Level 1: on a phone's link most of the gain for a tenth of the time of level 6.
GZIP_LEVEL = 1


@dataclass(slots=True)
class Reply:
    """A whole answer. ``body`` is sent as is; JSON unless ``headers`` names another content type."""

    body: bytes
    status: int = 200
    headers: Headers = field(default_factory=list)


@dataclass(slots=True)
class Stream:
    """An answer made while it is sent. ``length`` is known for attachments only.

    ``compressible`` says that the bytes are text; ``live`` that each piece must reach the client at once.
    """

    chunks: AsyncIterator[bytes]
    status: int = 200
    headers: Headers = field(default_factory=list)
    length: int | None = None
    compressible: bool = True
    live: bool = False


class MethodNotAllowed(EngineError):
    status = 405
    error = "method_not_allowed"

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"Only {','.join(allowed)} allowed")
        self.allowed = ", ".join(allowed)


def json_reply(value: Any, status: int = 200, headers: Headers | None = None) -> Reply:
    return Reply(orjson.dumps(value) + b"\n", status, headers or [])


def error_reply(error: EngineError) -> Reply:
    headers: Headers = []
    if isinstance(error, MethodNotAllowed):
        headers.append((b"allow", error.allowed.encode()))
    if error.status == 401:
        headers.append((b"www-authenticate", b'Basic realm="server"'))
    return Reply(orjson.dumps(error.as_json()) + b"\n", error.status, headers)


async def send_reply(reply: Reply, request: Request | None, send: Send) -> None:
    headers = reply.headers
    body = reply.body
    if not any(name == b"content-type" for name, _ in headers):
        headers = [JSON_TYPE, MUST_REVALIDATE, *headers]
        if len(body) > GZIP_FLOOR and request is not None and request.wants_gzip:
            packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)
            body = packer.compress(body) + packer.flush()
            headers = [*headers, (b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
    if reply.status not in (204, 304):
        headers = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    empty = reply.status in (204, 304) or (request is not None and request.method == "HEAD")
    await send({"type": "http.response.body", "body": b"" if empty else body})


async def send_stream(stream: Stream, request: Request, send: Send) -> None:
    """Sends until the stream or the client ends; a client that leaves ends the stream's work."""
    headers = list(stream.headers)
    if not any(name == b"content-type" for name, _ in headers):
        headers += [JSON_TYPE, MUST_REVALIDATE]
    chunks = stream.chunks
    if stream.length is not None:
        headers.append((b"content-length", b"%d" % stream.length))
    elif stream.compressible and request.wants_gzip and request.method != "HEAD":
        headers += [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
        chunks = _deflate(chunks, live=stream.live)
    await send({"type": "http.response.start", "status": stream.status, "headers": headers})
    if request.method == "HEAD":
        await send({"type": "http.response.body", "body": b""})
        return

    async def pump() -> None:
        async for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    work = asyncio.ensure_future(pump())
    leave = asyncio.ensure_future(request.gone())
    try:
        await asyncio.wait({work, leave}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leave.cancel()
        gave_up = work.cancel()
        results = await asyncio.gather(work, leave, return_exceptions=True)
        for inner in (chunks, stream.chunks):
            if isinstance(inner, AsyncGenerator):
                await inner.aclose()
    if not gave_up and isinstance(results[0], BaseException):
        raise results[0]


async def _deflate(chunks: AsyncIterator[bytes], *, live: bool) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)
    async for chunk in chunks:
        packed = packer.compress(chunk)
        if live:
            packed += packer.flush(zlib.Z_SYNC_FLUSH)
        if packed:
            yield packed
    yield packer.flush()
