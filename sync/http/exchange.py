"""One request of a connection and its answer: ASGI's ``receive`` and ``send``.

Law: an answer has the length that it said, and no line break in a header; the head of one whose length is
known goes out together with its first bytes, in one write. After the end of the request's body, ``receive``
tells when the client has left.
"""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from sync.http.request import Message, Scope

if TYPE_CHECKING:
    from sync.http.connection import Connection

log = logging.getLogger("sync.http")

#: Bytes of a body that may wait for the application before reading pauses.
BODY_AHEAD = 256 * 1024
#: Up to here head and body are copied into one buffer; beyond, the copy would cost more than a second write.
JOIN_LIMIT = 64 * 1024

_STATUS = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode("ascii") for status in HTTPStatus
}
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_EMPTY = (b"content-length", b"0")


class Exchange:
    """One request and its answer: the ``receive`` and ``send`` of ASGI."""

    __slots__ = (
        "_body", "_chunked", "_expects", "_head", "_left", "_size", "_told", "_waiter",
        "begun", "connection", "ended", "gone", "keep_alive", "more_body", "scope",
    )  # fmt: skip

    def __init__(self, connection: Connection, scope: Scope, *, keep_alive: bool, expects: bool) -> None:
        self.connection = connection
        self.scope = scope
        self.keep_alive = keep_alive
        self.more_body = True
        self.begun = self.ended = self.gone = False
        self._expects = expects
        self._body: list[bytes] = []
        self._size = 0
        self._told = False
        self._waiter: asyncio.Future[None] | None = None
        self._head = b""
        self._chunked = False
        #: Bytes of the answer still to come; None where its end is told otherwise.
        self._left: int | None = None

    # -- from the connection -----------------------------------------------------------------------

    def feed(self, body: bytes) -> None:
        self._body.append(body)
        self._size += len(body)
        if self._size > BODY_AHEAD:
            self.connection.pause_reading()
        self._wake()

    def feed_end(self) -> None:
        self.more_body = False
        self._wake()

    def leave(self) -> None:
        """The client is gone, or what it sends is no HTTP."""
        self.gone = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # -- to the application ------------------------------------------------------------------------

    async def run(self) -> None:
        connection = self.connection
        try:
            await connection.app(self.scope, self.receive, self.send)
        except Exception:
            log.exception("the application failed at %s", self.scope["path"])
            if not self.begun and not self.gone:
                self.keep_alive = False
                await self.send({"type": "http.response.start", "status": 500, "headers": [_EMPTY]})
                await self.send({"type": "http.response.body"})
        finally:
            if not self.ended:
                connection.close()

    async def receive(self) -> Message:
        if self._expects and self.more_body and not self._body:
            self._expects = False
            self.connection.write(_CONTINUE)
        while not (self._body or self.gone or self.ended) and (self.more_body or self._told):
            await self._changed()
        if self.gone or self.ended:
            return {"type": "http.disconnect"}
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._body = []
        self._size = 0
        # From then on what is asked for is whether the client has left.
        self._told = not self.more_body
        self.connection.resume_reading()
        return {"type": "http.request", "body": body, "more_body": self.more_body}

    async def _changed(self) -> None:
        self._waiter = self.connection.loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    async def send(self, message: Message) -> None:
        connection = self.connection
        if connection.writable is not None:
            await asyncio.shield(connection.writable)
        if self.gone:
            return
        if message["type"] == "http.response.start":
            self._start(message["status"], message.get("headers", ()))
            return
        body: bytes = message.get("body", b"")
        more: bool = message.get("more_body", False)
        if self.ended or not self.begun:
            raise RuntimeError("an answer's body outside of its answer")
        if self.scope["method"] == "HEAD":
            body = b""
        elif self._chunked:
            body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + (b"" if more else b"0\r\n\r\n")
        elif self._left is not None:
            self._left -= len(body)
            if self._left < 0 or (self._left and not more):
                raise RuntimeError("an answer of another length than it said")
        head, self._head = self._head, b""
        if head and len(body) <= JOIN_LIMIT:
            connection.write(head + body)
        else:
            if head:
                connection.write(head)
            if body:
                connection.write(body)
        if not more:
            self.ended = True
            self._wake()
            connection.answered(self)

    def _start(self, status: int, headers: Any) -> None:
        if self.begun:
            raise RuntimeError("an answer that began twice")
        self._expects = False
        self._left = None
        lines = [_STATUS[status]]
        count = 2
        for name, value in *self.connection.state.default_headers, *headers:
            lines.append(b"%b: %b\r\n" % (name, value))
            count += 1
            if name == b"content-length":
                self._left = int(value)
            elif name == b"connection" and value.lower() == b"close":
                self.keep_alive = False
        empty = self.scope["method"] == "HEAD" or status in (204, 304)
        if self._left is None and not empty:
            if self.scope["http_version"] == "1.1":
                self._chunked = True
                lines.append(b"transfer-encoding: chunked\r\n")
                count += 1
            else:
                self.keep_alive = False
        if not self.keep_alive:
            lines.append(b"connection: close\r\n")
            count += 1
        lines.append(b"\r\n")
        head = b"".join(lines)
        # A line break inside a header would begin another one, or the body.
        if head.count(b"\n") != count or head.count(b"\r") != count:
            raise RuntimeError("a header with a line break")
        self.begun = True
        if self._left is None and not empty:
            # Its first bytes may be long in coming: a feed says at once that it has begun.
            self.connection.write(head)
        else:
            self._head = head
