"""Accounts by page: made, coded, suspended, revoked; passwords changed."""

from __future__ import annotations

import re

import httpx2
import pytest

from server.context import Context
from tests.device import Pen
from tests.server.conftest import proof
from tests.server.web.office.office import PASSWORD, Outline, enter, office, post, seed

pytestmark = pytest.mark.anyio


async def test_the_desk_makes_a_field_account_and_prints_its_code(
    context: Context, desk: httpx2.AsyncClient
) -> None:
    await seed(context)
    made = await post(
        desk,
        "/gestion/cuentas/nueva",
        cuenta="luis.p",
        papel="block_leader",
        nombre="Luis <b>Pérez</b>",
        sector="s-1",
        manzanas="m-10",
        desde="2026-01-01",
        hasta="2028-12-31",
    )
    assert made.headers["location"] == "/gestion/cuentas/luis.p"
    account = context.directory.account("luis.p")
    assert account is not None
    assert account.blocks == ("m-10",)
    assert "Luis &lt;b&gt;" in (await desk.get("/gestion/cuentas/luis.p")).text
    sheet = (await post(desk, "/gestion/cuentas/luis.p/codigo")).text
    Outline.check(sheet)
    code = re.search(r'class="code">(\d{4}) (\d{4})<', sheet)
    assert code
    assert "<svg" in sheet
    pen = Pen("luis.p", "block_leader")
    done = await context.enrolment.enrol(code[1] + code[2], proof(context, pen), "0.1.0")
    assert done.account.id == "luis.p"


async def test_the_desk_cannot_make_or_touch_offices(context: Context, desk: httpx2.AsyncClient) -> None:
    await office(context, "jefe", "admin")
    made = await post(desk, "/gestion/cuentas/nueva", cuenta="otro", papel="admin", nombre="Otro")
    assert made.status_code == 403
    for path in ("", "/activa", "/clave"):
        answer = await post(desk, f"/gestion/cuentas/jefe{path}", nombre="X", activa="0", nueva="x" * 20)
        assert answer.status_code == 403
    await context.directory.refresh()
    account = context.directory.account("jefe")
    assert account is not None
    assert account.active


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"cuenta": "MAL USUARIO", "papel": "brigade", "nombre": "X", "cuadrilla": "b"}, 422),
        ({"cuenta": "a~b", "papel": "block_leader", "nombre": "X"}, 422),
        ({"cuenta": "b", "papel": "brigade", "nombre": "X"}, 422),
        ({"cuenta": "c", "papel": "block_leader", "nombre": ""}, 422),
        ({"cuenta": "d", "papel": "block_leader", "nombre": "X", "desde": "mañana"}, 422),
        ({"cuenta": "rosa", "papel": "block_leader", "nombre": "X"}, 409),
        ({"cuenta": "e", "papel": "rey", "nombre": "X"}, 403),
    ],
)
async def test_bad_forms_are_refused_with_a_sentence(
    context: Context, desk: httpx2.AsyncClient, fields: dict[str, str], status: int
) -> None:
    await seed(context)
    answer = await post(desk, "/gestion/cuentas/nueva", **fields)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text


async def test_suspending_ends_pages_and_limits_phones(context: Context, http: httpx2.AsyncClient) -> None:
    await seed(context)
    await office(context, "jefe", "admin")
    pen = Pen("rosa", "block_leader")
    code, _ = await context.enrolment.issue_code("rosa", "jefe")
    done = await context.enrolment.enrol(code, proof(context, pen), None)
    await enter(http, "jefe")
    await post(http, "/gestion/cuentas/rosa/activa", activa="0")
    assert (await context.sessions.find(done.token)).limited
    again = await post(http, "/gestion/cuentas/jefe/activa", activa="0")
    assert again.status_code == 403


async def test_revoking_a_phone_by_page(context: Context, desk: httpx2.AsyncClient) -> None:
    await seed(context)
    pen = Pen("rosa", "block_leader")
    code, _ = await context.enrolment.issue_code("rosa", "marta")
    await context.enrolment.enrol(code, proof(context, pen), None)
    await post(desk, "/gestion/cuentas/rosa/baja", instalacion=pen.installation)
    device = context.directory.device(pen.id)
    assert device is not None
    assert device.revoked_at
    assert "Baja" in (await desk.get("/gestion/cuentas/rosa")).text


async def test_ones_own_password_needs_the_old_one_and_strength(
    context: Context, desk: httpx2.AsyncClient
) -> None:
    weak = await post(desk, "/gestion/cuentas/marta/clave", anterior=PASSWORD, nueva="corta")
    assert weak.status_code == 422
    wrong = await post(desk, "/gestion/cuentas/marta/clave", anterior="no es", nueva="tres tristes tigres")
    assert wrong.status_code == 401
    done = await post(desk, "/gestion/cuentas/marta/clave", anterior=PASSWORD, nueva="tres tristes tigres")
    assert done.status_code == 303
    assert (await desk.get("/gestion/")).status_code == 303
    account = await context.enrolment.check_password("marta", "tres tristes tigres")
    assert account.id == "marta"
