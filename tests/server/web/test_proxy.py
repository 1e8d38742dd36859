"""Behind a proxy: its word on scheme and client counts, the client's own does not."""

from __future__ import annotations

from dataclasses import replace

import httpx2
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from server.context import Context
from server.web.app import make_app
from server.web.proxy import BehindProxy

pytestmark = pytest.mark.anyio


def through(context: Context) -> httpx2.AsyncClient:
    context.settings = replace(context.settings, origin="http://manzana.example")
    transport = httpx2.ASGITransport(app=BehindProxy(make_app(context)), client=("127.0.0.1", 5000))
    return httpx2.AsyncClient(transport=transport, base_url="http://manzana.example")


async def test_the_scheme_is_the_proxys(context: Context) -> None:
    async with through(context) as client:
        secure = await client.get("/healthz", headers={"X-Forwarded-Proto": "https"})
        assert "strict-transport-security" in secure.headers
        for plain in ({}, {"X-Forwarded-Proto": "http"}, {"X-Forwarded-Proto": "https,gopher"}):
            answer = await client.get("/healthz", headers=plain)
            assert answer.status_code == 200
            assert "strict-transport-security" not in answer.headers


async def test_a_guesser_cannot_choose_the_address_that_is_counted(context: Context) -> None:
    body = {"code": "00000000", "installation": "x", "public_key": {}}
    async with through(context) as client:
        seen = []
        for number in range(12):
            # A proxy appends what it saw to what the client sent, in one line or in two.
            lines = [("X-Forwarded-For", f"198.51.100.{number}"), ("X-Forwarded-For", "203.0.113.9")]
            one = [("X-Forwarded-For", f"198.51.100.{number}, 203.0.113.9")]
            answer = await client.post("/api/enrol", json=body, headers=one if number % 2 else lines)
            seen.append(answer.status_code)
        assert seen[9] != 429
        assert seen[10:] == [429, 429]
        other = await client.post("/api/enrol", json=body, headers={"X-Forwarded-For": "203.0.113.10"})
        assert other.status_code != 429


@pytest.mark.parametrize("value", ["", "unknown", "203.0.113.9,", "_hidden", "203.0.113.9 evil"])
async def test_what_is_no_address_changes_nothing(value: str) -> None:
    clients = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        clients.append(scope["client"])
        await PlainTextResponse("")(scope, receive, send)

    transport = httpx2.ASGITransport(app=BehindProxy(app), client=("127.0.0.1", 5000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://manzana.example") as client:
        await client.get("/", headers={"X-Forwarded-For": value})
    assert clients == [("127.0.0.1", 5000)]
