"""An agency sees its own part of the catalogue and asks for changes; an admin answers."""

from __future__ import annotations

import html
import re

import httpx2
import pytest

from server.cases.validation import reasons
from server.catalogue import defaults
from server.catalogue.changes import Changes
from server.context import Context
from tests.server.web.office.catalogue_pages import TYPE, as_, doc, furnish, get, values
from tests.server.web.office.office import enter, post

pytestmark = pytest.mark.anyio


@pytest.fixture
async def admin(context: Context, http: httpx2.AsyncClient) -> httpx2.AsyncClient:
    await furnish(context)
    await enter(http, "jefa")
    return http


async def test_an_agency_sees_its_own_and_asks_and_an_admin_answers(
    context: Context, admin: httpx2.AsyncClient
) -> None:
    await as_(admin, "obras")
    listed = await get(admin, "/gestion/catalogo/tipos")
    assert "/gestion/catalogo/tipos/ver/bache" in listed
    foreign = next(
        key for key, entry in defaults.documents().items()
        if key.startswith("type:") and entry["agency"] != "obra-publica"
    ).removeprefix("type:")  # fmt: skip
    assert foreign not in re.findall(r"ver/([\w.-]+)", listed)
    for path in (f"tipos/ver/{foreign}", "canales", "reglas", "dependencias/nuevo", "tipos/ver/nada"):
        assert (await admin.get(f"/gestion/catalogo/{path}")).status_code == 404, path
    assert (await post(admin, f"/gestion/catalogo/tipos/ver/{foreign}", dias="1")).status_code == 404
    for path in ("historia", "tipos/importar"):
        assert (await admin.get(f"/gestion/catalogo/{path}")).status_code == 403
    page = values(await get(admin, TYPE))
    silent = await post(admin, TYPE, **{**page, "dias": "20"})
    assert silent.status_code == 422
    assert "Diga por qué lo pide." in html.unescape(silent.text)
    assert (await post(admin, TYPE, **{**page, "porque": "Nada"})).status_code == 422
    asked = await post(admin, TYPE, **{**page, "dias": "20", "porque": "En lluvias no alcanza"})
    assert asked.status_code == 303
    asked = await post(admin, TYPE, **{**page, "dias": "30", "porque": "O mejor treinta"})
    other = {"nombre": "Basura", "familia": "garbage", "pictograma": "garbage", "atiende": "aseo-publico"}
    elsewhere = await post(admin, "/gestion/catalogo/tipos/nuevo", **other, porque="Lo queremos")
    assert elsewhere.status_code == 422
    assert (await doc(context, "type:bache"))["days"] != 20
    assert "Por contestar" in await get(admin, "/gestion/catalogo/solicitudes")
    await as_(admin, "jefa")
    page_ = await get(admin, "/gestion/catalogo/solicitudes")
    assert "En lluvias no alcanza" in page_
    parts = {part: re.search(r"solicitudes/([0-9a-f-]{36})", part) for part in page_.split("<article")[1:]}
    (first,) = [found[1] for part, found in parts.items() if found and "En lluvias" in part]
    (later,) = [found[1] for part, found in parts.items() if found and "O mejor treinta" in part]
    assert reasons("asked.v1", await context.databases.office.get(f"asked:{first}")) == []
    wordless = await post(admin, f"/gestion/catalogo/solicitudes/{later}", aceptar="no")
    assert wordless.status_code == 422
    await post(admin, f"/gestion/catalogo/solicitudes/{later}", aceptar="no", respuesta="Veinte bastan")
    assert (await post(admin, f"/gestion/catalogo/solicitudes/{first}", aceptar="si")).status_code == 303
    assert (await doc(context, "type:bache"))["days"] == 20
    assert (await post(admin, f"/gestion/catalogo/solicitudes/{first}", aceptar="si")).status_code == 409
    (line,) = await Changes(context.databases, context.clock).history("type:bache")
    assert line.how == "request"
    await as_(admin, "obras")
    text = await get(admin, "/gestion/catalogo/solicitudes")
    assert "«Veinte bastan»" in text
    assert "Aceptada" in text
