"""Accounts by page: made, coded, suspended, revoked; passwords changed."""

from __future__ import annotations

import html
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
    assert re.search(r'id="nueva"[^>]*aria-invalid', weak.text)
    Outline.check(weak.text)
    wrong = await post(desk, "/gestion/cuentas/marta/clave", anterior="no es", nueva="tres tristes tigres")
    assert wrong.status_code == 401
    assert re.search(r'id="anterior"[^>]*aria-invalid', wrong.text)
    assert "tres tristes" not in wrong.text, "no password is ever sent back"
    done = await post(desk, "/gestion/cuentas/marta/clave", anterior=PASSWORD, nueva="tres tristes tigres")
    assert done.status_code == 303
    assert (await desk.get("/gestion/")).status_code == 303
    account = await context.enrolment.check_password("marta", "tres tristes tigres")
    assert account.id == "marta"


@pytest.mark.parametrize(
    ("field", "fields", "sentence"),
    [
        ("manzanas", {"manzanas": "m-999"}, "No hay una manzana «m-999» en el padrón."),
        ("sector", {"sector": "s-99"}, "Elija de la lista."),
        ("manzanas", {"sector": "s-2", "manzanas": "m-1"}, "Esas manzanas no son del cuartel elegido."),
        ("manzanas", {"manzanas": "m-1, x-1"}, "Esas manzanas son de cuarteles distintos."),
        ("dependencia", {"dependencia": "nadie"}, "Elija de la lista."),
        ("cuadrilla", {"cuadrilla": "obras/nadie"}, "Elija de la lista."),
        ("cuadrilla", {"papel": "brigade"}, "Elija la brigada."),
        (
            "cuadrilla",
            {"papel": "brigade", "cuadrilla": "obras/b-1", "dependencia": "luz"},
            "otra dependencia",
        ),
        ("hasta", {"desde": "2026-05-01", "hasta": "2026-04-01"}, "El periodo termina antes de empezar."),
        ("telefono", {"telefono": "mi número"}, "Escriba sólo los números"),
        ("nombre", {"nombre": ""}, "Falta este dato."),
        ("cuenta", {"cuenta": "rosa"}, "Ese usuario ya existe"),
    ],
)
async def test_a_refused_form_keeps_what_was_typed_and_marks_its_field(
    context: Context, desk: httpx2.AsyncClient, field: str, fields: dict[str, str], sentence: str
) -> None:
    await seed(context)
    await seed_agencies(context)
    typed = {
        "cuenta": "luis.p",
        "papel": "block_leader",
        "nombre": "Luis Pérez",
        "desde": "2026-01-01",
        **fields,
    }
    answer = await post(desk, "/gestion/cuentas/nueva", **typed)
    assert answer.status_code in (409, 422)
    Outline.check(answer.text)
    text = html.unescape(answer.text)
    assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', text), text
    assert sentence in text
    for name, value in typed.items():
        if name in ("papel", "sector", "dependencia", "cuadrilla"):
            offered = re.search(rf'<select id="{name}".*?</select>', text, re.DOTALL)
            assert offered
            assert f'value="{value}" selected' in offered[0] or f'value="{value}"' not in offered[0]
        else:
            assert re.search(rf'id="{name}"[^>]*value="{re.escape(value)}"', text), name
    assert context.directory.account("luis.p") is None


async def seed_agencies(context: Context) -> None:
    await context.databases.registry.put({"_id": "sector:s-2", "name": "Sector 2"})
    await context.databases.registry.put({"_id": "block:x-1", "name": "Manzana 1", "sector": "s-2"})
    for key in ("obras", "luz"):
        named = [{"id": "b-1", "name": f"Cuadrilla {key}"}]
        doc = {"_id": f"agency:{key}", "name": f"Dirección {key}", "short": key, "departments": named}
        await context.databases.reference.put({**doc, "brigades": named})


async def test_a_scope_is_chosen_and_shown_by_its_names(context: Context, desk: httpx2.AsyncClient) -> None:
    await seed(context)
    await seed_agencies(context)
    await post(
        desk,
        "/gestion/cuentas/nueva",
        cuenta="ana",
        papel="block_leader",
        nombre="Ana",
        manzanas="Manzana 1, 10",
        sector="s-1",
    )
    await post(
        desk, "/gestion/cuentas/nueva", cuenta="cuad", papel="brigade", nombre="Cuad", cuadrilla="obras/b-1"
    )
    ana, crew = context.directory.account("ana"), context.directory.account("cuad")
    assert ana is not None
    assert crew is not None
    assert (ana.blocks, ana.sector) == (("m-1", "m-10"), "s-1")
    assert (crew.agency, crew.brigade) == ("obras", "b-1")
    listed = (await desk.get("/gestion/cuentas")).text
    assert "Sector 1 · Manzana 1, Manzana 10" in listed
    assert "Dirección obras · Cuadrilla obras" in listed
    page = (await desk.get("/gestion/cuentas/ana")).text
    assert 'value="Manzana 1, Manzana 10"' in page
    # Saved as it stands, nothing changes; a mistake in an edit keeps the input too.
    stands = {"nombre": "Ana", "sector": "s-1", "manzanas": "Manzana 1, Manzana 10"}
    assert (await post(desk, "/gestion/cuentas/ana", **stands)).status_code == 303
    wrong = await post(desk, "/gestion/cuentas/ana", **{**stands, "nombre": "Ana María", "manzanas": "m-999"})
    assert wrong.status_code == 422
    assert 'value="Ana María"' in wrong.text
    again = context.directory.account("ana")
    assert again is not None
    assert (again.name, again.blocks) == ("Ana", ("m-1", "m-10"))


async def test_a_path_that_leads_nowhere_is_a_page(context: Context, desk: httpx2.AsyncClient) -> None:
    for path in ("/gestion/no/existe", "/gestion/padron/x/y", "/gestion/cuentas/nadie"):
        answer = await desk.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
        Outline.check(answer.text)
    assert (await desk.get("/gestion")).headers["location"] == "/gestion/"


async def test_the_right_to_supervise_is_the_administrators_to_give(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await seed(context)
    sector = await context.databases.registry.get("sector:s-1")
    await context.databases.registry.put({**sector, "delegation": "Cerro Gordo"})
    await office(context, "jefa", "admin")
    await office(context, "mesa1", "desk")
    await office(context, "irma", "auditor")
    await enter(http, "jefa")

    async def saved(account: str, **fields: str) -> None:
        answer = await post(http, f"/gestion/cuentas/{account}", nombre=account.title(), **fields)
        assert answer.status_code == 303, answer.text
        await context.directory.refresh()

    await saved("mesa1", supervisa="si", delegacion="Cerro Gordo")
    account = context.directory.account("mesa1")
    assert account
    assert (account.supervisor, account.delegation) == (True, "Cerro Gordo")
    page = (await http.get("/gestion/cuentas/mesa1")).text
    Outline.check(page)
    assert 'value="Cerro Gordo" selected' in page
    await saved("mesa1", supervisa="", delegacion="")
    account = context.directory.account("mesa1")
    assert account
    assert (account.supervisor, account.delegation) == (False, None)
    # Of other roles it is no right: the form says nothing of it, and what is sent all the same does nothing.
    await saved("irma", supervisa="si", delegacion="x")
    account = context.directory.account("irma")
    assert account
    assert not account.supervisor
    assert "supervisa" not in (await http.get("/gestion/cuentas/irma")).text


async def test_a_courier_form_without_its_file_comes_back(context: Context, desk: httpx2.AsyncClient) -> None:
    page = (await desk.get("/gestion/correo")).text
    token = re.search(r'name="token" value="([0-9a-f]+)"', page)
    assert token
    answer = await desk.post("/gestion/correo", files={"token": (None, token[1])})
    assert answer.status_code == 422
    assert re.search(r'id="archivo"[^>]*aria-invalid', answer.text)
    Outline.check(answer.text)


async def test_an_admins_refused_password_for_another_is_marked(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await office(context, "jefa", "admin")
    await office(context, "irma", "auditor")
    await enter(http, "jefa")
    answer = await post(http, "/gestion/cuentas/irma/clave", nueva="corta")
    assert answer.status_code == 422
    assert re.search(r'id="nueva"[^>]*aria-invalid', answer.text)
