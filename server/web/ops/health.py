"""``/healthz`` for probes and ``/metrics`` for Prometheus.

Law: health says whether this process can serve now, by asking its engine; measures are for loopback or for
whoever holds ``METRICS_TOKEN``, since they tell how a municipality works.
"""

from __future__ import annotations

import hmac

from starlette.responses import Response
from starlette.routing import Route

from server.operations.gauges import refresh
from server.operations.tls import authority_der
from server.problems import Problem
from server.web.bodies import answer
from server.web.loopback import is_loopback
from server.web.state import Request


async def healthz(request: Request) -> Response:
    """200 ``{"status": "ok"}``; 503 ``{"status": "degraded", "gone": [name]}`` where a worker of this
    process is not working, or nothing can be written (``disk``); the engine's refusal where that does not
    answer.
    """
    context = request.state["context"]
    await context.databases.inbox.info()
    gone = sorted({worker.name for worker in context.workers if not worker.working()})
    if await context.disk.trouble() is not None:
        gone.append("disk")
    if gone:
        return answer({"status": "degraded", "gone": gone}, 503)
    return answer({"status": "ok"})


async def metrics(request: Request) -> Response:
    context = request.state["context"]
    token = context.settings.metrics_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token:
        if not hmac.compare_digest(token.encode(), given.encode()):
            raise Problem("not_found")
    elif not is_loopback(request) or context.settings.proxy:
        raise Problem("not_found")
    await refresh(context)
    return Response(context.metrics.text(), media_type="text/plain; version=0.0.4")


async def authority(request: Request) -> Response:
    """The LAN certificate authority, for phones to install; only with LAN=1."""
    context = request.state["context"]
    if context.authority is None:
        raise Problem("not_found")
    return Response(authority_der(context.authority), media_type="application/x-x509-ca-cert")


ROUTES = [
    Route("/autoridad.crt", authority, methods=["GET"]),
    Route("/healthz", healthz, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
]
