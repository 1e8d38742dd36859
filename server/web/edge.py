"""The outermost layer of the application: errors, security headers, measures and the request log.

Law: whatever happens inside, the client gets an answer in the one shape of refusals, with the headers every
answer carries, and the log gets one line without personal data (routes as templates, no address, no account).
This is the only place that catches every exception.
"""

from __future__ import annotations

import errno
import secrets
import time
from typing import Any

import structlog
from prometheus_client import Counter
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.context import Context
from server.metrics import Metrics
from server.problems import Problem
from server.web.bodies import refusal
from server.web.state import RequestState
from sync.errors import EngineError, StorageFull, Unavailable

log = structlog.get_logger("manzana.requests")

#: Nothing from elsewhere, no inline script or style: a stored text can never become code.
#: ``blob:`` and ``data:`` images are photos just taken and the sprite's icons.
CSP = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "font-src 'self'",
        "media-src 'self' blob:",
        "manifest-src 'self'",
        "worker-src 'self' blob:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)

_ALWAYS = [(b"x-content-type-options", b"nosniff"), (b"cross-origin-resource-policy", b"same-origin")]
_PAGE = [
    (b"content-security-policy", CSP.encode()),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"),
]
#: What is no page can hold no code at all; short, since an idle phone's check-in is to stay under 1 KB.
_DATA = [(b"content-security-policy", b"default-src 'none'")]
_OF_PAGES, _OF_DATA = _ALWAYS + _PAGE, _ALWAYS + _DATA
#: A year (RFC 6797); without subdomains, which are not ours to speak for.
_HSTS = (b"strict-transport-security", b"max-age=31536000")


def problem_of(error: BaseException) -> Problem:
    """The catalogue's problem for an exception that a handler let through."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        codes = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media"}
        code = codes.get(error.status_code, "internal" if error.status_code >= 500 else "bad_request")
        return Problem(code, error.detail)
    if isinstance(error, StorageFull):
        return Problem("storage_full", error.reason)
    if isinstance(error, Unavailable):
        return Problem("unavailable", error.reason, headers={"Retry-After": "10"})
    if isinstance(error, ClientDisconnect):
        return Problem("bad_request", "the client went away")
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return Problem("storage_full", "the disk is full")
    if isinstance(error, EngineError) and error.status == 409:
        return Problem("edit_conflict", error.reason)
    return Problem("internal")


def route_name(scope: Scope) -> str:
    """The route's template; never the path itself, which may hold ids."""
    route = scope.get("route")
    path = getattr(route, "path", None)
    return str(path) if path is not None else "(none)"


class _Measures:
    """What is counted of one route."""

    def __init__(self, metrics: Metrics, route: str) -> None:
        self._route = route
        self._requests = metrics.requests
        self._answered: dict[tuple[str, str], Counter] = {}
        self._received = metrics.bytes_in.labels(route)
        self._sent = metrics.bytes_out.labels(route)
        self.seconds = metrics.seconds.labels(route)

    def count(self, method: str, status: str, received: int, sent: int) -> None:
        answered = self._answered.get((method, status))
        if answered is None:
            answered = self._answered[method, status] = self._requests.labels(self._route, method, status)
        answered.inc()
        if received:
            self._received.inc(received)
        if sent:
            self._sent.inc(sent)


class Edge:
    """``context`` is what every route finds in its request's state (``RequestState``)."""

    def __init__(self, app: ASGIApp, metrics: Metrics, context: Context) -> None:
        self._app = app
        self._metrics = metrics
        self._context = context
        #: Bound once: the lazy logger looks its configuration up at every line.
        self._log = log.bind()
        #: A route's measures, found once: looking labels up takes longer than counting.
        self._measures: dict[str, _Measures] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        seen: dict[str, Any] = {"status": 0, "in": 0, "out": 0}
        request_id = secrets.token_hex(8)
        state: RequestState = {"context": self._context, "request_id": request_id}
        scope["state"] = state
        # Where an application is named, Starlette raises 404 and 405 instead of answering them as plain text.
        scope["app"] = self
        secure = scope.get("scheme") == "https"

        async def receiving() -> Message:
            message = await receive()
            seen["in"] += len(message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                headers = message.get("headers", [])
                given = {name.lower(): value for name, value in headers}
                # The service worker runs under its own script's policy, so scripts have the pages'.
                kind = given.get(b"content-type", b"")
                wanted = _OF_PAGES if kind.startswith((b"text/html", b"text/javascript")) else _OF_DATA
                extra = [pair for pair in wanted if pair[0] not in given]
                if secure:
                    extra.append(_HSTS)
                message = {**message, "headers": [*headers, *extra]}
            else:
                seen["out"] += len(message.get("body", b""))
            await send(message)

        problem: Problem | None = None
        try:
            await self._app(scope, receiving, sending)
        except Exception as error:
            problem = problem_of(error)
            if problem.code == "internal":
                log.error("unexpected", request=request_id, route=route_name(scope), exc_info=error)
            if seen["status"] == 0:
                await refusal(problem)(scope, receive, sending)
        self._count(scope, seen, problem, time.perf_counter() - started, request_id)

    def _count(
        self, scope: Scope, seen: dict[str, Any], problem: Problem | None, took: float, request_id: str
    ) -> None:
        route, method, status = route_name(scope), scope["method"], str(seen["status"])
        if method not in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}:
            method = "other"
        measures = self._measures.get(route)
        if measures is None:
            measures = self._measures[route] = _Measures(self._metrics, route)
        measures.count(method, status, seen["in"], seen["out"])
        if b"feed=longpoll" not in scope.get("query_string", b""):
            measures.seconds.observe(took)
        if problem is not None:
            self._metrics.refusals.labels(problem.code).inc()
        self._log.info(
            "request",
            request=request_id,
            route=route,
            method=method,
            status=seen["status"],
            ms=round(took * 1000, 1),
            received=seen["in"],
            sent=seen["out"],
            code=problem.code if problem else None,
        )
