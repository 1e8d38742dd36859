"""The auditor's pages: who saw what is restricted, and the exact positions of a report's workers.

Law: exact positions are shown to the auditor alone, one report at a time, and each look is on record first.
"""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from server.cases.whereabouts import is_faded
from server.documents import reading
from server.documents.ids import records_of
from server.documents.words import told
from server.intake.writing.ledger import LEDGER_FILE, report_asked
from server.municipality.world import DEFAULTS
from server.problems import Problem
from server.store.scan import scan
from server.web.office.frame import Page, page

Json = Any

WHAT_NAMES = {
    "original_photo": "Vio una foto original",
    "exact_position": "Vio posiciones exactas",
    "accounts_seen": "Consultó cuentas",
    "padron_seen": "Consultó el padrón",
    "notices_seen": "Consultó avisos por revisar",
    "held_event": "Vio un movimiento retenido",
    "account_created": "Creó una cuenta",
    "account_changed": "Cambió una cuenta",
    "account_activated": "Reactivó una cuenta",
    "account_suspended": "Suspendió una cuenta",
    "code_issued": "Dio un código de alta",
    "device_revoked": "Dio de baja un teléfono",
    "enrolment_repeated": "Repitió el alta de un teléfono",
    "password_set": "Cambió una contraseña",
    "leader_appointed": "Nombró jefa o jefe de manzana",
    "leader_vacated": "Dejó vacante una manzana",
    "proposal_approved": "Aprobó una propuesta",
    "proposal_rejected": "Rechazó una propuesta",
    "photos_retried": "Pidió revisar otra vez las fotos sin revisar",
    "held_event_retried": "Pidió juzgar de nuevo un movimiento",
    "held_event_admitted": "Admitió un movimiento retenido",
    "held_event_refused": "No admitió un movimiento retenido",
    "courier_delivered": "Entregó un archivo de envíos",
    "citizen": "Vio los datos de una persona",
    "exported": "Exportó reportes",
    "exported_persons": "Exportó reportes con datos de personas",
    "bulk_started": "Actuó sobre muchos reportes a la vez",
    "bulk_stopped": "Detuvo una acción sobre muchos reportes",
    "person_searched": "Buscó a una persona",
    "month_closed": "Cerró un mes",
    "seed_published": "Publicó la semilla de un sorteo",
    "printed": "Imprimió órdenes",
    "printed_person": "Imprimió órdenes con datos de personas",
    "printed_act": "Imprimió un acta de cierre con sus movimientos firmados",
}

#: What a record says of where somebody stood (``server/cases/presence.py``).
VERDICT_NAMES = {
    "ok": "En el lugar",
    "far": "Lejos del lugar",
    "unverifiable": "No comprobable",
    "none": "Sin posición",
}


@page("auditor", "admin")
async def listing(view: Page) -> Response:
    return view.show("audit.html", lines=await view.context.audit.newest(500), names=WHAT_NAMES)


@page("auditor")
async def positions(view: Page) -> Response:
    """Where each step of a report was taken, to the metre. ``?reporte=``: folio or uuid."""
    asked = view.request.query_params.get("reporte", "").strip().lower()
    settings = await view.context.reference_settings()
    days = settings.get("position_days", DEFAULTS["position_days"])
    if not asked:
        return view.show("positions.html", asked="", records=None, folio=None, days=days)
    report = await asyncio.to_thread(report_asked, view.context.settings.data_dir / LEDGER_FILE, asked)
    if report is None:
        raise Problem("not_found", "no report with that folio")
    await view.context.audit.record(view.account.id, "exact_position", f"report:{report}")
    found = scan(view.context.databases.cases, records_of(report))
    records = [reading.record(row.body) async for row in found]
    records = sorted((doc for doc in records if doc.get("event")), key=lambda doc: doc["admission"])
    return view.show(
        "positions.html",
        asked=asked,
        records=records,
        folio=asked,
        days=days,
        is_faded=is_faded,
        told=told,
        verdicts=VERDICT_NAMES,
    )


ROUTES = [
    Route("/gestion/auditoria", listing, methods=["GET"]),
    Route("/gestion/auditoria/posiciones", positions, methods=["GET"]),
]
