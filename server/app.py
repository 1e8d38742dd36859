"""The whole application: gateway, accounts, evidence, pages, app and operations under one origin.

Law: every route is made by the part that answers it and listed here; the outermost layer is ``Edge``.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from server.accounts import demonstration
from server.accounts import routes as accounts
from server.context import Context
from server.edge import Edge
from server.operations import health
from server.shell import Shell


def routes(context: Context) -> list[BaseRoute]:
    """Every route, in the order in which they are tried."""
    return [
        *accounts.ROUTES,
        *demonstration.ROUTES,
        *health.ROUTES,
        *Shell(context.settings.app_dir).routes(),
    ]


def make_app(context: Context) -> ASGIApp:
    """The ASGI application over an open context. Whoever opened the context closes it."""
    app = Starlette(routes=routes(context), exception_handlers={})
    app.state.context = context
    return Edge(app, context.metrics)
