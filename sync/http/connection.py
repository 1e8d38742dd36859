"""One client's connection, as a lean protocol class for uvicorn: ``Config(http=Connection)``.

Law: requests of one connection are answered one after another, in their order; a body is read no faster than
it is taken; an answer that was begun and not ended closes the connection. What is no HTTP is answered 400 in
CouchDB's shape.

Parsing is httptools' (llhttp). HTTP/1.1: RFC 9112.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, cast
from urllib.parse import unquote

import httptools
from uvicorn.config import Config
from uvicorn.server import ServerState

from sync.http.exchange import Exchange
from sync.http.request import Scope

#: Bytes of a request's target and headers together; more than any client sends on purpose.
HEAD_LIMIT = 256 * 1024
_INVALID = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: 60\r\n"
    b'connection: close\r\n\r\n{"error":"bad_request","reason":"This is no HTTP request."}\n'
)
_ASGI = {"version": "3.0", "spec_version": "2.3"}


class Connection(asyncio.Protocol):
    """Made by uvicorn's server for each client."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.app: Any = config.loaded_app
        self.state = server_state
        self.loop = _loop or asyncio.get_running_loop()
        #: Not None while the client reads slower than we write.
        self.writable: asyncio.Future[None] | None = None
        self._app_state = app_state
        self._patience = config.timeout_keep_alive
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._line: deque[Exchange] = deque()
        self._now: Exchange | None = None
        self._filling: Exchange | None = None
        self._paused = self._stopping = self._broken = False
        self._timer: asyncio.TimerHandle | None = None
        self._quiet_since = 0.0
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._head_size = 0
        self._expects = False

    # -- the transport -----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.state.connections.add(self)  # type: ignore[arg-type]
        self._server = _address(transport.get_extra_info("sockname"))
        self._client = _address(transport.get_extra_info("peername"))
        self._scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self._quiet_since = self.loop.time()
        self._timer = self.loop.call_later(self._patience, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self.state.connections.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        for exchange in (self._now, *self._line):
            if exchange is not None:
                exchange.leave()
        self._line.clear()
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        if self._broken:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # No other protocol is spoken here: the request is answered as what it is, and then no more.
            self.on_message_complete()
            self._last_one()
        except httptools.HttpParserError:
            self._refuse()

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        if self.writable is None:
            self.writable = self.loop.create_future()

    def resume_writing(self) -> None:
        writable, self.writable = self.writable, None
        if writable is not None and not writable.done():
            writable.set_result(None)

    def pause_reading(self) -> None:
        if not self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if self._paused and not self._line and self._transport is not None:
            self._paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def shutdown(self) -> None:
        """The server ends: what is under way is answered, then the connection closes."""
        self._stopping = True
        if self._now is None:
            self.close()
        else:
            self._now.keep_alive = False

    def _refuse(self) -> None:
        """After this nothing that the client sends can be told apart."""
        self._broken = True
        if self._now is None:
            self.write(_INVALID)
            self.close()
        elif self._now is self._filling and not self._now.begun:
            self.write(_INVALID)
            self._now.leave()
            self.close()
        else:
            self._last_one()
            if self._filling is not None:
                self._filling.leave()

    def _last_one(self) -> None:
        """Nothing more is read; the connection closes after what is in line."""
        self._broken = True
        last = self._line[-1] if self._line else self._now
        if last is not None:
            last.keep_alive = False

    def _look(self) -> None:
        """Whether the client has been silent for too long between two requests."""
        left: float = self._patience
        if self._now is None:
            left = self._quiet_since + self._patience - self.loop.time()
            if left <= 0:
                self.close()
                return
        self._timer = self.loop.call_later(left, self._look)

    # -- the parser --------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._target, self._headers, self._head_size, self._expects = b"", [], 0, False

    def on_url(self, target: bytes) -> None:
        self._target += target
        self._measure(len(target))

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        self._measure(len(name) + len(value))
        if name == b"expect" and value.lower() == b"100-continue":
            self._expects = True
        self._headers.append((name, value))

    def _measure(self, size: int) -> None:
        self._head_size += size
        if self._head_size > HEAD_LIMIT:
            raise ValueError("the head of the request is too large")

    def on_headers_complete(self) -> None:
        parser = self._parser
        target = self._target
        if target[:1] != b"/":
            # The absolute form, which proxies use; or an authority or ``*``, which name nothing here.
            url = httptools.parse_url(target)
            target = (url.path or b"/") + (b"?" + url.query if url.query else b"")
        raw_path, _, query = target.partition(b"#")[0].partition(b"?")
        path = raw_path.decode("latin-1")
        version = parser.get_http_version()
        scope: Scope = {
            "type": "http",
            "asgi": _ASGI,
            "http_version": version,
            "method": parser.get_method().decode("ascii"),
            "scheme": self._scheme,
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": query,
            "root_path": "",
            "headers": self._headers,
            "server": self._server,
            "client": self._client,
            "state": self._app_state.copy(),
        }
        lasting = version == "1.1" and parser.should_keep_alive() and not self._stopping
        exchange = Exchange(self, scope, keep_alive=lasting, expects=self._expects)
        self._filling = exchange
        if self._now is None:
            self._begin(exchange)
        else:
            self._line.append(exchange)
            self.pause_reading()

    def on_body(self, body: bytes) -> None:
        if self._filling is not None and not self._filling.ended:
            self._filling.feed(body)

    def on_message_complete(self) -> None:
        if self._filling is not None:
            self._filling.feed_end()
            self._filling = None

    # -- one exchange after another ----------------------------------------------------------------

    def _begin(self, exchange: Exchange) -> None:
        self._now = exchange
        task = self.loop.create_task(exchange.run())
        self.state.tasks.add(task)
        task.add_done_callback(self.state.tasks.discard)

    def answered(self, exchange: Exchange) -> None:
        self.state.total_requests += 1
        self._now = None
        if not exchange.keep_alive or self._stopping:
            self.close()
            return
        self._quiet_since = self.loop.time()
        if self._line:
            self._begin(self._line.popleft())
        self.resume_reading()


def _address(found: Any) -> tuple[str, int] | None:
    """Host and port; None for what has none, as a Unix socket."""
    if not isinstance(found, (tuple, list)) or len(found) < 2:
        return None
    return str(found[0]), int(found[1])
