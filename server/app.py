"""The whole application: gateway, accounts, evidence, pages, app and operations under one origin.

Law: every route is made by the part that answers it and listed here; the outermost layer is ``Edge``.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import State
from starlette.routing import BaseRoute, Mount, Router
from starlette.types import ASGIApp

from server.accounts import demonstration
from server.accounts import routes as accounts
from server.context import Context
from server.courier import routes as courier
from server.edge import Edge
from server.evidence import serving, tus
from server.gateway import routes as gateway
from server.operations import health
from server.operations.couch import CouchApi
from server.pages import routes as pages
from server.shell import Shell


def routes(context: Context) -> list[BaseRoute]:
    """Every route, in the order in which they are tried."""
    couch = [Mount("/couch", CouchApi(context))] if context.settings.couch_api else []
    return [
        *couch,
        *accounts.ROUTES,
        *demonstration.ROUTES,
        *gateway.ROUTES,
        *courier.ROUTES,
        *tus.ROUTES,
        *serving.ROUTES,
        *pages.ROUTES,
        *health.ROUTES,
        *Shell(context.settings.app_dir).routes(),
    ]


@dataclass(frozen=True, slots=True)
class Application:
    """What ``request.app`` is: the context under ``state``, where Starlette's own application has it."""

    state: State


def make_app(context: Context) -> ASGIApp:
    """The ASGI application over an open context. Whoever opened the context closes it.

    Starlette's router without its application: that one answers errors by itself, in another shape.
    """
    return Edge(
        Router(routes(context), redirect_slashes=False),
        context.metrics,
        Application(State({"context": context})),
    )
