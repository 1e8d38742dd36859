"""A plain HTTP/1.1 client that costs little, so that what is measured is the server.

Law: a response is read to its last byte before the next request goes out, and a status of 400 or more ends
the benchmark: a server that refuses is not fast.
"""

from __future__ import annotations

import asyncio
import base64
from types import TracebackType
from urllib.parse import unquote, urlsplit


class _Gathering(asyncio.Protocol):
    """Holds what has come, and wakes the one who waits for more."""

    def __init__(self) -> None:
        self.held = bytearray()
        self.more: asyncio.Future[None] | None = None
        self.lost = False
        self.clear = asyncio.Event()
        self.clear.set()

    def data_received(self, data: bytes) -> None:
        self.held += data
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self.clear.set()
        self._wake()

    def pause_writing(self) -> None:
        self.clear.clear()

    def resume_writing(self) -> None:
        self.clear.set()

    def _wake(self) -> None:
        if self.more is not None and not self.more.done():
            self.more.set_result(None)

    async def grow(self) -> None:
        if self.lost:
            raise SystemExit("the server closed a connection in the middle of an answer")
        self.more = asyncio.get_running_loop().create_future()
        await self.more
        self.more = None

    async def until(self, mark: bytes) -> bytes:
        """What stands before ``mark``; both are taken."""
        seen = 0
        while (at := self.held.find(mark, max(0, seen - len(mark)))) < 0:
            seen = len(self.held)
            await self.grow()
        found = bytes(self.held[:at])
        del self.held[: at + len(mark)]
        return found

    async def take(self, size: int) -> bytes:
        while len(self.held) < size:
            await self.grow()
        found = bytes(memoryview(self.held)[:size])
        del self.held[:size]
        return found


class Wire:
    """One kept-alive connection to the server of a base URL (its user and password go along)."""

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._prefix = parts.path.rstrip("/")
        auth = ""
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            auth = f"Authorization: Basic {base64.b64encode(pair).decode()}\r\n"
        self._fixed = f"Host: {self._host}:{self._port}\r\nAccept: application/json\r\n{auth}"

    async def __aenter__(self) -> Wire:
        loop = asyncio.get_running_loop()
        transport, self._in = await loop.create_connection(_Gathering, self._host, self._port)
        self._out = transport
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._out.close()

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        kind: str = "application/json",
        ok: int = 0,
    ) -> bytes:
        """The response's body."""
        head = f"{method} {self._prefix}{path} HTTP/1.1\r\n{self._fixed}"
        if body is not None:
            head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        self._out.write(head.encode() + b"\r\n" + (body or b""))
        await self._in.clear.wait()
        headers = (await self._in.until(b"\r\n\r\n")).lower() + b"\r\n"
        status = int(headers[9:12])
        answer = await self._body(headers) if method != "HEAD" else b""
        if status >= 400:
            raise SystemExit(f"{method} {path}: {status} {answer[:300]!r}")
        return answer

    async def _body(self, headers: bytes) -> bytes:
        if b"\r\ntransfer-encoding: chunked\r\n" not in headers:
            at = headers.find(b"\r\ncontent-length:")
            if at < 0:
                return b""
            return await self._in.take(int(headers[at + 17 : headers.index(b"\r\n", at + 2)]))
        chunks = []
        while size := int(await self._in.until(b"\r\n"), 16):
            chunks.append((await self._in.take(size + 2))[:-2])
        await self._in.until(b"\r\n")
        return b"".join(chunks)
