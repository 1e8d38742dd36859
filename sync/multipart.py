"""MIME multipart, read and written as streams (RFC 2046 section 5.1).

Law: a part ends only at its boundary; a body that stops before the closing boundary is refused, so a torn
upload never becomes an attachment. No more than one chunk and one boundary's length is held at a time.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import Message

from sync.errors import BadRequest

#: A part's headers are a few lines; more is not CouchDB's.
MAX_HEADERS = 16 * 1024

_BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")


@dataclass(frozen=True, slots=True)
class Part:
    """``content`` must be read (or skipped by asking for the next part); header names are lower case."""

    headers: dict[str, str]
    content: AsyncIterator[bytes]

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "application/octet-stream")

    @property
    def filename(self) -> str | None:
        """The name in Content-Disposition, None when there is none."""
        value = self.headers.get("content-disposition")
        return None if value is None else header_parameter(value, "filename")


def header_parameter(value: str, name: str) -> str | None:
    """A parameter of a header such as Content-Type, unquoted (RFC 2045 section 5.1)."""
    message = Message()
    message["content-type"] = value.replace("\r", " ").replace("\n", " ")
    found = message.get_param(name)
    if isinstance(found, tuple):
        return found[2]
    return found


def boundary_of(content_type: str) -> bytes:
    """The boundary of a multipart Content-Type. Raises ``BadRequest``."""
    value = (header_parameter(content_type, "boundary") or "").encode("latin-1", "replace")
    if not _BOUNDARY.fullmatch(value):
        raise BadRequest("The multipart body has no valid boundary")
    return value


class MultipartReader:
    """Gives the parts of a body one after the other: ``async for part in reader``."""

    def __init__(self, chunks: AsyncIterator[bytes], boundary: bytes) -> None:
        self._chunks = chunks
        self._mark = b"\r\n--" + boundary
        # A body may begin with its boundary; the line break before it is then only thought of.
        self._buffer = b"\r\n"
        # The preamble is skipped like a part.
        self._in_part = True
        self._done = False

    def __aiter__(self) -> MultipartReader:
        return self

    async def __anext__(self) -> Part:
        part = await self.next_part()
        if part is None:
            raise StopAsyncIteration
        return part

    async def next_part(self) -> Part | None:
        """The next part, None after the last. What was left of the part before is skipped."""
        async for _ in self._content():
            pass
        if self._done:
            return None
        headers = await self._headers()
        self._in_part = True
        return Part(headers, self._content())

    async def finish(self) -> None:
        """Read to the closing boundary. Raises ``BadRequest`` when it never comes."""
        while await self.next_part() is not None:
            pass

    async def _more(self) -> None:
        try:
            self._buffer += await anext(self._chunks)
        except StopAsyncIteration:
            raise BadRequest("The multipart body is truncated") from None

    async def _content(self) -> AsyncIterator[bytes]:
        """The bytes up to the next boundary, which is taken off with its line end."""
        while self._in_part:
            at = self._buffer.find(self._mark)
            if at < 0:
                keep = len(self._mark) - 1
                ready, self._buffer = self._buffer[:-keep], self._buffer[-keep:]
                if ready:
                    yield ready
                await self._more()
                continue
            ready, self._buffer = self._buffer[:at], self._buffer[at + len(self._mark) :]
            self._in_part = False
            await self._line_end()
            if ready:
                yield ready

    async def _line_end(self) -> None:
        """After a boundary: ``--`` closes the body; otherwise padding and a line break follow."""
        while len(self._buffer) < 2:
            await self._more()
        if self._buffer.startswith(b"--"):
            self._done = True
            return
        while b"\r\n" not in self._buffer:
            if self._buffer.strip(b" \t\r") or len(self._buffer) > MAX_HEADERS:
                raise BadRequest("The multipart boundary is malformed")
            await self._more()
        padding, _, rest = self._buffer.partition(b"\r\n")
        if padding.strip(b" \t"):
            raise BadRequest("The multipart boundary is malformed")
        self._buffer = b"\r\n" + rest

    async def _headers(self) -> dict[str, str]:
        """The header lines up to the empty one. The buffer begins with the boundary's own line break."""
        while b"\r\n\r\n" not in self._buffer:
            if len(self._buffer) > MAX_HEADERS:
                raise BadRequest("The headers of a multipart part are too long")
            await self._more()
        block, _, rest = self._buffer.partition(b"\r\n\r\n")
        self._buffer = rest
        headers: dict[str, str] = {}
        for line in block.split(b"\r\n"):
            if not line:
                continue
            name, colon, value = line.partition(b":")
            if not colon:
                raise BadRequest("A header of a multipart part is malformed")
            headers[name.decode("latin-1").strip().lower()] = value.decode("utf-8", "replace").strip()
        return headers


def opening(boundary: str, content_type: str, *headers: tuple[str, str], first: bool = False) -> bytes:
    """What goes before a part's content: boundary line and headers, after a line break unless ``first``."""
    lines = [f"--{boundary}", f"Content-Type: {content_type}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return (b"" if first else b"\r\n") + "\r\n".join(lines).encode() + b"\r\n\r\n"


def closing(boundary: str) -> bytes:
    return f"\r\n--{boundary}--".encode()


def disposition(name: str) -> tuple[str, str]:
    """Content-Disposition of an attachment part, with the name's quotes and line breaks made harmless."""
    safe = name.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "%0D").replace("\n", "%0A")
    return "Content-Disposition", f'attachment; filename="{safe}"'
