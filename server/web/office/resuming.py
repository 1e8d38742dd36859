"""What was typed when a session had ended: kept in the login's form, and sent on after entering.

Law: nothing typed is lost with a session, and nothing is stored for who has not entered; what is kept is in
the browser's own page. It is sent on by its author's own click. Only forms that the browser says come from
these pages are kept.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from server.problems import Problem
from server.web.bodies import read_form
from server.web.state import Request

#: Names of what is kept begin so in the login's form.
PREFIX = "guardado-"
#: Fields that belong to the session that ended.
_OWN = frozenset({"token"})
#: Bytes of a form with its photos, which are not kept.
_MOST = 40_000_000


def _from_these_pages(request: Request) -> bool:
    """Only a browser that says so: a form of another site must not come back as one's own words."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")


async def typed(request: Request) -> dict[str, str]:
    """The words of a form that came without a session; none where there is nothing to keep."""
    if not _from_these_pages(request):
        return {}
    try:
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            length = request.headers.get("content-length", "")
            if not length.isdecimal() or int(length) > _MOST:
                return {}
            async with request.form(max_files=3, max_fields=200) as fields:
                found = {
                    name: value for name, value in fields.multi_items() if not isinstance(value, UploadFile)
                }
        else:
            found = await read_form(request)
    except (Problem, HTTPException):
        return {}
    return {name: value for name, value in found.items() if name not in _OWN and value}


def kept(form: dict[str, str]) -> dict[str, str]:
    """What a login's form carries on, by the names it had."""
    return {name.removeprefix(PREFIX): value for name, value in form.items() if name.startswith(PREFIX)}
