"""Reading what a request carries, within limits, and answering JSON.

Law: no body is read beyond its limit, and what is not a JSON object is refused before any handler sees it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from server.documents.depth import DEPTH, is_deeper
from server.problems import Problem
from server.web.state import Request

#: Bytes of an ordinary request: enrolments, sessions, forms. Pushes and uploads have limits of their own.
SMALL = 64_000


async def read_body(request: Request, limit: int = SMALL) -> bytes:
    """The body. Raises ``too_large`` as soon as it passes ``limit`` bytes, declared or not."""
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdecimal() and int(declared) > limit:
        raise Problem("too_large", f"at most {limit} bytes")
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                raise Problem("too_large", f"at most {limit} bytes")
            parts.append(part)
    except ClientDisconnect:
        raise Problem("bad_request", "the client went away") from None
    return b"".join(parts)


async def read_object(request: Request, limit: int = SMALL) -> dict[str, Any]:
    """The JSON object of the body. Raises ``too_large`` or ``bad_request``."""
    try:
        value = orjson.loads(await read_body(request, limit))
    except orjson.JSONDecodeError as error:
        raise Problem("bad_request", f"the body is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise Problem("bad_request", "a JSON object is needed")
    if is_deeper(value):
        raise Problem("bad_request", f"nested deeper than {DEPTH} levels")
    return value


def answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer that nothing on the way stores."""
    return Response(
        orjson.dumps(value),
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def refusal(problem: Problem) -> Response:
    """The one shape of a refusal."""
    return answer(problem.as_json(), problem.status, problem.headers)


async def read_form(request: Request) -> dict[str, str]:
    """The fields of an ``application/x-www-form-urlencoded`` body. Raises ``bad_request``."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Problem("unsupported_media", "a form is needed")
    try:
        text = (await read_body(request)).decode()
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200, strict_parsing=bool(text)))
    except ValueError as error:
        raise Problem("bad_request", str(error)) from None
