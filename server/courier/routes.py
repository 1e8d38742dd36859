"""``POST /api/courier``: any enrolled phone delivers a colleague's file."""

from __future__ import annotations

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.accounts.sessions import authenticate
from server.bodies import answer, read_body
from server.context import Context
from server.courier.delivery import MOST_BYTES, deliver


async def courier(request: Request) -> Response:
    context: Context = request.app.state.context
    session = await authenticate(request, "deliver")
    done = await deliver(context, session, await read_body(request, MOST_BYTES))
    return answer(asdict(done), 201)


ROUTES = [Route("/api/courier", courier, methods=["POST"])]
