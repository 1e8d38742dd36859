"""The catalogue by page: changed by admin, read by the auditor, asked for by an agency; history and undo."""

from __future__ import annotations

import asyncio
import html
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from server.cases.validation import reasons
from server.catalogue import defaults
from server.catalogue.changes import Changes
from server.context import Context
from server.imports.tables import Table
from server.intake.running.intake import Intake
from sync.interface import AllDocsQuery
from tests.server.conftest import SetClock, add_account
from tests.server.intake.municipality import Municipality, found, inside
from tests.server.web.office.catalogue_pages import TYPE, as_, doc, furnish, get, values
from tests.server.web.office.office import Outline, enter, office, post

Json = dict[str, Any]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def admin(context: Context, http: httpx2.AsyncClient) -> httpx2.AsyncClient:
    await furnish(context)
    await enter(http, "jefa")
    return http


async def test_every_part_has_its_list_its_forms_and_its_file(
    context: Context, admin: httpx2.AsyncClient, tmp_path: Path
) -> None:
    home = await get(admin, "/gestion/catalogo")
    parts = re.findall(r'href="/gestion/catalogo/(\w+)"><b>', home)
    assert parts == [
        "tipos",
        "dependencias",
        "departamentos",
        "brigadas",
        "canales",
        "dias",
        "reglas",
        "palabras",
        "solicitudes",
    ]
    for part in parts[:-1]:
        listed = await get(admin, f"/gestion/catalogo/{part}")
        first = re.search(rf'href="(/gestion/catalogo/{part}/ver/[^"]+)"', listed)
        assert first
        page = await get(admin, first[1])
        await get(admin, f"/gestion/catalogo/{part}/nuevo")
        await get(admin, f"/gestion/catalogo/{part}/importar")
        # Saved as it stands, nothing is changed and nothing is written down.
        assert (await post(admin, first[1], **values(page))).status_code == 303
        exported = await admin.get(f"/gestion/catalogo/{part}/exportar")
        path = tmp_path / f"{part}.xlsx"
        path.write_bytes(exported.content)
        assert len(list(Table(path))) == int(
            re.search(rf'catalogo/{part}"><b>([\d,]+)', home)[1].replace(",", "")  # type: ignore[index]
        )
        seen = await send(admin, part, path)
        assert "no hay nada que cambiar" in seen.text, (part, seen.text)
    assert await Changes(context.databases, context.clock).history() == []


async def send(http: httpx2.AsyncClient, part: str, path: Path) -> httpx2.Response:
    page = (await http.get("/gestion/")).text
    token = re.search(r'name="token" value="([0-9a-f]+)"', page)
    assert token
    return await http.post(
        f"/gestion/catalogo/{part}/importar",
        files={"token": (None, token[1]), "archivo": (path.name, path.read_bytes())},
    )


async def test_a_change_counts_at_once_is_written_down_and_is_undone(
    context: Context, admin: httpx2.AsyncClient
) -> None:
    before = await doc(context, "type:bache")
    since = (await context.databases.reference.info()).update_seq
    page = await get(admin, TYPE)
    answer = await post(admin, TYPE, **{**values(page), "dias": "3", "nombre": "Bache o hundimiento"})
    assert answer.status_code == 303
    after = await doc(context, "type:bache")
    assert (after["days"], after["name"]) == (3, "Bache o hundimiento")
    assert {**before, "days": 3, "name": after["name"], "_rev": after["_rev"]} == after
    # The phones' feed has it already.
    assert await context.databases.reference.wait_for_change(since, 0)
    page = await get(admin, TYPE)
    assert f"Días para resolver: {before['days']} → 3" in page
    assert "Jefa" in page
    (change,) = await Changes(context.databases, context.clock).history("type:bache")
    stored = await context.databases.office.get(change.id)
    assert reasons("change.v1", stored) == []
    assert (change.by, change.how, change.before) == (
        "jefa", "page", {key: value for key, value in before.items() if key != "_rev"},
    )  # fmt: skip
    undone = await post(admin, "/gestion/catalogo/deshacer", cambio=change.id)
    assert undone.status_code == 303
    now = await doc(context, "type:bache")
    assert {**now, "_rev": ""} == {**before, "_rev": ""}
    # Only the newest is undone: the first one is followed by its undoing.
    again = await post(admin, "/gestion/catalogo/deshacer", cambio=change.id)
    assert again.status_code == 409
    assert "deshaga primero el más nuevo" in again.text
    assert (await post(admin, "/gestion/catalogo/deshacer", cambio="change:nada")).status_code == 404


async def test_a_refused_form_keeps_its_input_and_marks_every_field(
    context: Context, admin: httpx2.AsyncClient
) -> None:
    page = await get(admin, TYPE)
    typed = {
        **values(page),
        "nombre": "Bache <enorme>",
        "dias": "cinco",
        "preguntas": "Cuántos hay",
        "atiende": "x",
    }
    answer = await post(admin, TYPE, **typed)
    assert answer.status_code == 422
    Outline.check(answer.text)
    text = html.unescape(answer.text)
    for field in ("dias", "preguntas", "atiende"):
        assert re.search(rf'id="{field}"[^>]*aria-invalid="true"', text), field
    assert 'value="Bache <enorme>"' in text
    assert "Cuántos hay</textarea>" in text
    assert "Debe ser un número entero entre 0 y 3650." in text
    assert await Changes(context.databases, context.clock).history() == []


async def test_a_stale_page_overwrites_nothing(context: Context, admin: httpx2.AsyncClient) -> None:
    mine, theirs = values(await get(admin, TYPE)), values(await get(admin, TYPE))
    assert (await post(admin, TYPE, **{**theirs, "dias": "9"})).status_code == 303
    answer = await post(admin, TYPE, **{**mine, "prioridad": "2"})
    assert answer.status_code == 409
    assert "Alguien lo cambió mientras tanto" in answer.text
    assert (await doc(context, "type:bache"))["days"] == 9
    # Looked at again and sent, it counts over what stands now.
    again = await post(admin, TYPE, **values(html.unescape(answer.text)))
    assert again.status_code == 303
    stands = await doc(context, "type:bache")
    assert (stands["days"], stands["priority"]) == (int(mine["dias"]), 2)


async def test_two_at_once_both_leave_a_line_or_none(context: Context, admin: httpx2.AsyncClient) -> None:
    page = values(await get(admin, TYPE))
    changes = Changes(context.databases, context.clock)
    state = await changes.state()
    bache, fuga = state.docs["type:bache"], state.docs["channel:072"]
    await context.databases.reference.put({**fuga, "name": "Otro nombre"})
    with pytest.raises(Exception, match="edit_conflict"):
        await changes.apply(state, [{**bache, "days": 1}, {**fuga, "name": "Mío"}], "jefa", "import")
    assert (await doc(context, "type:bache"))["days"] == bache["days"]
    assert (await doc(context, "channel:072"))["name"] == "Otro nombre"
    assert await changes.history() == []
    fields = [
        {**page, "seen": (await doc(context, "type:bache"))["_rev"], "dias": days} for days in ("4", "5")
    ]
    answers = await asyncio.gather(*(post(admin, TYPE, **one) for one in fields))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    (lost,) = [
        (answer, one) for answer, one in zip(answers, fields, strict=True) if answer.status_code == 409
    ]
    assert f'name="dias" type="number" min="0" max="3650" value="{lost[1]["dias"]}"' in lost[0].text
    lines = await changes.history("type:bache")
    assert len(lines) == sum(answer.status_code == 303 for answer in answers)
    assert lines[0].after["days"] == (await doc(context, "type:bache"))["days"]


async def test_agencies_departments_brigades_and_channels_are_added_renamed_and_retired(
    context: Context, admin: httpx2.AsyncClient
) -> None:
    made = await post(
        admin, "/gestion/catalogo/dependencias/nuevo", nombre="Dirección de Panteones", corto="Panteones"
    )
    assert made.headers["location"] == "/gestion/catalogo/dependencias/ver/direccion-de-panteones"
    made = await post(
        admin,
        "/gestion/catalogo/brigadas/nuevo",
        dependencia="direccion-de-panteones",
        nombre="Cuadrilla Norte",
    )
    assert made.headers["location"] == "/gestion/catalogo/brigadas/ver/direccion-de-panteones~cuadrilla-norte"
    stored = await doc(context, "agency:direccion-de-panteones")
    assert stored["brigades"] == [{"id": "cuadrilla-norte", "name": "Cuadrilla Norte"}]
    await add_account(
        context, "pante1", "brigade", agency="direccion-de-panteones", brigade="cuadrilla-norte"
    )
    path = made.headers["location"]
    page = await get(admin, path)
    assert "Pante1" in page, "what hangs on it is said"
    fields = {"seen": values(page)["seen"], "activo": "no"}
    refused = await post(admin, path + "/retirar", **fields)
    assert refused.status_code == 422
    assert "Marque que sabe" in refused.text
    assert (await post(admin, path + "/retirar", **fields, enterado="si")).status_code == 303
    assert "Retirado" in await get(admin, path)
    # It is offered no more, and stays readable where it stands.
    offered = re.search(
        r'<select id="cuadrilla".*?</select>', await get(admin, "/gestion/cuentas/nueva"), re.DOTALL
    )
    assert offered
    assert "Cuadrilla Norte" not in offered[0]
    assert "Cuadrilla Norte" in await get(admin, "/gestion/cuentas")
    back = {"seen": values(await get(admin, path))["seen"], "activo": "si"}
    assert (await post(admin, path + "/retirar", **back)).status_code == 303
    # An agency that types or rules send reports to is not retired, whatever one marks.
    works = "/gestion/catalogo/dependencias/ver/obra-publica"
    page = await get(admin, works)
    assert "tipos en uso" in page
    answer = await post(admin, works + "/retirar", seen=values(page)["seen"], activo="no", enterado="si")
    assert answer.status_code == 422
    assert (await doc(context, "agency:obra-publica")).get("active", True)
    # Channels: the phones' stay.
    phones = "/gestion/catalogo/canales/ver/jefe-de-manzana"
    answer = await post(
        admin, phones + "/retirar", seen=values(await get(admin, phones))["seen"], activo="no"
    )
    assert answer.status_code == 422
    line = "/gestion/catalogo/canales/ver/072"
    assert (
        await post(admin, line, seen=values(await get(admin, line))["seen"], nombre="Teléfono 072")
    ).status_code == 303
    await post(admin, line + "/retirar", seen=values(await get(admin, line))["seen"], activo="no")
    await as_(admin, "mesa")
    assert "Teléfono 072" not in await get(admin, "/gestion/captura")


async def test_days_and_rules_are_put_in_order_and_taken_out(
    context: Context, admin: httpx2.AsyncClient
) -> None:
    await post(admin, "/gestion/catalogo/dias/nuevo", fecha="2026-12-24", nombre="Nochebuena")
    days = (await doc(context, "calendar:2026"))["holidays"]
    assert {"date": "2026-12-24", "name": "Nochebuena"} in days
    path = "/gestion/catalogo/dias/ver/2026-12-24"
    await post(admin, path + "/retirar", seen=values(await get(admin, path))["seen"], activo="no")
    assert {"date": "2026-12-24", "name": "Nochebuena"} not in (await doc(context, "calendar:2026"))[
        "holidays"
    ]
    version = (await doc(context, "rules"))["version"]
    await post(admin, "/gestion/catalogo/reglas/nuevo", orden="1", tipo="bache", atiende="aseo-publico")
    rules = await doc(context, "rules")
    assert [rule["agency"] for rule in rules["rules"]] == ["aseo-publico", "obra-publica"]
    assert rules["version"] != version, "records say which rules decided"
    assert rules["words"] == defaults.rules()["words"]
    assert "Se puso: Bache" in await get(admin, "/gestion/catalogo/historia")


async def test_a_file_is_seen_before_it_counts_and_counts_whole_or_not(
    context: Context, admin: httpx2.AsyncClient, tmp_path: Path
) -> None:
    path = tmp_path / "canales.csv"
    path.write_text(
        "clave,nombre,activo\n072,Línea municipal 072,sí\n,Buzón de la plaza,sí\nfax,,no\n", "utf-8"
    )
    bad = await send(admin, "canales", path)
    assert bad.status_code == 422
    assert '<td class="n">4</td><td>Nombre</td>' in bad.text
    assert "huella" not in bad.text
    unknown = tmp_path / "otra.csv"
    unknown.write_text("clave,color\n072,rojo\n", "utf-8")
    assert "La columna «color» no es de esta tabla" in html.unescape(
        (await send(admin, "canales", unknown)).text
    )
    path.write_text("clave,nombre\n072,Línea municipal 072\n,Buzón de la plaza\n", "utf-8")
    seen = await send(admin, "canales", path)
    text = html.unescape(seen.text)
    Outline.check(seen.text)
    assert "Nombre: Línea 072 → Línea municipal 072" in text
    assert "Nuevo: canal «Buzón de la plaza»" in text
    assert (await doc(context, "channel:072"))["name"] == "Línea 072", "nothing counts before the yes"
    print_ = re.search(r'name="huella" value="(\w+)"', text)
    assert print_
    # Somebody changes one of them meanwhile: what was seen is no longer what would happen.
    other = "/gestion/catalogo/canales/ver/072"
    await post(admin, other, seen=values(await get(admin, other))["seen"], nombre="El 072")
    stale = await post(admin, "/gestion/catalogo/canales/importar/aplicar", huella=print_[1])
    assert stale.status_code == 409
    print_ = re.search(r'name="huella" value="(\w+)"', stale.text)
    assert print_
    done = await post(admin, "/gestion/catalogo/canales/importar/aplicar", huella=print_[1])
    assert done.status_code == 303
    assert (await doc(context, "channel:072"))["name"] == "Línea municipal 072"
    assert (await doc(context, "channel:buzon-de-la-plaza"))["active"] is True
    kept = (
        await context.databases.office.all_docs(AllDocsQuery(startkey="upload:", endkey="upload:\uffff"))
    ).rows
    assert kept == []
    # Rules are replaced by the file, in its order; an empty file is refused.
    rules = tmp_path / "reglas.csv"
    rules.write_text("atiende,tipo\nDirección de Aseo Público,\n", "utf-8")
    seen = await send(admin, "reglas", rules)
    print_ = re.search(r'name="huella" value="(\w+)"', seen.text)
    assert print_
    await post(admin, "/gestion/catalogo/reglas/importar/aplicar", huella=print_[1])
    assert (await doc(context, "rules"))["rules"] == [{"agency": "aseo-publico"}]
    for data in (b"", b"\xff\xfe\x00", b"PK\x03\x04rubbish"):
        rules.write_bytes(data)
        assert (await send(admin, "reglas", rules)).status_code == 422, data


async def test_the_auditor_reads_and_changes_nothing(context: Context, admin: httpx2.AsyncClient) -> None:
    await as_(admin, "irma")
    page = await get(admin, TYPE)
    assert f'action="{TYPE}' not in page
    assert (await post(admin, TYPE, dias="1")).status_code == 403
    assert (await post(admin, TYPE + "/retirar", activo="no")).status_code == 403
    await get(admin, "/gestion/catalogo/historia")
    await get(admin, "/gestion/catalogo/solicitudes")


async def test_intake_decides_by_a_change_from_its_next_event_on(
    context: Context, http: httpx2.AsyncClient, clock: SetClock
) -> None:
    """Fewer days hold for the next report; the one before keeps what was decided."""
    await found(context.databases)
    await context.directory.refresh()
    await context.databases.reference.put(
        {"_id": "agency:alumbrado", "name": "Alumbrado", "short": "Luz", "departments": [], "brigades": []}
    )
    await context.databases.reference.put(
        {"_id": "agency:obras", "name": "Obras", "short": "Obras", "departments": [], "brigades": []}
    )
    await office(context, "jefa", "admin")
    town = Municipality(context.engine, context.settings.data_dir)
    town.databases, town.directory = context.databases, context.directory
    town.clock = clock  # type: ignore[assignment]
    town.intake = Intake(context.databases, context.directory, clock, context.settings.data_dir)
    await town.intake.open()
    try:
        before = await town.report(await town.capture("lucia", "lampara", **inside(1)))
        await enter(http, "jefa")
        lamp = "/gestion/catalogo/tipos/ver/lampara"
        answer = await post(http, lamp, **{**values(await get(http, lamp)), "dias": "2", "ambar": "1"})
        assert answer.status_code == 303, answer.text
        after = await town.report(await town.capture("lucia", "lampara", **inside(1)))
        assert before["due_at"]
        assert str(after["due_at"]) < str(before["due_at"])
        assert (await town.report(before["_id"].removeprefix("report:")))["due_at"] == before["due_at"]
        await town.assert_sound()
    finally:
        await town.intake.close()


async def test_a_file_with_a_row_that_cannot_be_read_changes_nothing(
    context: Context, admin: httpx2.AsyncClient, tmp_path: Path
) -> None:
    path = tmp_path / "canales.csv"
    for row in ('"Buzón "rojo" de la esquina"', "Buzón,de,más", "#N/A"):
        path.write_text(f"nombre\nKiosco\n{row}\n", encoding="utf-8")
        seen = await send(admin, "canales", path)
        assert seen.status_code == 422
        assert "renglón 3 no se puede leer" in seen.text, row
    assert await Changes(context.databases, context.clock).history() == []
