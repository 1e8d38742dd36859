"""Every answer carries its headers, every request leaves a line and a count, and neither names a person."""

from __future__ import annotations

from typing import Any, cast

import httpx2
import pytest
import structlog
from starlette.routing import Route, Router

from server.context import Context
from server.metrics import Metrics
from server.web.edge import Edge
from tests.server.conftest import add_account

pytestmark = pytest.mark.anyio


async def test_pages_and_data_carry_their_policies(http: httpx2.AsyncClient) -> None:
    page = await http.get("/gestion/entrar")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["referrer-policy"] == "no-referrer"
    data = await http.get("/api/problems")
    assert data.headers["content-security-policy"] == "default-src 'none'"
    for answer in (page, data):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "strict-transport-security" not in answer.headers
        assert "server" not in answer.headers


async def test_lines_and_counts_name_no_person(context: Context, http: httpx2.AsyncClient) -> None:
    await add_account(context, "rosa.secreta", "block_leader")
    with structlog.testing.capture_logs() as lines:
        await http.post("/api/enrol", json={"code": "12345678", "installation": "rosa.secreta"})
        await http.get("/gestion/cuentas/rosa.secreta?q=rosa.secreta")
        await http.get("/sync/mailbox/_changes", headers={"Authorization": "Bearer rosa.secreta"})
    assert [line["route"] for line in lines] == [
        "/api/enrol",
        "/gestion/cuentas/{account}",
        "/sync/mailbox/_changes",
    ]
    assert [line["code"] for line in lines] == ["installation_invalid", None, "session_unknown"]
    assert "secreta" not in repr(lines)
    assert "127.0.0.1" not in repr(lines)
    text = context.metrics.text().decode()
    assert "secreta" not in text
    assert 'manzana_refusals_total{code="session_unknown"} 1.0' in text
    assert 'manzana_requests_total{method="POST",route="/api/enrol",status="400"} 1.0' in text


async def test_an_unexpected_error_is_answered_logged_and_told_nothing() -> None:
    async def fail(request: Any) -> Any:
        raise RuntimeError("the secret inside")

    app = Edge(Router([Route("/x", fail)]), Metrics(), cast(Any, None))
    transport = httpx2.ASGITransport(app=app)
    with structlog.testing.capture_logs() as lines:
        async with httpx2.AsyncClient(transport=transport, base_url="http://x") as client:
            answer = await client.get("/x")
    assert (answer.status_code, answer.json()["error"]) == (500, "internal")
    assert "secret" not in answer.text
    assert lines[0]["event"] == "unexpected"
    assert lines[0]["request"] == lines[1]["request"]
