"""Who looks at people's data is on record before it is shown; a page nobody decided about fails here."""

from __future__ import annotations

import httpx2
import pytest
from starlette.routing import Route

from server.context import Context
from server.web.office.auditing import WHAT_NAMES
from server.web.office.routes import ROUTES
from tests.server.web.office.office import enter, office, seed

pytestmark = pytest.mark.anyio

#: Pages whose reading needs no line: forms and figures, or an agency's own work, or what records by itself.
UNRECORDED = {
    "/gestion/": "figures",
    "/gestion/estilo.css": "style",
    "/gestion/entrar": "form",
    "/gestion/correo": "form",
    "/gestion/cuentas/nueva": "form",
    "/gestion/cuarentena": "ids and reasons; each event's own page records",
    "/gestion/cuarentena/{event}": "records by itself",
    "/gestion/auditoria": "the record itself",
    "/gestion/auditoria/posiciones": "records by itself",
    "/gestion/asuntos": "the office's own work; where it shows names it records by itself",
    "/gestion/asuntos/{report}": "the office's own work; a person's data records by itself",
    "/gestion/buscar": "a search for a person records by itself",
    "/gestion/captura": "form; a search by telephone records by itself",
    "/gestion/captura/{report}": "what one has just taken down",
    "/gestion/cifras": "figures",
    "/gestion/teclas.js": "script",
    "/gestion/mapa": "areas",
    "/gestion/colas": "counts of the office's own work",
    "/gestion/vistas": "filters by name",
    "/gestion/lotes": "one's own acts",
    "/gestion/lotes/nuevo": "counts of the office's own work",
    "/gestion/lotes/{job}": "one's own acts; names nobody",
    "/gestion/conversaciones": "who waits; names nobody, shows no words",
    "/gestion/conversaciones/cifras": "figures",
    "/gestion/exportar": "records by itself, with how many",
    **dict.fromkeys(
        (
            "/gestion/catalogo",
            "/gestion/catalogo/historia",
            "/gestion/catalogo/solicitudes",
            "/gestion/catalogo/{kind}",
            "/gestion/catalogo/{kind}/nuevo",
            "/gestion/catalogo/{kind}/ver/{key}",
            "/gestion/catalogo/{kind}/exportar",
            "/gestion/catalogo/{kind}/importar",
        ),
        "no person's data; changes are on record",
    ),
    "/gestion/personas": "a search records by itself",
    "/gestion/personas/{number}": "records by itself",
    "/gestion/personas/documento/{citizen}": "records by itself",
    "/gestion": "leads on",
    "/gestion/{path:path}": "nothing is there",
    "/gestion/meses": "figures",
    "/gestion/meses/{month}/{agency}": "figures; folios of reports",
    "/gestion/meses/{month}/{agency}/{paper}": "figures; folios of reports",
    "/gestion/encuesta/{month}/{agency}": "figures; folios of reports",
    "/gestion/encuesta/{month}/{agency}/{report}": "records by itself, before a telephone is shown",
    "/gestion/llamadas": "the office's own work; names nobody",
    "/gestion/llamadas/{report}": "records by itself, before the person is shown",
    "/gestion/ordenes.pdf": "records by itself, with how many",
    "/gestion/asuntos/{report}/{paper}.pdf": "what the page shows; persons and events record by themselves",
}


def test_every_page_says_whether_looking_at_it_is_on_record() -> None:
    reading = [route for route in ROUTES if isinstance(route, Route) and "GET" in (route.methods or ())]
    recorded = {route.path: getattr(route.endpoint, "looks", None) for route in reading}
    assert {path for path, word in recorded.items() if word is None} == set(UNRECORDED)
    assert {word for word in recorded.values() if word} <= set(WHAT_NAMES)


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/gestion/cuentas", "accounts_seen"),
        ("/gestion/cuentas/rosa", "accounts_seen"),
        ("/gestion/padron", "padron_seen"),
        ("/gestion/padron/m-1", "padron_seen"),
        ("/gestion/avisos", "notices_seen"),
    ],
)
async def test_each_look_leaves_its_line(
    context: Context, http: httpx2.AsyncClient, path: str, word: str
) -> None:
    await seed(context)
    await office(context, "jefa", "admin")
    await enter(http, "jefa")
    assert (await http.get(path)).status_code == 200
    (line,) = await context.audit.newest()
    assert (line["account"], line["what"], line["subject"]) == ("jefa", word, path)
    await office(context, "obras", "agency", agency="obras")
    http.cookies.clear()
    await enter(http, "obras")
    assert (await http.get(path)).status_code == 403
    assert len(await context.audit.newest()) == 1, "who was shown nothing looked at nothing"
