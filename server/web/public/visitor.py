"""Who writes on the public pages: a cookie that names a talk and opens nothing else.

Law: the cookie is 256 random bits, HttpOnly, and only its keyed hash is stored. A form from another site is
refused. A sender who floods is slowed, by network and in all; words of alarm have room of their own, and
whoever is refused is told 911.
"""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from server.context import Context
from server.problems import Problem
from server.web.phones.accounts import client_network
from server.web.state import Request

#: Letters of one message (office.md: messages of 65,536 characters are taken).
MOST = 65_536
#: Bytes of a form beside its photo: the longest text, each letter four bytes written as ``%XX``.
_FIELDS = MOST * 12 + 100_000
_NAME = "manzana-charla"
_LIFE = timedelta(days=30)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_PHOTOS = 3


def cookie_name(request: Request) -> str:
    return f"__Host-{_NAME}" if request.url.scheme == "https" else _NAME


def visitor(request: Request) -> str | None:
    """The cookie's token; None where there is none, or none of ours."""
    token = request.cookies.get(cookie_name(request), "")
    return token if _TOKEN.match(token) else None


def new_visitor(request: Request) -> str:
    """A new token. Raises ``too_many_requests``."""
    limits, now = request.state["context"].limits, time.monotonic()
    limits.talk.take(client_network(request), now)
    limits.talk_overall.take("", now)
    return secrets.token_urlsafe(32)


def remember(request: Request, response: Response, token: str) -> None:
    response.set_cookie(
        cookie_name(request), token, max_age=int(_LIFE.total_seconds()), path="/",
        secure=request.url.scheme == "https", httponly=True, samesite="lax",
    )  # fmt: skip


async def slow_down(request: Request, words: str) -> None:
    """Count a message. Raises ``too_many_requests``, for words of alarm only beyond a room of their own."""
    context: Context = request.state["context"]
    limits, network, now = context.limits, client_network(request), time.monotonic()
    try:
        limits.chat.take(network, now)
        limits.chat_overall.take("", now)
    except Problem:
        if not (await context.talks.knowing.now()).town.is_urgent(words[:2_000]):
            raise
        limits.chat_urgent.take(network, now)
        limits.chat_urgent_overall.take("", now)


@dataclass(slots=True)
class Sent:
    """A form's fields, the last of each name, and its photos."""

    fields: dict[str, str] = field(default_factory=dict)
    photos: list[bytes] = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.fields.get(name, "")


async def read_form(request: Request) -> Sent:
    """A form with photos. Raises ``csrf_wrong``, ``too_large``, ``bad_request``, ``form_invalid``."""
    if not _same_origin(request):
        raise Problem("csrf_wrong", "the form comes from another site")
    most = request.state["context"].settings.photo_bytes * _PHOTOS + _FIELDS
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > most:
        raise Problem("too_large", f"at most {most} bytes, with Content-Length")
    sent = Sent()
    try:
        async with request.form(max_files=_PHOTOS, max_fields=60, max_part_size=_FIELDS) as fields:
            for name, value in fields.multi_items():
                if not isinstance(value, UploadFile):
                    sent.fields[name] = value
                elif value.size:
                    if value.size > request.state["context"].settings.photo_bytes:
                        raise Problem("photo_too_large")
                    sent.photos.append(await value.read())
    except HTTPException as error:
        raise Problem("bad_request", error.detail) from None
    for name, value in sent.fields.items():
        if len(value) > MOST:
            raise Problem("form_invalid", f"{name}: at most {MOST} letters")
        # A lone surrogate is no text that can be stored.
        sent.fields[name] = value.encode("utf-8", "replace").decode()
    return sent


def _same_origin(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
