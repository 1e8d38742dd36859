"""The pages' routes and their one style sheet."""

from __future__ import annotations

import hashlib
from pathlib import Path

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.web.office import (
    accounts,
    auditing,
    bulk,
    capturing,
    courier,
    exporting,
    figures,
    listing,
    login,
    months,
    padron,
    printing,
    report,
    review,
    surveying,
    talking,
)
from server.web.office.frame import nowhere
from server.web.state import Request

_STYLE = (Path(__file__).parent / "style.css").read_bytes()
_ETAG = f'"{hashlib.sha256(_STYLE).hexdigest()[:24]}"'


async def style(request: Request) -> Response:
    headers = {"Cache-Control": "no-cache", "ETag": _ETAG}
    if request.headers.get("if-none-match") == _ETAG:
        return Response(status_code=304, headers=headers)
    return Response(_STYLE, media_type="text/css", headers=headers)


async def home(request: Request) -> Response:
    return RedirectResponse("/gestion/", 308)


ROUTES = [
    Route("/gestion/estilo.css", style, methods=["GET"]),
    *login.ROUTES,
    *review.ROUTES,
    *listing.ROUTES,
    *capturing.ROUTES,
    *bulk.ROUTES,
    *talking.ROUTES,
    *figures.ROUTES,
    *exporting.ROUTES,
    *months.ROUTES,
    *surveying.ROUTES,
    *printing.ROUTES,
    *report.ROUTES,
    *accounts.ROUTES,
    *padron.ROUTES,
    *auditing.ROUTES,
    *courier.ROUTES,
    Route("/gestion", home, methods=["GET"]),
    Route("/gestion/{path:path}", nowhere, methods=["GET", "POST"]),
]
