"""The pages' routes, their one style sheet and their one script."""

from __future__ import annotations

import hashlib
from pathlib import Path

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.web.office import (
    accounts,
    auditing,
    bulk,
    calling,
    capturing,
    catalogue,
    catalogue_files,
    catalogue_history,
    catalogue_wishes,
    courier,
    exporting,
    figures,
    listing,
    login,
    months,
    padron,
    people,
    person_documents,
    place_map,
    printing,
    queues,
    report,
    review,
    surveying,
    talking,
    views,
)
from server.web.office.frame import nowhere
from server.web.state import Request


class _File:
    """A file of these pages, answered anew only where it has changed."""

    def __init__(self, name: str, media_type: str) -> None:
        self._bytes = (Path(__file__).parent / name).read_bytes()
        self._type = media_type
        self._etag = f'"{hashlib.sha256(self._bytes).hexdigest()[:24]}"'

    async def answer(self, request: Request) -> Response:
        headers = {"Cache-Control": "no-cache", "ETag": self._etag}
        if request.headers.get("if-none-match") == self._etag:
            return Response(status_code=304, headers=headers)
        return Response(self._bytes, media_type=self._type, headers=headers)


async def home(request: Request) -> Response:
    return RedirectResponse("/gestion/", 308)


ROUTES = [
    Route("/gestion/estilo.css", _File("style.css", "text/css").answer, methods=["GET"]),
    Route("/gestion/teclas.js", _File("keys.js", "text/javascript").answer, methods=["GET"]),
    *login.ROUTES,
    *review.ROUTES,
    *listing.ROUTES,
    *calling.ROUTES,
    *capturing.ROUTES,
    *place_map.ROUTES,
    *bulk.ROUTES,
    *talking.ROUTES,
    *queues.ROUTES,
    *views.ROUTES,
    *figures.ROUTES,
    *exporting.ROUTES,
    *months.ROUTES,
    *surveying.ROUTES,
    *printing.ROUTES,
    *report.ROUTES,
    *accounts.ROUTES,
    *padron.ROUTES,
    *person_documents.ROUTES,
    *people.ROUTES,
    *auditing.ROUTES,
    *catalogue_wishes.ROUTES,
    *catalogue_history.ROUTES,
    *catalogue_files.ROUTES,
    *catalogue.ROUTES,
    *courier.ROUTES,
    Route("/gestion", home, methods=["GET"]),
    Route("/gestion/{path:path}", nowhere, methods=["GET", "POST"]),
]
