"""The whole application: gateway, accounts, evidence, pages, app and operations under one origin.

Law: every route is made by the part that answers it and listed here; the outermost layer is ``Edge``.
"""

from __future__ import annotations

from starlette.routing import BaseRoute, Match, Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from server.context import Context
from server.web.edge import Edge
from server.web.hosts import KnownHosts, known_names
from server.web.office import routes as office
from server.web.ops import health
from server.web.ops.couch import CouchApi
from server.web.phones import accounts, courier, demonstration, photos, tus
from server.web.phones import routes as gateway
from server.web.public import chat, draws, folio, keys, reporting, saying, whatsapp
from server.web.shell import Shell


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
        *photos.ROUTES,
        *office.ROUTES,
        *folio.ROUTES,
        *saying.ROUTES,
        *keys.ROUTES,
        *draws.ROUTES,
        *chat.ROUTES,
        *reporting.ROUTES,
        *whatsapp.ROUTES,
        *health.ROUTES,
        *Shell(context.settings.app_dir).routes(),
    ]


class Doors:
    """Routes without parameters are found by their path at once; the others are tried in order.

    A phone's requests are all of the first kind, and trying a list of patterns takes longer than they do.
    """

    def __init__(self, listed: list[BaseRoute]) -> None:
        self._router = Router(listed, redirect_slashes=False)
        self._exact: dict[str, Route] = {}
        for number, route in enumerate(listed):
            if isinstance(route, Route) and "{" not in route.path and not _meets(listed[:number], route.path):
                self._exact[route.path] = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._exact.get(scope["path"])
        if route is None or scope["method"] not in (route.methods or ()):
            await self._router(scope, receive, send)
            return
        scope["route"], scope["endpoint"], scope["path_params"] = route, route.endpoint, {}
        await route.app(scope, receive, send)


def _meets(routes: list[BaseRoute], path: str) -> bool:
    """Whether one of these routes would take a request for ``path``."""
    scope = {"type": "http", "path": path, "root_path": "", "method": "GET"}
    return any(route.matches(scope)[0] is not Match.NONE for route in routes)


def make_app(context: Context) -> ASGIApp:
    """The ASGI application over an open context. Whoever opened the context closes it.

    Starlette's router without its application: that one answers errors by itself, in another shape.
    """
    context.talks.acting.look_up = folio.look_up_for(context)
    doors = KnownHosts(Doors(routes(context)), known_names(context.settings))
    return Edge(doors, context.metrics, context)
