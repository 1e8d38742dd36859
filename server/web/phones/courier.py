"""``POST /api/courier``: any enrolled phone delivers a colleague's file."""

from __future__ import annotations

from dataclasses import asdict

from starlette.responses import Response
from starlette.routing import Route

from server.courier.delivery import MOST_BYTES
from server.web.authentication import authenticate
from server.web.bodies import answer, read_body
from server.web.state import Request


async def courier(request: Request) -> Response:
    context = request.state["context"]
    session = await authenticate(request, "deliver")
    done = await context.courier.deliver(session, await read_body(request, MOST_BYTES))
    return answer(asdict(done), 201)


ROUTES = [Route("/api/courier", courier, methods=["POST"])]
