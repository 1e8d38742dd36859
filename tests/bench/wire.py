"""A plain HTTP/1.1 client that costs little, so that what is measured is the server.

Law: a response is read to its last byte before the next request goes out, and a status of 400 or more ends
the benchmark: a server that refuses is not fast.
"""

from __future__ import annotations

import asyncio
import base64
from types import TracebackType
from urllib.parse import unquote, urlsplit


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
        self._in, self._out = await asyncio.open_connection(self._host, self._port, limit=1 << 22)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._out.close()
        await self._out.wait_closed()

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
        await self._out.drain()
        first = await self._in.readuntil(b"\r\n\r\n")
        status = int(first[9:12])
        headers = first.lower()
        answer = await self._body(headers) if method != "HEAD" else b""
        if status >= 400:
            raise SystemExit(f"{method} {path}: {status} {answer[:300]!r}")
        return answer

    async def _body(self, headers: bytes) -> bytes:
        if b"\r\ntransfer-encoding: chunked\r\n" not in headers:
            at = headers.find(b"\r\ncontent-length:")
            if at < 0:
                return b""
            return await self._in.readexactly(int(headers[at + 17 : headers.index(b"\r\n", at + 2)]))
        chunks = []
        while size := int(await self._in.readuntil(b"\r\n"), 16):
            chunks.append((await self._in.readexactly(size + 2))[:-2])
        await self._in.readuntil(b"\r\n")
        return b"".join(chunks)
