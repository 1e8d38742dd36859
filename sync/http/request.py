"""One HTTP request, read the way CouchDB reads it.

Law: a path is split before it is unescaped, so ids may hold slashes; a body is never longer in memory than
its limit, compressed or not; what is streamed is held one chunk at a time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from sync.attachments import inflate
from sync.errors import BadRequest, EngineError, TooLarge, UnsupportedMedia

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class ClientGone(EngineError):
    """The client closed the connection before its request was whole; nobody reads the answer."""

    status = 400
    error = "client_disconnected"


class Request:
    """``segments``: the unescaped path parts below the mount; ``query``: the last value of each name."""

    __slots__ = ("_receive", "_whole", "headers", "method", "query", "scope", "segments")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self._receive = receive
        self._whole = False
        self.method: str = scope["method"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.segments = _segments(scope)
        raw = scope.get("query_string", b"")
        self.query = _query(raw) if raw else {}

    def header(self, name: bytes) -> str:
        """A header's value ('' when absent); names are lower case."""
        return self.headers.get(name, b"").decode("latin-1")

    @property
    def media_type(self) -> str:
        """The Content-Type without parameters, lower case."""
        return self.header(b"content-type").partition(";")[0].strip().lower()

    def wants(self, media_type: str) -> bool:
        """Whether the client asked for this media type by name (``*/*`` means JSON everywhere)."""
        return media_type in self.header(b"accept")

    def has_already(self, etag: bytes) -> bool:
        """RFC 9110 section 13.1.2: If-None-Match lists ``etag`` (with its quotes), weak or strong.

        ``*`` counts for nothing, as in CouchDB.
        """
        named = self.headers.get(b"if-none-match", b"")
        return etag in named and etag in (one.strip().removeprefix(b"W/") for one in named.split(b","))

    @property
    def wants_gzip(self) -> bool:
        """RFC 9110 section 12.5.3: gzip is named and not weighted zero."""
        for item in self.header(b"accept-encoding").split(","):
            coding, _, weight = item.partition(";")
            if coding.strip().lower() == "gzip":
                return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
        return False

    def location(self, *more: str) -> tuple[bytes, bytes]:
        """The Location header of what this request made: its own address, or one below it."""
        path = self.scope.get("raw_path") or quote(self.scope["path"], safe="/%").encode()
        below = "".join("/" + quote(word, safe="") for word in more).encode()
        host = self.headers.get(b"host", b"")
        whole = b"%b://%b%b%b" % (self.scope.get("scheme", "http").encode(), host, path.rstrip(b"/"), below)
        return b"location", whole if host else path.rstrip(b"/") + below

    @property
    def content_length(self) -> int | None:
        value = self.headers.get(b"content-length")
        if value is None:
            return None
        if not value.isdigit():
            raise BadRequest("Invalid Content-Length")
        return int(value)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives, as sent (not decompressed). Raises ``ClientGone``."""
        while not self._whole:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._whole = True
                raise ClientGone("The client closed the connection before the body ended")
            self._whole = not message.get("more_body", False)
            body: bytes = message.get("body", b"")
            if body:
                yield body

    async def content(self) -> AsyncIterator[bytes]:
        """The body with its Content-Encoding undone. Raises ``UnsupportedMedia`` or ``BadRequest``."""
        coding = self.header(b"content-encoding").strip().lower()
        if coding in ("", "identity"):
            async for chunk in self.chunks():
                yield chunk
            return
        if coding not in ("gzip", "x-gzip"):
            raise UnsupportedMedia(f"Content-Encoding {coding} is not supported, gzip is")
        async for chunk in inflate(self.chunks()):
            yield chunk

    async def body(self, limit: int) -> bytes:
        """The whole body, decompressed. Raises ``TooLarge`` beyond ``limit`` bytes."""
        length = self.content_length
        if length is not None and length > limit:
            raise TooLarge("the request entity is too large")
        if b"content-encoding" in self.headers:
            parts, size = [], 0
            async for chunk in self.content():
                size += len(chunk)
                if size > limit:
                    raise TooLarge("the request entity is too large")
                parts.append(chunk)
            return b"".join(parts)
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGone("The client closed the connection before the body ended")
        self._whole = not message.get("more_body", False)
        if self._whole:
            first: bytes = message.get("body", b"")
            if len(first) > limit:
                raise TooLarge("the request entity is too large")
            return first
        parts, size = [message.get("body", b"")], len(message.get("body", b""))
        async for chunk in self.chunks():
            size += len(chunk)
            if size > limit:
                raise TooLarge("the request entity is too large")
            parts.append(chunk)
        return b"".join(parts)

    async def gone(self) -> None:
        """Returns when the client closed the connection. To be awaited only after the body was read."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _segments(scope: Scope) -> list[str]:
    raw: bytes = scope.get("raw_path") or quote(scope["path"], safe="/%").encode()
    root: str = scope.get("root_path", "")
    if root:
        raw = raw.removeprefix(quote(root).encode())
    parts = raw.split(b"?", 1)[0].split(b"/")[1:]
    if parts and parts[-1] == b"":
        parts.pop()
    try:
        # A plus is a space to CouchDB in a path too (its ``decode_plus_to_space``); clients send %2B.
        return [
            (unquote_to_bytes(part.replace(b"+", b" ")) if b"%" in part or b"+" in part else part).decode()
            for part in parts
        ]
    except UnicodeDecodeError as error:
        raise BadRequest("The path is not valid UTF-8") from error


def _query(raw: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError as error:
        raise BadRequest("The query string is not valid UTF-8") from error
