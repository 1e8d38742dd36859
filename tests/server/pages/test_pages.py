"""The office's pages: who enters, what each role is given, what a form may change."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import httpx2
import pytest

from server.accounts.passwords import hash_password
from server.app import make_app
from server.context import Context
from server.pages.login import safe_target
from tests.device import Pen
from tests.server.conftest import SetClock, add_account

pytestmark = pytest.mark.anyio
PASSWORD = "nopal azul 2026 !"
Json = dict[str, Any]
#: The password hashed once for all tests: each time takes 64 MiB and a tenth of a second.
HASHED: list[str] = []


async def office(context: Context, account: str, role: str, **members: Any) -> None:
    if not HASHED:
        HASHED.append(await hash_password(PASSWORD))
    await add_account(context, account, role, password=HASHED[0], **members)


async def enter(http: httpx2.AsyncClient, account: str) -> None:
    answer = await http.post("/gestion/entrar", data={"usuario": account, "clave": PASSWORD})
    assert answer.status_code == 303, answer.text


async def token(http: httpx2.AsyncClient) -> str:
    text = (await http.get("/gestion/")).text
    found = re.search(r'name="token" value="([0-9a-f]+)"', text)
    assert found
    return found[1]


async def post(http: httpx2.AsyncClient, path: str, **fields: str) -> httpx2.Response:
    return await http.post(path, data={"token": await token(http), **fields})


@pytest.fixture
async def desk(context: Context, http: httpx2.AsyncClient) -> httpx2.AsyncClient:
    await office(context, "marta", "desk")
    await enter(http, "marta")
    return http


async def seed(context: Context) -> None:
    """Two blocks of a sector, one led by Rosa."""
    await context.databases.reference.put(
        {
            "_id": "settings",
            "municipality": "San Jacinto",
            "timezone": "America/Mexico_City",
            "folio_prefix": "SJ",
        }
    )
    await add_account(context, "rosa", "block_leader", sector="s-1", blocks=["m-1", "m-2"])
    for number in ("1", "2", "10"):
        await context.databases.registry.put(
            {"_id": f"block:m-{number}", "name": f"Manzana {number}", "sector": "s-1", "leader": "rosa"}
        )
    await context.databases.registry.put({"_id": "sector:s-1", "name": "Sector 1"})
    await context.databases.registry.put(
        {
            "_id": "leader:rosa",
            "schema": "leader.v1",
            "name": "Rosa",
            "blocks": ["m-1", "m-2"],
            "sector": "s-1",
            "status": "active",
            "term": None,
            "account": "rosa",
        }
    )


# -- the door ------------------------------------------------------------------------------------------


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


# -- roles -----------------------------------------------------------------------------------------------

PATHS = {
    "/gestion/": {"desk", "admin", "auditor", "agency"},
    "/gestion/avisos": {"desk", "admin", "auditor"},
    "/gestion/cuarentena": {"desk", "admin", "auditor"},
    "/gestion/padron": {"desk", "admin", "auditor"},
    "/gestion/padron/m-1": {"desk", "admin", "auditor"},
    "/gestion/cuentas": {"desk", "admin", "auditor"},
    "/gestion/cuentas/rosa": {"desk", "admin", "auditor"},
    "/gestion/cuentas/nueva": {"desk", "admin"},
    "/gestion/correo": {"desk", "admin"},
    "/gestion/auditoria": {"auditor", "admin"},
    "/gestion/auditoria/posiciones": {"auditor"},
}


@pytest.mark.parametrize("role", ["desk", "admin", "auditor", "agency"])
async def test_each_role_is_given_its_pages_and_no_other(
    context: Context, http: httpx2.AsyncClient, role: str
) -> None:
    await seed(context)
    await office(context, "oficina", role, agency="obras" if role == "agency" else None)
    await enter(http, "oficina")
    for path, roles in PATHS.items():
        answer = await http.get(path)
        assert answer.status_code == (200 if role in roles else 403), path
        Outline.check(answer.text)


class Outline(HTMLParser):
    """Every control has its label, every page a language, a heading and a title."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: set[str] = set()
        self.controls: list[str] = []
        self.tags: list[str] = []
        self.lang = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if tag == "html":
            self.lang = given.get("lang") or ""
        if tag == "label":
            self.labels.add(given.get("for") or "")
        if tag in {"input", "select", "textarea"} and given.get("type") != "hidden":
            self.controls.append(given.get("id") or "?")
        assert "style" not in given, "inline styles do not pass the policy"
        assert not any(name.startswith("on") for name in given)

    @classmethod
    def check(cls, text: str) -> None:
        page = cls()
        page.feed(text)
        assert page.lang == "es-MX"
        assert page.tags.count("h1") == 1
        assert "title" in page.tags
        assert "script" not in page.tags
        assert set(page.controls) <= page.labels


# -- accounts --------------------------------------------------------------------------------------------


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
    done = await context.enrolment.enrol(code[1] + code[2], pen.installation, pen.public_key, "0.1.0")
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
    done = await context.enrolment.enrol(code, pen.installation, pen.public_key, None)
    await enter(http, "jefe")
    await post(http, "/gestion/cuentas/rosa/activa", activa="0")
    assert (await context.sessions.find(done.token)).limited
    again = await post(http, "/gestion/cuentas/jefe/activa", activa="0")
    assert again.status_code == 403


async def test_revoking_a_phone_by_page(context: Context, desk: httpx2.AsyncClient) -> None:
    await seed(context)
    pen = Pen("rosa", "block_leader")
    code, _ = await context.enrolment.issue_code("rosa", "marta")
    await context.enrolment.enrol(code, pen.installation, pen.public_key, None)
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


# -- padrón ------------------------------------------------------------------------------------------------


async def test_the_padron_lists_blocks_in_order_and_filters(
    context: Context, desk: httpx2.AsyncClient
) -> None:
    await seed(context)
    text = (await desk.get("/gestion/padron")).text
    assert re.findall(r"padron/(m-\d+)\"", text) == ["m-1", "m-2", "m-10"]
    assert "Vacante: 1" in text
    vacant = (await desk.get("/gestion/padron?estado=vacant")).text
    assert re.findall(r"padron/(m-\d+)\"", vacant) == ["m-10"]


async def test_succession_moves_the_block_and_the_last_one_ends_the_term(
    context: Context, desk: httpx2.AsyncClient
) -> None:
    await seed(context)
    named = await post(
        desk, "/gestion/padron/m-1", nombre="Ana Ñúñez", telefono="662 555 0199", hasta="2029-12-31"
    )
    assert named.headers["location"] == "/gestion/cuentas/ana.nunez"
    rosa, ana = context.directory.account("rosa"), context.directory.account("ana.nunez")
    assert rosa is not None
    assert ana is not None
    assert (rosa.blocks, ana.blocks, ana.sector) == (("m-2",), ("m-1",), "s-1")
    assert (await context.databases.registry.get("block:m-1"))["leader"] == "ana.nunez"
    assert (await context.databases.registry.get("leader:rosa"))["blocks"] == ["m-2"]
    await post(desk, "/gestion/padron/m-2", cuenta="ana.nunez", nombre="")
    rosa, ana = context.directory.account("rosa"), context.directory.account("ana.nunez")
    assert rosa is not None
    assert ana is not None
    assert ana.blocks == ("m-1", "m-2")
    assert not rosa.in_office("2026-11-23")
    await post(desk, "/gestion/padron/m-1/vacante")
    assert (await context.databases.registry.get("block:m-1"))["leader"] is None
    assert (await context.databases.registry.get("leader:ana.nunez"))["blocks"] == ["m-2"]


async def propose(context: Context, action: str = "appoint") -> str:
    citizen = "citizen:018f0000-0000-7000-8000-000000000009:" + "a" * 64
    await context.databases.citizens.put({"_id": citizen, "content": {"name": "Eva Ruiz", "phone": "662 1"}})
    await context.databases.registry.put(
        {
            "_id": "proposal:p1",
            "schema": "proposal.v1",
            "block": "m-10",
            "action": action,
            "citizen": citizen,
            "text": "La conoce la cuadra",
            "by": "sara",
            "at": "2026-11-20T10:00:00.000Z",
            "status": "pending",
        }
    )
    return "p1"


async def test_an_approved_proposal_appoints_whom_it_named(
    context: Context, desk: httpx2.AsyncClient
) -> None:
    await seed(context)
    await propose(context)
    text = (await desk.get("/gestion/padron")).text
    assert "Eva Ruiz" in text
    done = await post(desk, "/gestion/padron/propuestas/p1", resolucion="approved")
    assert done.status_code == 303
    doc = await context.databases.registry.get("proposal:p1")
    assert (doc["status"], doc["decided_by"], doc["account"]) == ("approved", "marta", "eva.ruiz")
    eva = context.directory.account("eva.ruiz")
    assert eva is not None
    assert eva.blocks == ("m-10",)
    again = await post(desk, "/gestion/padron/propuestas/p1", resolucion="approved")
    assert again.status_code == 409


async def test_approving_again_after_a_crash_makes_nobody_twice(
    context: Context, desk: httpx2.AsyncClient
) -> None:
    await seed(context)
    await propose(context)
    await post(desk, "/gestion/padron/propuestas/p1", resolucion="approved")
    doc = await context.databases.registry.get("proposal:p1")
    await context.databases.registry.put({**doc, "status": "pending"})
    await post(desk, "/gestion/padron/propuestas/p1", resolucion="approved")
    assert [account.id for account in context.directory.accounts()] == ["eva.ruiz", "marta", "rosa"]


async def test_a_rejected_proposal_changes_nothing_else(context: Context, desk: httpx2.AsyncClient) -> None:
    await seed(context)
    await propose(context)
    await post(desk, "/gestion/padron/propuestas/p1", resolucion="rejected", motivo="No vive ahí")
    doc = await context.databases.registry.get("proposal:p1")
    assert (doc["status"], doc["decision_text"]) == ("rejected", "No vive ahí")
    assert context.directory.account("eva.ruiz") is None


# -- what waits, and who looked
# -------------------------------------------------------------------------------


async def test_looking_at_a_held_event_is_on_record(context: Context, desk: httpx2.AsyncClient) -> None:
    receipt = {
        "_id": "018f0000-0000-7000-8000-000000000001",
        "event": {"kind": "noted", "payload": {"text": "<i>"}},
    }
    await context.databases.inbox.put(receipt)
    await context.databases.cases.put(
        {
            "_id": "quarantine:e1",
            "event": "event:a:e1",
            "code": "signature_wrong",
            "message": "No se pudo.",
            "reason": "why",
            "at": "2026-11-20T10:00:00.000Z",
            "actor": "rosa",
            "device": "rosa~x",
            "receipt": receipt["_id"],
        }
    )
    assert "No se pudo." in (await desk.get("/gestion/cuarentena")).text
    text = (await desk.get("/gestion/cuarentena/e1")).text
    assert "&lt;i&gt;" in text
    lines = await context.audit.newest()
    assert [(line["account"], line["what"]) for line in lines] == [("marta", "held_event")]


async def test_exact_positions_are_the_auditors_and_each_look_is_on_record(
    context: Context, http: httpx2.AsyncClient
) -> None:
    await office(context, "irma", "auditor")
    report = "018f0000-0000-7000-8000-000000000001"
    event = {
        "kind": "finished",
        "actor": "c-1",
        "occurred_at": "2026-11-20T10:00:00.000Z",
        "position": {"source": "gps", "lat": 29.0731, "lon": -110.9559, "accuracy": 7},
    }
    await context.databases.cases.put({"_id": f"record:{report}:x", "admission": 1, "event": event})
    context.settings.data_dir.mkdir(parents=True, exist_ok=True)
    (context.settings.data_dir / "folios.ledger").write_text(f"12 {report}\n", encoding="ascii")
    await enter(http, "irma")
    text = (await http.get("/gestion/auditoria/posiciones?reporte=SJ-000012")).text
    assert "29.0731, -110.9559" in text
    assert [line["subject"] for line in await context.audit.newest()] == [f"report:{report}"]
    assert (await http.get("/gestion/auditoria/posiciones?reporte=SJ-000013")).status_code == 404
    assert "Vio posiciones exactas" in (await http.get("/gestion/auditoria")).text
