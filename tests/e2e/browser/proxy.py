"""The network between a phone and the municipality, with faults that have names.

Law: the best fault performs the request and loses the reply. A fault counts down its ``times`` and is gone;
``seen`` says what passed, for assertions about convergence, never about counts.
"""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps, loads
from typing import Any
from urllib.parse import urlsplit

#: Headers of one connection, not of the message (RFC 9110 §7.6.1), and those set anew here.
HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length"}
#: Left out where the answer is changed on its way.
CONDITIONAL = {"accept-encoding", "if-none-match", "if-modified-since"}


@dataclass
class Fault:
    """``name``: lose_reply, garbage, feed_changed, rows_not_now, or a status code; on paths that begin with
    ``path``."""

    name: str
    path: str = "/sync/"
    times: int = 1
    method: str | None = None

    def applies(self, method: str, path: str) -> bool:
        return self.times > 0 and path.startswith(self.path) and self.method in (None, method)


@dataclass
class Proxy:
    #: Where the municipality answers now; it may move while phones keep the proxy's address.
    target: str
    url: str = ""
    faults: list[Fault] = field(default_factory=list)
    #: What the municipality itself answered: method, path, status.
    answered: list[tuple[str, str, int]] = field(default_factory=list)
    #: Faults that happened, by name.
    happened: list[str] = field(default_factory=list)
    #: The service worker's script arrives with other bytes: a new version.
    newer: bool = False
    #: No signal: whoever calls is hung up on. For browsers that no test can take offline themselves.
    down: bool = False
    #: Connections there are now.
    open: set[socket.socket] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, name: str, path: str = "/sync/", times: int = 1, method: str | None = None) -> None:
        with self.lock:
            self.faults.append(Fault(name, path, times, method))

    def cut(self, down: bool = True) -> None:
        """The signal is lost, in the middle of whatever was being said, or comes back."""
        with self.lock:
            self.down = down
            lost = list(self.open) if down else []
        for connection in lost:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def take(self, method: str, path: str) -> str | None:
        with self.lock:
            for fault in self.faults:
                if fault.applies(method, path):
                    fault.times -= 1
                    self.happened.append(fault.name)
                    return fault.name
        return None


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        #: Headers and body are two writes: with Nagle's algorithm each answer would wait to be acknowledged.
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:
            """Quiet: a test's output is its failures."""

        def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
            connection = http.client.HTTPConnection(urlsplit(proxy.target).netloc, timeout=90)
            try:
                headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP}
                if proxy.newer:
                    headers = {k: v for k, v in headers.items() if k.lower() not in CONDITIONAL}
                connection.request(self.command, self.path, body=body or None, headers=headers)
                response = connection.getresponse()
                kept = [(k, v) for k, v in response.getheaders() if k.lower() not in HOP]
                return response.status, kept, response.read()
            finally:
                connection.close()

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            name = proxy.take(self.command, self.path)
            json = [("Content-Type", "application/json")]
            if name and name.isdigit():
                code = {"401": "session_expired", "503": "unavailable"}.get(name, "internal")
                headers = [*json, ("Retry-After", "1")] if name == "503" else json
                text = f'{{"error": "{code}", "message": "No se pudo.", "reason": "test"}}'
                return self._answer(int(name), headers, text.encode())
            if name == "garbage":
                html = b"<html><body>Bienvenido al hotel: acepte los terminos</body></html>"
                return self._answer(200, [("Content-Type", "text/html")], html)
            if name == "rows_not_now":
                # What the inbox says of each document while its own writing fails (docs/gateway.md).
                rows = [
                    {"id": doc["_id"], "error": "unavailable", "message": "Ahora no.", "reason": "test"}
                    for doc in loads(body)["docs"]
                ]
                return self._answer(201, json, dumps(rows).encode())
            if name == "feed_changed":
                text = '{"error": "feed_changed", "message": "Cambio.", "reason": "test"}'
                return self._answer(409, json, text.encode())
            try:
                status, headers, answer = self._forward(body)
            except (OSError, http.client.HTTPException):
                self.close_connection = True
                return None
            with proxy.lock:
                proxy.answered.append((self.command, urlsplit(self.path).path, status))
            if proxy.newer and urlsplit(self.path).path == "/sw.js":
                headers = [(k, v) for k, v in headers if k.lower() not in ("content-encoding", "etag")]
                answer += b"\n// another version\n"
            if name == "lose_reply":
                self.close_connection = True
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)
                return None
            return self._answer(status, headers, answer)

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            with suppress(OSError):  # the phone may have hung up on a long poll
                self.send_response_only(status)
                for key, value in headers:
                    self.send_header(key, value)
                if status not in (204, 304):
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _pass

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    #: A browser opens many connections at once; the default of five would refuse some.
    request_queue_size = 128
    block_on_close = False
    proxy: Proxy

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.proxy.lock:
            down = self.proxy.down
            if not down:
                self.proxy.open.add(request)
        if down:
            self.shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self.proxy.lock:
            self.proxy.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A phone that hangs up is no error of the network."""


@contextmanager
def network(target: str) -> Iterator[Proxy]:
    """A proxy before ``target`` on a free loopback port until the block ends."""
    proxy = Proxy(target)
    server = _Server(("127.0.0.1", 0), _handler(proxy))
    server.proxy = proxy
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
