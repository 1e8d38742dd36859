"""Every role against every endpoint and every other person's data: one table, and nothing outside it.

Law: ``TABLE`` has rows for every method of every route that the application serves, read from its own
route table, so a route nobody decided about fails here. What any answer of any row holds is searched for
every word its asker may not see: texts, a citizen's data, confidential matters, photos, withdrawn text.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from starlette.routing import Mount, Route

from server.accounts.model import PASSWORD_ROLES
from server.cases.folio import provisional
from server.context import Context
from server.evidence.blobstore import derivative
from server.evidence.redaction import redact_photo
from server.intake.chores import requests
from server.settings import Settings
from server.web.app import routes
from sync.interface import Engine
from tests.device import Pen
from tests.server.conftest import SetClock
from tests.server.house import ACTOR, ACTORS, CHECKIN, PAGES, PHONES, STRANGERS, TUS, House, Row
from tests.server.intake.day import SECRETS
from tests.server.intake.municipality import Municipality
from tests.server.web.phones.test_tus import OFFSET

pytestmark = pytest.mark.anyio
Json = dict[str, Any]

#: The words each meets by some road, and so all that each may meet: reports' texts (``SECRETS``), a
#: citizen's data, a photo that is shown and its original, a confidential photo, an event that is held.
SEES: dict[str, set[str]] = {
    "block_leader": {"lamp", "flood", "citizen", "shown photo"},
    "sector_leader": {"lamp", "flood", "pothole", "done", "shown photo"},
    "brigade": {"lamp", "done", "citizen", "shown photo"},
    "civil_protection": {"flood"},
    "desk_phone": {"far", "unknown", "shown photo"},
    "other_leader": {"far", "unknown"},
    "other_brigade": {"flood"},
    "desk": {"citizen", "held", "lamp", "flood", "pothole", "far", "unknown", "done", "shown photo"},
    "agency": {"flood", "pothole"},
    "auditor": {"citizen", "held", "shown photo", "original", "secret photo", *SECRETS},
}  # fmt: skip


def open_to_all(method: str, route: str, status: int, path: str = "", **more: Any) -> Row:
    return Row(method, route, path or route, {}, status, **more)


def phones(
    method: str, route: str, ok: int, *, path: str = "", allowed: Any = None, denied: int = 403,
    revoked: int = 403, **more: Any,
) -> Row:  # fmt: skip
    """A phone's endpoint: who has no device session is told so, whatever else they are."""
    allowed = {*PHONES, *STRANGERS} if allowed is None else allowed
    expect = {actor: ok if actor in allowed else denied for actor in (*PHONES, *STRANGERS)}
    return Row(method, route, path or route, {**expect, "revoked": revoked}, 401, **more)


def pages(method: str, route: str, ok: int, allowed: str, *, path: str = "", **more: Any) -> Row:
    """A page: these office roles; the others are refused; everyone else is sent to the door."""
    expect = {actor: ok if actor in allowed.split() else 403 for actor in PAGES}
    return Row(method, route, path or route, expect, 303, **more)


def act(route: str, ok: int, allowed: str, *, path: str = "", **form: str) -> Row:
    """A page's form."""
    return pages("POST", route, ok, allowed, path=path, form=form)


CHANGES = "include_docs=true&style=all_docs&attachments=true&conflicts=true&since=0&limit=1000"
DAY = "desk admin auditor"


def table(made: dict[str, str]) -> list[Row]:
    """The matrix. ``made``: ids of what the day left (reports, photos, events, phones)."""
    sha, lamp = made["photo"], made["lamp"]
    evidence = "/sync/evidence/{sha256}/{size}"
    holders = {"block_leader": 200, "sector_leader": 200, "brigade": 200}
    #: Sessions of every kind are good for photos; no session and a lost one are told so.
    door = {"nobody": 401, "expired": 401, "lapsed": 401, "revoked": 403}
    stranger = Pen("nobody", "block_leader")
    enrolling = {"installation": stranger.installation, "public_key": stranger.public_key, "app": "0.1.0"}
    account, block = "/gestion/cuentas/{account}", "/gestion/padron/{block}"
    kept = "/gestion/catalogo/{kind}/ver/{key}"
    return [
        # -- the phone's own --------------------------------------------------------------------------
        phones("GET", "/sync/mailbox/_changes", 200, path=f"/sync/mailbox/_changes?{CHANGES}"),
        phones("GET", "/sync/reference/_changes", 200, path=f"/sync/reference/_changes?{CHANGES}"),
        phones("POST", "/sync/inbox/_bulk_docs", 201, revoked=201, body={"docs": []}),
        phones("POST", "/sync/checkin", 200, revoked=200, body=CHECKIN),
        phones("GET", "/sync/custody", 200, revoked=200),
        phones("POST", "/api/courier", 400, revoked=400, body={}),
        phones("POST", "/api/codes", 201, body={"account": "lucia"}, allowed={"desk_phone", "sector_leader"}),
        phones("POST", "/api/codes", 201, body={"account": "pedro"}, allowed={"desk_phone"}),
        phones("POST", "/api/codes", 201, body={"account": "luz1"}, allowed={"desk_phone"}),
        phones("POST", "/api/codes", 201, body={"account": "jefa"}, allowed=()),
        phones("POST", "/api/codes", 404, body={"account": "no-such"}, allowed={"desk_phone"}),
        phones("POST", "/sync/evidence", 400, revoked=400, headers=TUS),
        open_to_all("OPTIONS", "/sync/evidence", 204),
        # -- an upload of somebody else -----------------------------------------------------------------
        *(
            phones(method, "/sync/evidence/{upload}", status, path=made["upload"], revoked=404,
                   allowed={"block_leader"}, denied=404, headers=TUS | more)
            for method, status, more in (
                ("HEAD", 200, {}),
                ("PATCH", 409, OFFSET | {"Upload-Offset": "5"}),
                ("POST", 405, {}),
            )
        ),
        # -- photos -------------------------------------------------------------------------------------
        *(
            Row("GET", evidence, f"/sync/evidence/{sha}/{size}{ask}",
                {**door, **holders, "auditor": 200, "desk": 200, "desk_phone": 200}, 404)
            for size in ("320", "1280") for ask in ("", f"?report={lamp}")
        ),
        Row("GET", evidence, f"/sync/evidence/{sha}/original", {**door, "auditor": 200}, 404),
        Row("GET", evidence, f"/sync/evidence/{made['secret photo']}/320", {**door, "auditor": 200}, 404),
        Row("GET", evidence, f"/sync/evidence/{made['secret photo']}/320?report={lamp}",
            {**door, "auditor": 200}, 404),
        Row("GET", evidence, f"/sync/evidence/{'0' * 64}/320", door, 404),
        Row("GET", evidence, f"/sync/evidence/{derivative(sha, 320)}/original", door, 404),
        # -- doors anybody may knock at -----------------------------------------------------------------
        open_to_all("POST", "/api/session/challenge", 200, body=enrolling),
        open_to_all("POST", "/api/enrol", 401, body={"code": "00000000", **enrolling}),
        open_to_all("POST", "/api/enrol/password", 401,
                    body={"username": ACTOR, "password": "x", **enrolling}),
        open_to_all("POST", "/api/session/challenge", 200, body={"device": made["device"]}),
        open_to_all("POST", "/api/session", 401,
                    body={"device": made["device"], "challenge": "x", "sig": "x"}),
        open_to_all("GET", "/api/problems", 200),
        open_to_all("GET", "/api/demo", 404),
        open_to_all("POST", "/api/demo/code", 404, body={"account": "lucia"}),
        open_to_all("GET", "/autoridad.crt", 404),
        open_to_all("GET", "/healthz", 200),
        Row("GET", "/metrics", "/metrics", {}, 404, headers={"Host": "manzana.example"}),
        open_to_all("GET", "/", 503),
        open_to_all("GET", "/manifest.webmanifest", 200),
        open_to_all("GET", "/assets/{path:path}", 404, "/assets/../../accounts"),
        open_to_all("GET", "/sw.js", 404),
        open_to_all("GET", "/{path:path}", 404, "/engine/engine.sqlite"),
        open_to_all("GET", "/gestion/estilo.css", 200),
        open_to_all("GET", "/gestion/teclas.js", 200),
        open_to_all("GET", "/gestion/entrar", 200),
        open_to_all("POST", "/gestion/entrar", 401, form={"usuario": ACTOR, "clave": "x"}),
        # -- the neighbour's page: whoever asks, a status, and of no report a word -------------------------
        open_to_all("GET", "/api/whatsapp", 403),
        open_to_all("POST", "/api/whatsapp", 403),
        open_to_all("GET", "/chat", 200),
        open_to_all("POST", "/chat", 303, form={"texto": "hola"}),
        open_to_all("GET", "/chat/chat.js", 200),
        open_to_all("GET", "/reportar", 200),
        open_to_all("POST", "/reportar", 422, form={"que": "hola"}),
        open_to_all("GET", "/reportar/listo", 303),
        open_to_all("GET", "/folio", 308),
        open_to_all("GET", "/folio/", 200),
        open_to_all("GET", "/folio/", 404, "/folio/?folio=999999"),
        open_to_all("GET", "/folio/estilo.css", 200),
        open_to_all("GET", "/folio/{folio}", 404, "/folio/nada"),
        *(
            open_to_all("GET", "/folio/{folio}", status, f"/folio/{provisional(made[name])}{ask}")
            for name in ("lamp", "flood", "pothole", "far", "unknown", "crime", "done")
            for status, ask in ((200, ""), (403, "?clave=00000000"))
        ),
        open_to_all("POST", "/folio/", 404, form={"folio": "nada", "acto": "agregar"}),
        *(
            open_to_all("POST", "/folio/", 403,
                        form={"folio": provisional(made[name]), "acto": "agregar", "texto": "hola", **code})
            for name in ("lamp", "crime", "done")
            for code in ({}, {"clave": "00000000"})
        ),
        open_to_all("GET", "/folio/foto/{sha256}", 404, f"/folio/foto/{sha}?folio={provisional(lamp)}"),
        open_to_all("GET", "/documentos/llaves.json", 200),
        open_to_all("GET", "/sorteos/", 200),
        open_to_all("GET", "/sorteos/{month}/{agency}.csv", 404, "/sorteos/2026-10/alumbrado.csv"),
        # -- pages --------------------------------------------------------------------------------------
        pages("GET", "/gestion/", 200, "desk agency auditor admin"),
        open_to_all("GET", "/gestion", 308),
        *(
            Row(method, "/gestion/{path:path}", "/gestion/no/existe", dict.fromkeys(PAGES, 404), 303,
                form={} if method == "POST" else None)
            for method in ("GET", "POST")
        ),
        pages("GET", "/gestion/asuntos", 200, "desk agency auditor"),
        pages("GET", "/gestion/buscar", 200, "desk agency auditor"),
        pages("GET", "/gestion/captura", 200, "desk agency"),
        pages("GET", "/gestion/cifras", 200, "desk agency auditor"),
        pages("GET", "/gestion/exportar", 422, "desk agency auditor"),
        *(
            pages("GET", "/gestion/exportar", 200, "desk agency auditor",
                  path=f"/gestion/exportar?formato={form}")
            for form in ("csv", "xlsx", "geojson")
        ),
        pages("GET", "/gestion/asuntos", 200, "desk agency auditor",
              path="/gestion/asuntos?agrupar=dependencia&ver=mapa"),
        pages("GET", "/gestion/asuntos", 200, "desk agency auditor", path="/gestion/asuntos?ver=mapa"),
        pages("GET", "/gestion/vistas", 200, "desk agency auditor"),
        act("/gestion/vistas", 422, "desk agency auditor", nombre=""),
        act("/gestion/vistas/{view}", 404, "desk agency auditor", path=f"/gestion/vistas/{lamp}"),
        pages("GET", "/gestion/mapa", 200, "desk agency"),
        pages("GET", "/gestion/colas", 200, "desk agency auditor"),
        pages("GET", "/gestion/llamadas", 200, "desk agency"),
        pages("GET", "/gestion/llamadas/{report}", 409, "desk agency", path=f"/gestion/llamadas/{lamp}x"),
        act("/gestion/llamadas/{report}", 422, "desk agency", path=f"/gestion/llamadas/{lamp}"),
        # Supervisors alone: the desk's and the agency's of this house are.
        pages("GET", "/gestion/lotes", 200, "desk agency auditor"),
        pages("GET", "/gestion/lotes/nuevo", 200, "desk agency"),
        act("/gestion/lotes/nuevo", 422, "desk agency"),
        act("/gestion/lotes/nuevo", 200, "desk agency", acto="anotar", texto="x"),
        pages("GET", "/gestion/lotes/{job}", 404, "desk agency auditor", path=f"/gestion/lotes/{lamp}"),
        act("/gestion/lotes/{job}", 404, "desk agency", path=f"/gestion/lotes/{lamp}", que="detener"),
        pages("GET", "/gestion/meses", 200, "desk agency auditor admin"),
        # The agency of the test has no document of its own: to nobody is shown what is not there.
        *(
            Row("GET", f"/gestion/meses/{{month}}/{{agency}}{rest}", f"/gestion/meses/2026-10/nada{end}",
                dict.fromkeys(PAGES, 404), 303)
            for rest, end in (("", ""), ("/{paper}", "/cierre.pdf"))
        ),
        act("/gestion/meses/{month}/{agency}/cerrar", 404, "desk admin",
            path="/gestion/meses/2026-10/nada/cerrar"),
        pages("GET", "/gestion/encuesta/{month}/{agency}", 404, "desk agency auditor",
              path="/gestion/encuesta/2026-10/nada"),
        pages("GET", "/gestion/encuesta/{month}/{agency}/{report}", 404, "desk",
              path=f"/gestion/encuesta/2026-10/nada/{lamp}"),
        act("/gestion/encuesta/{month}/{agency}/{report}", 404, "desk",
            path=f"/gestion/encuesta/2026-10/nada/{lamp}"),
        act("/gestion/meses/{month}/semilla", 303, "desk admin", path="/gestion/meses/2026-11/semilla"),
        # The busy day leaves more reports than none: their orders are printed for who may read them.
        pages("GET", "/gestion/ordenes.pdf", 200, "desk agency auditor"),
        *(
            Row("GET", "/gestion/asuntos/{report}/{paper}.pdf", f"/gestion/asuntos/{made[name]}/{paper}.pdf",
                dict.fromkeys(PAGES, 403) | {"agency": agency, "desk": desk, "auditor": auditor}, 303)
            for name, paper, agency, desk, auditor in (
                ("pothole", "orden", 200, 200, 200), ("lamp", "orden", 404, 200, 200),
                ("crime", "orden", 404, 404, 200), ("crime", "acta", 404, 404, 409),
                ("pothole", "boleto", 200, 200, 403), ("pothole", "informe", 409, 409, 409),
                ("pothole", "nada", 404, 404, 404), ("lamp", "acta", 404, 409, 409),
                ("pothole", "orden", 200, 200, 200),
            )
        ),
        act("/gestion/captura", 422, "desk agency"),
        pages("GET", "/gestion/captura/{report}", 202, "desk agency", path=f"/gestion/captura/{'0' * 36}"),
        *(
            Row("GET", "/gestion/asuntos/{report}", f"/gestion/asuntos/{made[name]}",
                dict.fromkeys(PAGES, 403) | {"agency": agency, "desk": desk, "auditor": 200}, 303)
            for name, agency, desk in (
                ("pothole", 200, 200), ("flood", 200, 200), ("lamp", 404, 200), ("crime", 404, 404),
                ("far", 404, 200),
            )
        ),
        # An act that is not offered changes nothing: the auditor and the admin may none.
        act("/gestion/asuntos/{report}/{act}", 409, "desk agency",
            path=f"/gestion/asuntos/{made['flood']}/x"),
        pages("GET", "/gestion/conversaciones", 200, "desk auditor"),
        pages("GET", "/gestion/conversaciones/cifras", 200, DAY),
        pages("GET", "/gestion/conversaciones/{channel}/{key}", 404, "desk auditor",
              path="/gestion/conversaciones/web/x"),
        *(
            act("/gestion/conversaciones/{channel}/{key}/" + name, 404, "desk",
                path=f"/gestion/conversaciones/web/x/{name}", texto="x")
            for name in ("responder", "devolver", "cerrar")
        ),
        pages("GET", "/gestion/avisos", 200, DAY),
        act("/gestion/avisos/{report}", 422, "desk", path=f"/gestion/avisos/{made['far']}", avisos=""),
        pages("GET", "/gestion/cuarentena", 200, DAY),
        pages("GET", "/gestion/cuarentena/{event}", 200, "desk auditor",
              path=f"/gestion/cuarentena/{made['held']}"),
        act("/gestion/cuarentena/fotos", 303, "desk"),
        act("/gestion/cuarentena/{event}", 303, "desk", path=f"/gestion/cuarentena/{made['held']}"),
        pages("GET", "/gestion/cuentas", 200, DAY),
        pages("GET", "/gestion/cuentas/nueva", 200, "desk admin"),
        act("/gestion/cuentas/nueva", 422, "admin", papel="auditor"),
        act("/gestion/cuentas/nueva", 422, "desk admin", papel="brigade"),
        pages("GET", account, 200, DAY, path="/gestion/cuentas/lucia"),
        act(account, 422, "desk admin", path="/gestion/cuentas/lucia"),
        act(account, 422, "admin", path="/gestion/cuentas/jefa"),
        act(account, 422, "admin", path="/gestion/cuentas/mesa"),
        act(account + "/activa", 422, "desk admin", path="/gestion/cuentas/lucia/activa"),
        act(account + "/activa", 422, "admin", path="/gestion/cuentas/irma/activa"),
        act(account + "/activa", 403, "", path="/gestion/cuentas/jefa/activa", activa="0"),
        act(account + "/codigo", 200, "desk admin", path="/gestion/cuentas/lucia/codigo"),
        act(account + "/codigo", 403, "", path="/gestion/cuentas/jefa/codigo"),
        act(account + "/baja", 422, "desk admin", path="/gestion/cuentas/lucia/baja"),
        act(account + "/baja", 422, "admin", path="/gestion/cuentas/jefa/baja"),
        act(account + "/clave", 422, "admin", path="/gestion/cuentas/irma2/clave", nueva="corta"),
        pages("GET", "/gestion/padron", 200, DAY),
        pages("GET", "/gestion/padron/exportar", 200, DAY),
        pages("GET", block, 200, DAY, path="/gestion/padron/b1"),
        act(block, 422, "desk admin", path="/gestion/padron/b1"),
        act(block + "/vacante", 404, "desk admin", path="/gestion/padron/nowhere/vacante"),
        act("/gestion/padron/propuestas/{proposal}", 422, "desk admin",
            path=f"/gestion/padron/propuestas/{lamp}"),
        pages("GET", "/gestion/auditoria", 200, "auditor admin"),
        pages("GET", "/gestion/auditoria/posiciones", 200, "auditor",
              path=f"/gestion/auditoria/posiciones?reporte={lamp}"),
        # -- persons: the desk's and the auditor's, each look on record ----------------------------------
        pages("GET", "/gestion/personas", 200, "desk auditor"),
        pages("GET", "/gestion/personas", 200, "desk auditor", path="/gestion/personas?q=nadie+as%C3%AD"),
        pages("GET", "/gestion/personas/{number}", 404, "desk auditor", path="/gestion/personas/7"),
        *(
            act(f"/gestion/personas/{{number}}/{name}", 404, "desk", path=f"/gestion/personas/7/{name}")
            for name in ("unir", "separar", "datos")
        ),
        pages("GET", "/gestion/personas/documento/{citizen}", 200, "desk auditor",
              path=f"/gestion/personas/documento/{made['citizen']}"),
        *(
            act(f"/gestion/personas/documento/{{citizen}}/{name}", status, "desk",
                path=f"/gestion/personas/documento/{citizen}/{name}")
            for name, citizen, status in (
                ("numero", lamp, 404), ("corregir", lamp, 404), ("corregir", made["citizen"], 422),
            )
        ),
        # -- the catalogue: admin changes, the auditor reads, an agency sees its own --------------------
        pages("GET", "/gestion/catalogo", 200, "agency auditor admin"),
        pages("GET", "/gestion/catalogo/historia", 200, "auditor admin"),
        act("/gestion/catalogo/deshacer", 404, "admin"),
        pages("GET", "/gestion/catalogo/solicitudes", 200, "agency auditor admin"),
        act("/gestion/catalogo/solicitudes/{asked}", 404, "admin", aceptar="si",
            path=f"/gestion/catalogo/solicitudes/{lamp}"),
        *(
            Row("GET", f"/gestion/catalogo/{{kind}}{ending}", f"/gestion/catalogo/{kind}{ending}",
                dict.fromkeys(PAGES, 403) | {"admin": 200, "auditor": 200, "agency": agency}, 303)
            for kind, agency in (("tipos", 200), ("canales", 404)) for ending in ("", "/exportar")
        ),
        pages("GET", "/gestion/catalogo/{kind}/nuevo", 200, "agency admin",
              path="/gestion/catalogo/tipos/nuevo"),
        act("/gestion/catalogo/{kind}/nuevo", 422, "agency admin", path="/gestion/catalogo/tipos/nuevo"),
        *(
            Row("GET", kept, f"/gestion/catalogo/tipos/ver/{type_}",
                dict.fromkeys(PAGES, 403) | {"admin": 200, "auditor": 200, "agency": agency}, 303)
            for type_, agency in (("bache", 200), ("lampara", 404), ("denuncia", 404))
        ),
        Row("POST", kept, "/gestion/catalogo/tipos/ver/lampara",
            dict.fromkeys(PAGES, 403) | {"admin": 409, "agency": 404}, 303, form={}),
        act(kept + "/retirar", 409, "admin", path="/gestion/catalogo/tipos/ver/bache/retirar", activo="no"),
        pages("GET", "/gestion/catalogo/{kind}/importar", 200, "admin",
              path="/gestion/catalogo/tipos/importar"),
        act("/gestion/catalogo/{kind}/importar", 415, "admin", path="/gestion/catalogo/tipos/importar"),
        act("/gestion/catalogo/{kind}/importar/aplicar", 422, "admin",
            path="/gestion/catalogo/tipos/importar/aplicar"),
        pages("GET", "/gestion/correo", 200, "desk admin"),
        act("/gestion/correo", 415, "desk admin"),
        # -- the CouchDB API, where an operator switched it on: admin by password alone -------------------
        *(
            Row(method, "/couch", f"/couch/{path}", {}, 401, body=body)
            for method, path, body in (
                ("GET", "_all_dbs", None), ("GET", "cases/_all_docs?include_docs=true", None),
                ("GET", "mailbox-lucia-1/_changes?include_docs=true", None),
                ("GET", f"cases/report:{lamp}?revs=true&open_revs=all", None),
                ("POST", "citizens/_bulk_get", {"docs": []}), ("PUT", "made", None),
                ("DELETE", "cases", None),
            )
        ),
        # -- last: what ends the asker's own session ------------------------------------------------------
        phones("DELETE", "/sync/evidence/{upload}", 204, path=made["upload"], revoked=404,
               allowed={"block_leader"}, denied=404, headers=TUS),
        pages("POST", "/gestion/salir", 303, "desk agency auditor admin", form={}),
        phones("DELETE", "/api/session", 204, revoked=204),
    ]  # fmt: skip


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, couch_api=True, hosts=("manzana.example",))


@pytest.fixture
async def house(
    context: Context, engine: Engine, settings: Settings, clock: SetClock
) -> AsyncIterator[House]:
    async with Municipality(engine, settings.data_dir) as town:
        await context.directory.refresh()
        house = House(context, town)
        await house.furnish()
        await context.register.catch_up()
        clock.advance(seconds=(town.clock.now() - clock.now()).total_seconds())
        await house.let_in()
        house.made["upload"] = await house.open_upload()
        yield house


def served_routes(context: Context) -> Iterator[tuple[str, str]]:
    """Method and path of all that is served; HEAD goes with its GET."""
    for route in routes(context):
        if isinstance(route, Mount):
            yield "*", route.path
            continue
        assert isinstance(route, Route), route
        methods = route.methods or set()
        yield from ((method, route.path) for method in methods if method != "HEAD" or "GET" not in methods)


def met(words: dict[str, list[bytes]], answer: httpx2.Response) -> set[str]:
    """Names of the words that an answer shows."""
    shown = answer.content + repr(answer.headers).encode()
    return {name for name, parts in words.items() if any(part in shown for part in parts)}


async def test_every_route_has_its_row_and_every_row_its_route(house: House) -> None:
    rows = {(row.method if row.route != "/couch" else "*", row.route) for row in table(house.made)}
    assert rows == set(served_routes(house.context))


async def met_by_all(house: House, rows: list[Row]) -> tuple[list[str], set[tuple[str, str]]]:
    """What went otherwise than the table says, and who met which word."""
    wrong, seen = [], set[tuple[str, str]]()
    for row in rows:
        for actor in ACTORS:
            answer = await house.ask(actor, row)
            what = f"{actor} {row.method} {row.path}"
            wanted = row.expect.get(actor, row.otherwise)
            if answer.status_code != wanted:
                wrong.append(f"{what}: {answer.status_code}, not {wanted}: {answer.text[:150]}")
            found = met(house.words, answer)
            seen |= {(actor, name) for name in found}
            if found - SEES.get(actor, set()):
                wrong.append(f"{what} shows {found - SEES.get(actor, set())}")
            if row.method == "GET":
                head = await house.ask(actor, replace(row, method="HEAD"))
                if (head.status_code, head.content) != (answer.status_code, b""):
                    wrong.append(f"{what} by HEAD: {head.status_code}, {len(head.content)} bytes")
    return wrong, seen


async def test_each_role_against_every_endpoint_and_everybody_elses_data(house: House) -> None:
    wrong, seen = await met_by_all(house, table(house.made))
    assert wrong == []
    # What may be seen was seen: so the words were there to be found, and the table promises no more.
    assert seen == {(actor, name) for actor, names in SEES.items() for name in names}


async def test_what_was_withdrawn_is_shown_to_nobody_by_any_road(house: House) -> None:
    """No feed, old revision or page still gives what was redacted or assigned away."""
    town, made = house.town, house.made
    databases, clock = town.databases, town.clock
    first = (await town.report(made["lamp"]))["events"][0]
    citizen = (await town.report(made["lamp"]))["citizen"]
    await requests.redact_event(databases, clock, "mesa", first, ["text"], "ARCO 1")
    await requests.redact_citizen(databases, clock, "mesa", citizen, "ARCO 2")
    await town.act("bache1", "returned", made["flood"], {"reason": "not_ours"})
    await redact_photo(databases.evidence, house.context.blobs, clock, made["photo"], "ARCO 3")
    await town.intake.run_until_idle()
    await house.context.register.catch_up()
    reading = [row for row in table(made) if row.method == "GET" and made["photo"] not in row.path]
    _, seen = await met_by_all(house, reading)
    gone = {"lamp", "citizen", "shown photo", "original"}
    assert {(actor, name) for actor, name in seen if name in gone} == set()
    assert ("other_brigade", "flood") not in seen
    assert ("block_leader", "flood") in seen, "the rest is where it was"
    _, photos = await met_by_all(house, [row for row in table(made) if made["photo"] in row.path])
    assert photos == set()


#: What a phone out of office may still ask: it delivers, checks in, signs out, and learns what to forget.
CUSTODY = {
    ("POST", "/sync/inbox/_bulk_docs"),
    ("POST", "/sync/checkin"),
    ("GET", "/sync/custody"),
    ("POST", "/api/courier"),
    ("DELETE", "/api/session"),
    ("GET", "/sync/mailbox/_changes"),
    ("POST", "/sync/evidence"),
    *((method, "/sync/evidence/{upload}") for method in ("HEAD", "PATCH", "POST", "DELETE")),
}
STATES: dict[str, Json] = {
    "ended": {"term": {"from": "2020-01-01", "until": "2020-12-31"}},
    "not_begun": {"term": {"from": "2099-01-01", "until": None}},
    "suspended": {"active": False},
    "password_changed": {"password_turn": 1},
}


async def test_out_of_office_is_out_of_power_at_every_route(house: House) -> None:
    """Each state × each asker × each row of the table, with sessions opened while still in office."""
    directory, wrong = house.context.directory, []
    open_rows = {(row.method, row.route) for row in table(house.made) if row.expect == {}}
    asked = [row for row in table(house.made) if (row.method, row.route) not in open_rows]
    accounts = {*PHONES.values(), *STRANGERS.values(), *PAGES.values()}
    stored = house.context.databases.accounts
    before = {account: await stored.get(f"account:{account}") for account in accounts}
    for state in (*STATES, "deleted"):
        await house.let_in()
        for account in accounts:
            if state == "deleted":
                await directory.remove(f"account:{account}")
            else:
                await directory.update(f"account:{account}", lambda doc, s=state: {**doc, **STATES[s]})  # type: ignore[misc]
        actors = [
            actor
            for actor, account in (PHONES | STRANGERS | PAGES).items()
            # Nobody in the field has a password.
            if state != "password_changed" or before[account]["role"] in PASSWORD_ROLES
        ]
        assert actors
        # Whose password changed may be back at once: such a phone is told nothing, not even what is gone.
        held = CUSTODY - {("GET", "/sync/mailbox/_changes")} if state == "password_changed" else CUSTODY
        for row in asked:
            for actor in actors:
                answer = await house.ask(actor, row)
                what = f"{state} {actor} {row.method} {row.path}: {answer.status_code}"
                custody = (row.method, row.route) in held and actor not in PAGES and state != "deleted"
                shut = answer.status_code in {401, 403} or (
                    answer.status_code == 303 and answer.headers["location"].startswith("/gestion/entrar")
                )
                if shut == custody or answer.status_code >= 500:
                    wrong.append(what)
                if found := met(house.words, answer):
                    wrong.append(f"{what} shows {found}")
        for account, doc in before.items():
            if state == "deleted":
                await directory.create({name: value for name, value in doc.items() if name != "_rev"})
            else:
                members = {"term": doc.get("term"), "active": True, "password_turn": 0}
                await directory.update(f"account:{account}", lambda doc, m=members: {**doc, **m})  # type: ignore[misc]
    assert wrong == []
