"""The padrón by page: order, succession, vacancy, proposals."""

from __future__ import annotations

import re
from pathlib import Path

import httpx2
import pytest

from server.context import Context
from server.imports.tables import Table
from tests.server.web.office.office import post, seed

pytestmark = pytest.mark.anyio


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


async def test_the_padron_is_searched_paged_and_exported_on_record(
    context: Context, desk: httpx2.AsyncClient, tmp_path: Path
) -> None:
    await seed(context)
    registry = context.databases.registry
    await registry.bulk_docs(
        [{"_id": f"block:n-{n}", "name": f"Manzana {n}", "sector": "s-9"} for n in range(100, 260)]
    )
    first = (await desk.get("/gestion/padron")).text
    assert first.index("<table>") < first.index('id="propuestas"')
    assert "163 manzanas · página 1 de 2" in first
    second = (await desk.get("/gestion/padron?pagina=2")).text
    shown = [set(re.findall(r'padron/([mn]-\d+)"', text)) for text in (first, second)]
    assert (len(shown[0]), len(shown[1]), shown[0] & shown[1]) == (100, 63, set())
    assert re.findall(r'padron/([mn]-\d+)"', (await desk.get("/gestion/padron?q=rosa")).text) == [
        "m-1",
        "m-2",
    ]
    assert "No hay manzanas así" in (await desk.get("/gestion/padron?q=nadie")).text
    for odd in ("0", "-1", "99999999999999999999", "x", "٣"):
        assert (await desk.get("/gestion/padron", params={"pagina": odd})).status_code == 200
    answer = await desk.get("/gestion/padron/exportar?q=rosa")
    path = tmp_path / "padron.xlsx"
    path.write_bytes(answer.content)
    assert [(row["manzana"], row["nombre"]) for _, row in Table(path) if isinstance(row, dict)] == [
        ("Manzana 1", "Rosa"),
        ("Manzana 2", "Rosa"),
    ]
    assert "padron_exported" in {line["what"] for line in await context.audit.newest()}


async def test_a_refused_appointment_keeps_what_was_typed(context: Context, desk: httpx2.AsyncClient) -> None:
    await seed(context)
    answer = await post(desk, "/gestion/padron/m-10", nombre="", telefono="662 555 0101", hasta="2029-12-31")
    assert answer.status_code == 422
    assert re.search(r'id="nombre"[^>]*aria-invalid', answer.text)
    assert 'value="662 555 0101"' in answer.text
    await propose(context)
    answer = await post(
        desk, "/gestion/padron/propuestas/p1", resolucion="approved", nombre="Eva", hasta="ayer"
    )
    assert answer.status_code == 422
    assert 'value="Eva"' in answer.text
