"""``POST /sync/inbox/_bulk_docs``: what phones push (docs/gateway.md).

Law CUSTODY-1: pushes are never shed and never rate limited, and only the shape of the request can refuse one
whole.
"""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

from server.inbox.taking import MOST_DOCS
from server.problems import Problem
from server.web.authentication import authenticate
from server.web.bodies import answer, read_body
from server.web.state import Request

#: Bytes of one push (docs/gateway.md).
MOST_BYTES = 4_000_000


async def push(request: Request) -> Response:
    """``POST /sync/inbox/_bulk_docs``: 201 with a row for each document, in order."""
    context = request.state["context"]
    session = await authenticate(request, "deliver")
    docs = _read(await read_body(request, MOST_BYTES))
    return answer(await context.inbox.take(session, docs), 201)


def _read(body: bytes) -> list[Any]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem("push_malformed", f"the body is not JSON: {error}") from None
    docs = value.get("docs") if isinstance(value, dict) else None
    if not isinstance(docs, list) or len(docs) > MOST_DOCS:
        raise Problem("push_malformed")
    if value.get("new_edits", True) is not True:
        raise Problem("push_malformed", "new_edits must be true or absent")
    return docs
