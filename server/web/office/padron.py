"""The padrón's pages: blocks by sector, who leads them, what was proposed, who follows.

Law: the table comes first and is searched, paged and exported; each look, and each export, is on record.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from server.documents import reading
from server.documents.folding import folded
from server.documents.ground import Proposal
from server.documents.shapes import CitizenContent, Term
from server.exports.columns import Column, Value
from server.exports.formats import xlsx_file
from server.persons.rectifying import contents
from server.problems import Problem
from server.registry.padron import ACTION_NAMES, STATUS_NAMES, Row, counts, rows
from server.registry.succession import Succession
from server.store.scan import scan
from server.web.office.frame import Page, Wrong, page
from server.web.office.reference import names
from sync.errors import NotFound

#: Blocks of a page.
_SIZE = 100
COLUMNS = (
    Column("cuartel", "text", "Cuartel de la manzana."),
    Column("manzana", "text", "Nombre de la manzana."),
    Column("colonia", "text", "Colonia de la manzana."),
    Column("estado", "text", "Con jefa o jefe, Pendiente o Vacante."),
    Column("nombre", "text", "Quién la encabeza."),
    Column("telefono", "text", "Su teléfono."),
    Column("desde", "text", "Inicio de su periodo."),
    Column("hasta", "text", "Fin de su periodo."),
)


def succession(view: Page) -> Succession:
    return Succession(view.context.databases.registry, view.context.directory, view.context.clock)


async def _kind(view: Page, prefix: str) -> dict[str, Any]:
    head = f"{prefix}:"
    found = scan(view.context.databases.registry, head)
    return {row.id.removeprefix(head): row.read() async for row in found}


async def _rows(view: Page) -> list[Row]:
    blocks, sectors, leaders = [await _kind(view, name) for name in ("block", "sector", "leader")]
    return rows(blocks, sectors, leaders, view.today)


async def _asked(view: Page) -> tuple[list[Row], list[Row], dict[str, str]]:
    """All blocks, those that the URL asks for, and the colonias' names."""
    query = view.request.query_params
    found, colonias = await _rows(view), (await names(view.context)).colonias
    words = folded(query.get("q", "")).split()

    def meant(row: Row) -> bool:
        leader = row.leader if row.status != "vacant" else None
        texts = (
            row.name,
            row.sector_name,
            colonias.get(row.colonia or ""),
            leader["name"] if leader else None,
        )
        said = folded(" ".join(text for text in texts if text))
        return all(word in said for word in words)

    status, sector = query.get("estado", ""), query.get("sector", "")
    shown = [
        row
        for row in found
        if (not status or row.status == status) and (not sector or row.sector == sector) and meant(row)
    ]
    return found, shown, colonias


@page("desk", "admin", "auditor", looks="padron_seen")
async def listing(view: Page) -> Response:
    query = view.request.query_params
    found, shown, colonias = await _asked(view)
    pages = max(1, -(-len(shown) // _SIZE))
    given = query.get("pagina", "1")
    number = min(pages, max(1, int(given))) if given.isascii() and given.isdecimal() and len(given) < 7 else 1
    proposals: list[Any] = [
        {**doc, "id": key}
        for key, doc in (await _kind(view, "proposal")).items()
        if doc.get("status", "pending") == "pending"
    ]
    return view.show(
        "padron.html",
        found=shown[(number - 1) * _SIZE : number * _SIZE],
        total=len(shown),
        number=number,
        pages=pages,
        here={name: query.get(name, "") for name in ("q", "estado", "sector")},
        totals=counts(found),
        names=STATUS_NAMES,
        actions=ACTION_NAMES,
        colonias=colonias,
        sectors=sorted({(row.sector or "", row.sector_name) for row in found}, key=lambda pair: pair[1]),
        blocks={row.block: row for row in found},
        accounts={account.id: account.name for account in view.context.directory.accounts()},
        proposals=proposals,
        people=await _people(view, proposals),
        tried=view.request.path_params.get("proposal"),
    )


@page("desk", "admin", "auditor", looks="padron_exported")
async def export(view: Page) -> Response:
    """What the list shows, as a workbook; on record before its first byte."""
    _, shown, colonias = await _asked(view)

    def cells(row: Row) -> tuple[Value, ...]:
        leader = row.leader if row.status != "vacant" else None
        term = leader.get("term") if leader else None
        said: tuple[Value, ...] = (None,) * 4
        if leader:
            dates = (term["from"], term["until"]) if term else (None, None)
            said = (leader["name"], leader.get("phone"), *dates)
        colonia = colonias.get(row.colonia or "", row.colonia)
        return (row.sector_name, row.name, colonia, STATUS_NAMES[row.status], *said)

    with tempfile.NamedTemporaryFile(prefix="manzana-", suffix=".xlsx", delete=False) as file:
        path = Path(file.name)
    xlsx_file(path, f"Padrón {view.today}", COLUMNS, map(cells, shown))
    headers = {"Cache-Control": "no-store"}
    gone = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, filename=f"padron-{view.today}.xlsx", headers=headers, background=gone)


async def _people(view: Page, proposals: Iterable[Proposal]) -> dict[str, CitizenContent]:
    """Name and telephone of the persons proposed, by citizen document."""
    wanted = [citizen for doc in proposals if (citizen := doc.get("citizen"))]
    return await contents(view.context.databases, wanted)


@page("desk", "admin", "auditor", looks="padron_seen")
async def block(view: Page) -> Response:
    wanted = view.request.path_params["block"]
    row = next((row for row in await _rows(view) if row.block == wanted), None)
    if row is None:
        raise Problem("block_unknown")
    others = [
        account
        for account in view.context.directory.accounts()
        if account.role == "block_leader" and account.active and account.sector == row.sector
    ]
    return view.show("block.html", row=row, names=STATUS_NAMES, others=others)


def _term(view: Page) -> Term | None:
    begin, end = view.date_field("desde"), view.date_field("hasta")
    return {"from": begin or view.today, "until": end} if begin or end else None


@page("desk", "admin", again=block)
async def appoint(view: Page) -> Response:
    block_id = view.request.path_params["block"]
    existing = view.field("cuenta", 64, required=False) or None
    if existing is None and not view.form.get("nombre", "").strip():
        raise Wrong("nombre", "Escriba el nombre, o elija a quien ya es jefa o jefe.")
    name = view.field("nombre", required=False)
    phone = view.field("telefono", 40, required=False) or None
    account = await succession(view).appoint(block_id, name, phone, _term(view), view.today, existing)
    await view.context.audit.record(view.account.id, "leader_appointed", f"block:{block_id}")
    return view.go(f"/gestion/cuentas/{account}")


@page("desk", "admin")
async def vacate(view: Page) -> Response:
    block_id = view.request.path_params["block"]
    await succession(view).vacate(block_id, view.today)
    await view.context.audit.record(view.account.id, "leader_vacated", f"block:{block_id}")
    return view.go(f"/gestion/padron/{block_id}")


@page("desk", "admin", again=listing)
async def decide(view: Page) -> Response:
    """Approve a proposal (and do what it proposes) or reject it."""
    key = view.request.path_params["proposal"]
    resolved = view.field("resolucion")
    verdict: Literal["approved", "rejected"]
    if resolved == "approved":
        verdict = "approved"
    elif resolved == "rejected":
        verdict = "rejected"
    else:
        raise Problem("form_invalid", "resolucion must be approved or rejected")
    try:
        doc = reading.proposal(await view.context.databases.registry.get(f"proposal:{key}"))
    except NotFound:
        raise Problem("proposal_unknown") from None
    if doc.get("status", "pending") != "pending":
        raise Problem("proposal_decided")
    work = succession(view)
    if verdict == "approved":
        # What it asks for first; closing it comes last, so that a crash between leaves it open to repeat.
        person = (await _people(view, [doc])).get(doc.get("citizen") or "") or {}
        name = view.field("nombre", required=False) or person.get("name") or ""
        phone = view.field("telefono", 40, required=False) or person.get("phone") or None
        if doc["action"] == "vacate":
            await work.vacate(doc["block"], view.today)
        elif not name:
            raise Wrong("nombre", "Escriba el nombre de quien se nombra.")
        else:
            fresh = await work.reserve(doc, name)
            await work.appoint(doc["block"], name, phone, _term(view), view.today, fresh=fresh)
    await work.decide(key, view.account.id, verdict, view.field("motivo", 500, required=False) or None)
    await view.context.audit.record(view.account.id, f"proposal_{verdict}", f"proposal:{key}")
    return view.go("/gestion/padron")


ROUTES = [
    Route("/gestion/padron", listing, methods=["GET"]),
    Route("/gestion/padron/exportar", export, methods=["GET"]),
    Route("/gestion/padron/propuestas/{proposal}", decide, methods=["POST"]),
    Route("/gestion/padron/{block}", block, methods=["GET"]),
    Route("/gestion/padron/{block}", appoint, methods=["POST"]),
    Route("/gestion/padron/{block}/vacante", vacate, methods=["POST"]),
]
