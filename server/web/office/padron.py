"""The padrón's pages: blocks by sector, who leads them, what was proposed, who follows."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from server.problems import Problem
from server.registry.padron import ACTION_NAMES, STATUS_NAMES, Row, counts, rows
from server.registry.succession import Succession
from server.store.scan import scan
from server.web.office.frame import Page, page
from sync.errors import NotFound

Json = Any


def succession(view: Page) -> Succession:
    return Succession(view.context.databases.registry, view.context.directory, view.context.clock)


async def _kind(view: Page, prefix: str) -> dict[str, Json]:
    head = f"{prefix}:"
    found = scan(view.context.databases.registry, head)
    return {row.id.removeprefix(head): row.read() async for row in found}


async def _rows(view: Page) -> list[Row]:
    blocks, sectors, leaders = [await _kind(view, name) for name in ("block", "sector", "leader")]
    return rows(blocks, sectors, leaders, view.today)


@page("desk", "admin", "auditor", looks="padron_seen")
async def listing(view: Page) -> Response:
    found = await _rows(view)
    status = view.request.query_params.get("estado", "")
    sector = view.request.query_params.get("sector", "")
    sectors = sorted({(row.sector or "", row.sector_name) for row in found}, key=lambda pair: pair[1])
    shown = [
        row for row in found if (not status or row.status == status) and (not sector or row.sector == sector)
    ]
    proposals = [
        {**doc, "id": key}
        for key, doc in (await _kind(view, "proposal")).items()
        if doc.get("status", "pending") == "pending"
    ]
    people = await _people(view, proposals)
    return view.show(
        "padron.html",
        found=shown,
        totals=counts(found),
        names=STATUS_NAMES,
        actions=ACTION_NAMES,
        status=status,
        sector=sector,
        sectors=sectors,
        proposals=proposals,
        people=people,
    )


async def _people(view: Page, proposals: list[Json]) -> dict[str, Json]:
    """Name and telephone of the persons proposed, by citizen document."""
    wanted = [doc["citizen"] for doc in proposals if doc.get("citizen")]
    found = await view.context.databases.citizens.get_many(wanted)
    return {key: doc.get("content") or {} for key, doc in found.items()}


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


def _term(view: Page) -> Json | None:
    begin, end = view.date_field("desde"), view.date_field("hasta")
    return {"from": begin or view.today, "until": end} if begin or end else None


@page("desk", "admin")
async def appoint(view: Page) -> Response:
    block_id = view.request.path_params["block"]
    existing = view.field("cuenta", 64, required=False) or None
    name = view.field("nombre", required=existing is None)
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


@page("desk", "admin")
async def decide(view: Page) -> Response:
    """Approve a proposal (and do what it proposes) or reject it."""
    key = view.request.path_params["proposal"]
    verdict = view.field("resolucion")
    if verdict not in {"approved", "rejected"}:
        raise Problem("form_invalid", "resolucion must be approved or rejected")
    try:
        doc = await view.context.databases.registry.get(f"proposal:{key}")
    except NotFound:
        raise Problem("proposal_unknown") from None
    if doc.get("status", "pending") != "pending":
        raise Problem("proposal_decided")
    work = succession(view)
    if verdict == "approved":
        # What it asks for first; closing it comes last, so that a crash between leaves it open to repeat.
        person = (await _people(view, [doc])).get(doc.get("citizen") or "", {})
        name = view.field("nombre", required=False) or person.get("name") or ""
        phone = view.field("telefono", 40, required=False) or person.get("phone") or None
        if doc["action"] == "vacate":
            await work.vacate(doc["block"], view.today)
        elif not name:
            raise Problem("form_invalid", "nombre is missing")
        else:
            fresh = await work.reserve(doc, name)
            await work.appoint(doc["block"], name, phone, _term(view), view.today, fresh=fresh)
    await work.decide(key, view.account.id, verdict, view.field("motivo", 500, required=False) or None)
    await view.context.audit.record(view.account.id, f"proposal_{verdict}", f"proposal:{key}")
    return view.go("/gestion/padron")


ROUTES = [
    Route("/gestion/padron", listing, methods=["GET"]),
    Route("/gestion/padron/propuestas/{proposal}", decide, methods=["POST"]),
    Route("/gestion/padron/{block}", block, methods=["GET"]),
    Route("/gestion/padron/{block}", appoint, methods=["POST"]),
    Route("/gestion/padron/{block}/vacante", vacate, methods=["POST"]),
]
