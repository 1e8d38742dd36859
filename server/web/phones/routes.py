"""The gateway's routes.

Law: no URL a device uses holds an account's id: whose mailbox it is, the session says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from server.web.phones.checkin import checkin
from server.web.phones.custody import custody
from server.web.phones.pull import pull_mailbox, pull_reference
from server.web.phones.push import push
from server.web.state import Request


class Endpoint:
    """A handler as an ASGI application of its own: ``Edge`` answers what it raises, so Starlette's wrapper
    for that is left out of what phones ask all day.
    """

    def __init__(self, handler: Callable[[Request], Awaitable[Response]]) -> None:
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._handler(Request(scope, receive, send))
        await response(scope, receive, send)


ROUTES = [
    Route("/sync/reference/_changes", Endpoint(pull_reference), methods=["GET"]),
    Route("/sync/mailbox/_changes", Endpoint(pull_mailbox), methods=["GET"]),
    Route("/sync/inbox/_bulk_docs", Endpoint(push), methods=["POST"]),
    Route("/sync/checkin", Endpoint(checkin), methods=["POST"]),
    Route("/sync/custody", Endpoint(custody), methods=["GET"]),
]
