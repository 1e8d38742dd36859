"""One client's connection: how much it may say before anybody knows it, and how long it may keep silent.

Law: a request is ended for not coming, never for its length or for a slow line: what counts is whether bytes
come at all while this side reads. uvicorn bounds neither a head's bytes nor the time of a head or a body; its
``timeout_keep_alive`` begins only after an answer. Whoever is ended here loses nothing: pushes are sent
again, photos go on where their last durable byte is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from server.problems import Problem

#: Seconds a closing connection has for the last of its answer.
_FAREWELL = 5.0


@dataclass(frozen=True, slots=True)
class Pace:
    """The bounds. A line that carries less than ``body_bytes`` in ``body_seconds`` carries nothing: GPRS at
    its worst brings fifty times that.
    """

    #: Seconds from a head's first byte, or from connecting, to its end.
    head_seconds: float = 60.0
    #: Bytes of one head: request line and headers; an honest one has 1 or 2 KB.
    head_bytes: int = 32_768
    #: Bytes of all unfinished heads together. An honest head comes whole in its first packet.
    heads_bytes: int = 8_000_000
    body_seconds: float = 60.0
    body_bytes: int = 1_024


class _HeadTooLarge(Exception):
    """Ends the parser; what is answered is ``headers_too_large``."""


class Connection(HttpToolsProtocol):
    """uvicorn's protocol with bounds. Made by ``connections``."""

    pace = Pace()
    told: Callable[[str], None] = staticmethod(lambda code: None)
    #: Unfinished heads' bytes of all connections, in one cell that they share.
    heads: list[int] = [0]  # noqa: RUF012 - meant to be shared

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._timer: asyncio.TimerHandle | None = None
        #: What the timer is for: ``head``, ``body`` or nothing.
        self._waits = ""
        self._in_head = self._in_body = False
        #: Bytes of the head, parsed and as they came; of the body in all, and when last looked at.
        self._parsed = self._raw = self._came = self._mark = 0
        #: Bytes since the body last moved: chunk extensions and trailers are no body.
        self._idle = 0
        #: What this connection has in ``heads``.
        self._counted = 0
        self._code = "bad_request"
        self._over = False

    # -- what comes ----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm("head")

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self._count(0)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._over:
            return
        continued, between, came = self._in_head, not (self._in_head or self._in_body), self._came
        super().data_received(data)
        if self._over or self.transport.is_closing():
            return
        if self._in_head:
            self._raw += len(data) if continued or between else 0
            self._count(self._raw)
        else:
            self._count(0)
        self._idle = self._idle + len(data) if self._in_body and self._came == came else 0
        if max(self._raw, self._idle) > self.pace.head_bytes or self.heads[0] > self.pace.heads_bytes:
            self._end("headers_too_large")
        elif self._in_body:
            self._arm("body")
        elif self._in_head or self.cycle is None or self.cycle.response_complete:
            # The rest of a head, or line ends between two requests, which end uvicorn's own timer.
            self._arm("head")
        else:
            self._disarm()

    def on_message_begin(self) -> None:
        self._in_head, self._parsed, self._raw = True, 0, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._parse(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._parse(len(name) + len(value))
        super().on_header(name, value)

    def _parse(self, size: int) -> None:
        self._parsed += size
        if self._parsed > self.pace.head_bytes:
            self._code = "headers_too_large"
            raise _HeadTooLarge

    def on_headers_complete(self) -> None:
        self._in_head, self._in_body, self._came, self._mark, self._raw = False, True, 0, 0, 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._came += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        # uvicorn arms its own timer for the silence between two requests.
        if self._waits == "head" and not self._in_head:
            self._disarm()
        super().on_response_complete()

    def _count(self, size: int) -> None:
        self.heads[0] += size - self._counted
        self._counted = size

    # -- time ----------------------------------------------------------------------------------------

    def _arm(self, waits: str) -> None:
        """Begin to count, unless this is being counted already."""
        if self._waits == waits:
            return
        self._disarm()
        self._waits = waits
        self._mark = self._came
        seconds = self.pace.head_seconds if waits == "head" else self.pace.body_seconds
        self._timer = self.loop.call_later(seconds, self._due)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._waits = ""

    def _due(self) -> None:
        waits, self._waits, self._timer = self._waits, "", None
        moved = self._came - self._mark >= self.pace.body_bytes
        # Where this side does not read, silence is not the client's.
        if waits == "body" and (moved or self.flow.read_paused):
            self._arm("body")
            return
        self._end("request_slow")

    # -- the end -------------------------------------------------------------------------------------

    def send_400_response(self, msg: str) -> None:
        """uvicorn calls this where the parser gave up."""
        self._end(self._code, msg if self._code == "bad_request" else None)

    def _end(self, code: str, reason: str | None = None) -> None:
        """Refuse and close; a handler that waits for the rest is told that the client is gone."""
        self._disarm()
        self._count(0)
        self._over = True
        self.told(code)
        cycle = self.cycle
        # An answer begun, or given before its body came, is the only one; silence is no request.
        spoke = self._in_head or self._in_body or code != "request_slow"
        if spoke and not self._answered():
            self.transport.write(_answer(Problem(code, reason)))
        self.transport.close()
        self.loop.call_later(_FAREWELL, self.transport.abort)
        for waiting in (cycle, *(one for one, _ in self.pipeline)):
            if waiting is not None and not waiting.response_complete:
                waiting.disconnected = True
                waiting.message_event.set()

    def _answered(self) -> bool:
        """Whether the request that came last has its answer, or the one before it is half-way out."""
        cycle = self.cycle
        return cycle is not None and cycle.response_started and (self._in_body or not cycle.response_complete)


def _answer(problem: Problem) -> bytes:
    body = orjson.dumps(problem.as_json())
    head = (
        b"content-type: application/json\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n"
        b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
    )
    return STATUS_LINE[problem.status] + head + body


def connections(
    told: Callable[[str], None] = lambda code: None, pace: Pace | None = None
) -> type[asyncio.Protocol]:
    """The protocol for ``uvicorn.Config(http=…)``. ``told`` hears the code of each refusal made here."""
    return type(
        "BoundConnection", (Connection,), {"pace": pace or Pace(), "told": staticmethod(told), "heads": [0]}
    )
