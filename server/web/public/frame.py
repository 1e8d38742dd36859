"""What every public page is drawn with: templates, the one style sheet, the municipality's name.

Law: no answer of a public page is kept on its way, and no search engine lists one.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from server.context import Context
from server.web.state import Request

HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
FOLDER = Path(__file__).parent

_templates = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


async def show(context: Context, template: str, status: int = 200, **values: Any) -> Response:
    """A template of ``templates/`` with the municipality's name."""
    settings = await context.reference_settings()
    municipality = settings.get("municipality") or "Manzana"
    text = _templates.get_template(template).render(municipality=municipality, **values)
    return HTMLResponse(text, status, HEADERS)


class Fixed:
    """A file beside this module, answered with its ETag: ``route`` is the endpoint."""

    def __init__(self, name: str, media_type: str) -> None:
        self._body = (FOLDER / name).read_bytes()
        self._etag = f'"{hashlib.sha256(self._body).hexdigest()[:24]}"'
        self._media_type = media_type

    async def answer(self, request: Request) -> Response:
        headers = {"Cache-Control": "no-cache", "ETag": self._etag}
        if request.headers.get("if-none-match") == self._etag:
            return Response(status_code=304, headers=headers)
        return Response(self._body, media_type=self._media_type, headers=headers)
