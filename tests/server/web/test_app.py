"""Doors: routes by their path at once, and the others as ever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from server.web.app import Doors


def door(name: str, path: str, methods: list[str] | None = None) -> Route:
    async def say(request: Request) -> Response:
        return PlainTextResponse(f"{name} {request.path_params}")

    return Route(path, say, methods=methods or ["GET"], name=name)


async def ask(doors: Doors, path: str, method: str = "GET") -> tuple[int, str, Any]:
    sent: list[dict[str, Any]] = []
    scope: dict[str, Any] = {
        "type": "http", "path": path, "root_path": "", "method": method, "headers": [], "query_string": b"",
        "app": object(),
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    await doors(scope, receive, send)
    return sent[0]["status"], sent[1]["body"].decode(), scope["route"].path


DOORS = Doors(
    [door("own", "/a/{id}"), door("late", "/a/b"), door("exact", "/c"), door("rest", "/{path:path}")]
)


def test_a_path_of_its_own_is_found_at_once() -> None:
    assert asyncio.run(ask(DOORS, "/c")) == (200, "exact {}", "/c")


def test_an_earlier_pattern_keeps_what_it_takes() -> None:
    assert asyncio.run(ask(DOORS, "/a/b")) == (200, "own {'id': 'b'}", "/a/{id}")


def test_what_no_path_names_is_tried_in_order() -> None:
    assert asyncio.run(ask(DOORS, "/d/e")) == (200, "rest {'path': 'd/e'}", "/{path:path}")


def test_another_method_is_refused_as_ever() -> None:
    with pytest.raises(HTTPException) as refused:
        asyncio.run(ask(Doors([door("exact", "/c", ["POST"])]), "/c"))
    assert refused.value.status_code == 405
