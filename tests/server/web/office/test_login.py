"""The door of the pages: sessions, cookies, tokens and where one is sent after."""

from __future__ import annotations

from dataclasses import replace

import httpx2
import pytest

from server.context import Context
from server.web.app import make_app
from server.web.office.login import safe_target
from tests.server.conftest import SetClock
from tests.server.web.office.office import PASSWORD, office, post, seed, token

pytestmark = pytest.mark.anyio


async def test_pages_ask_for_a_session_and_come_back_after_it(
    context: Context, http: httpx2.AsyncClient
) -> None:
    answer = await http.get("/gestion/padron?estado=vacant")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/gestion/entrar?despues=/gestion/padron%3Festado%3Dvacant"
    await office(context, "marta", "desk")
    form = {"usuario": "marta", "clave": PASSWORD, "despues": "/gestion/padron?estado=vacant"}
    entered = await http.post("/gestion/entrar", data=form)
    assert entered.headers["location"] == "/gestion/padron?estado=vacant"
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie


async def test_over_tls_the_cookie_is_secure_and_bound_to_the_host(context: Context) -> None:
    await office(context, "marta", "desk")
    context.settings = replace(context.settings, origin="https://manzana.example")
    transport = httpx2.ASGITransport(app=make_app(context))
    async with httpx2.AsyncClient(transport=transport, base_url="https://manzana.example") as https:
        entered = await https.post("/gestion/entrar", data={"usuario": "marta", "clave": PASSWORD})
        cookie = entered.headers["set-cookie"]
        assert cookie.startswith("__Host-")
        assert "; Secure" in cookie
        assert entered.headers["strict-transport-security"] == "max-age=31536000"
        assert (await https.get("/gestion/")).status_code == 200


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/gestion/padron", "/gestion/padron"),
        ("https://malo.example/", "/gestion/"),
        ("//malo.example", "/gestion/"),
        ("/gestion/\\malo", "/gestion/"),
        ("/gestion/\r\nSet-Cookie: a=b", "/gestion/"),
        (None, "/gestion/"),
    ],
)
async def test_nobody_is_sent_to_another_site(asked: str | None, given: str) -> None:
    assert safe_target(asked) == given


async def test_wrong_passwords_are_told_and_foreign_forms_refused(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await office(context, "marta", "desk")
    wrong = await http.post("/gestion/entrar", data={"usuario": "marta", "clave": "otra"})
    assert wrong.status_code == 401
    assert "no son correctos" in wrong.text
    form = {"usuario": "marta", "clave": PASSWORD}
    foreign = await http.post("/gestion/entrar", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    older = await http.post("/gestion/entrar", data=form, headers={"Origin": "https://malo.example"})
    assert older.status_code == 403


async def test_leaving_ends_the_session_on_the_server(desk: httpx2.AsyncClient) -> None:
    cookies = dict(desk.cookies)
    assert (await post(desk, "/gestion/salir")).status_code == 303
    desk.cookies.update(cookies)
    assert (await desk.get("/gestion/")).status_code == 303


async def test_a_page_session_ends_after_its_time(desk: httpx2.AsyncClient, clock: SetClock) -> None:
    assert (await desk.get("/gestion/")).status_code == 200
    clock.advance(minutes=481)
    assert (await desk.get("/gestion/")).status_code == 303


async def test_forms_need_the_token_of_their_session(context: Context, desk: httpx2.AsyncClient) -> None:
    await seed(context)
    for given in ({"x": ""}, {"token": "0" * 64}, {"token": ""}):
        answer = await desk.post("/gestion/cuentas/rosa/codigo", data=given)
        assert answer.status_code == 403
    answer = await desk.post(
        "/gestion/cuentas/rosa/codigo",
        data={"token": await token(desk)},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403
    smuggled = await desk.post("/gestion/cuentas/rosa/codigo", files={"archivo": ("x", b"x")})
    assert smuggled.status_code == 415
    assert context.directory.documents("code") == []
