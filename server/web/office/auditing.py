"""The auditor's pages: who saw what is restricted, and the exact positions of a report's workers.

Law: exact positions are shown to the auditor alone, one report at a time, and each look is on record first.
"""

from __future__ import annotations

import asyncio

from starlette.responses import Response
from starlette.routing import Route

from server.cases.whereabouts import is_faded
from server.documents import reading
from server.documents.ids import records_of, report_id
from server.documents.words import told
from server.intake.writing.ledger import LEDGER_FILE, report_asked
from server.municipality.world import DEFAULTS
from server.problems import Problem
from server.store.scan import scan
from server.web.office.frame import Page, page

WHAT_NAMES = {
    "original_photo": "Vio una foto original",
    "exact_position": "Vio posiciones exactas",
    "accounts_seen": "Consultó cuentas",
    "padron_seen": "Consultó el padrón",
    "padron_exported": "Exportó el padrón",
    "notices_seen": "Consultó avisos por revisar",
    "conversation_erased": "Borró una conversación",
    "conversation_seen": "Leyó una conversación",
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
    "catalogue_changed": "Cambió el catálogo",
    "catalogue_imported": "Cambió el catálogo con un archivo",
    "catalogue_undone": "Deshizo un cambio del catálogo",
    "catalogue_answered": "Contestó una solicitud del catálogo",
    "courier_delivered": "Entregó un archivo de envíos",
    "citizen": "Vio los datos de una persona",
    "exported": "Exportó reportes",
    "exported_persons": "Exportó reportes con datos de personas",
    "bulk_started": "Actuó sobre muchos reportes a la vez",
    "bulk_stopped": "Detuvo una acción sobre muchos reportes",
    "persons_listed": "Vio nombres y teléfonos en una lista",
    "person_searched": "Buscó a una persona",
    "person_seen": "Vio a una persona y sus reportes",
    "person_numbered": "Dio un número de ciudadano",
    "person_joined": "Unió a una persona con otra",
    "person_parted": "Separó a una persona de otra",
    "person_changed": "Cambió los datos de una persona",
    "person_rectified": "Corrigió los datos de una persona",
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
    lines = await view.context.audit.newest(500)
    folios = await _folios(view, {line["subject"] for line in lines})
    people = {account.id: account.name for account in view.context.directory.accounts()}
    shown = [
        (line, people.get(line["account"], line["account"]), _said(line["subject"], people, folios))
        for line in lines
    ]
    return view.show("audit.html", lines=shown, names=WHAT_NAMES)


async def _folios(view: Page, subjects: set[str]) -> dict[str, str]:
    """Folios of the reports among the subjects, by uuid."""
    ids = [subject.partition(":")[2] for subject in subjects if subject.startswith("report:")]
    marks = ", ".join("?" * len(ids))
    statement = f"SELECT id, coalesce(folio, provisional) FROM reports WHERE id IN ({marks})"
    rows = await view.context.register.ask(lambda db, _: db.execute(statement, ids).fetchall()) if ids else []
    return {str(report): str(folio) for report, folio in rows}


#: What the kind of a subject is called.
_KINDS = {
    "account": "Cuenta",
    "block": "Manzana",
    "device": "Teléfono de",
    "event": "Movimiento",
    "events": "Movimientos:",
    "proposal": "Propuesta del padrón",
    "quarantine": "Movimiento retenido",
    "refusal": "Movimiento rechazado",
    "person": "Persona",
    "photos": "Fotos",
    "register": "Todos los reportes",
    "blob": "Foto",
    "agency": "Dependencia",
    "type": "Tipo",
    "channel": "Canal",
    "rules": "Reglas",
    "calendar": "Calendario",
    "catalogue": "Catálogo",
    "asked": "Solicitud",
}
_PAGES = {"cuentas": "Cuentas", "padron": "Padrón", "avisos": "Por revisar", "personas": "Personas"}


def _said(subject: str, people: dict[str, str], folios: dict[str, str]) -> tuple[str, str]:
    """What was looked at or changed, in words, and the page that shows it (empty where there is none)."""
    if subject.startswith("/gestion/"):
        section, _, key = subject.removeprefix("/gestion/").partition("/")
        name = people.get(key, "") if section == "cuentas" else key
        return " · ".join(filter(None, (_PAGES.get(section, "Página"), name))), subject
    kind, _, key = subject.partition(":")
    if kind == "report":
        return f"Reporte {folios.get(key, 'sin folio')}", f"/gestion/asuntos/{key}"
    if kind == "account":
        return f"Cuenta de {people.get(key, key)}", f"/gestion/cuentas/{key}"
    if kind == "device":
        owner = key.partition("~")[0]
        return f"Teléfono de {people.get(owner, owner)}", f"/gestion/cuentas/{owner}"
    if kind == "block":
        return f"Manzana {key}", f"/gestion/padron/{key}"
    if kind == "citizen":
        return "Datos de una persona", f"/gestion/personas/documento/{key}"
    if kind == "person":
        return f"Persona {key}", f"/gestion/personas/{key}" if key.isdecimal() else ""
    return f"{_KINDS.get(kind, 'Registro')}{' ' + key if kind == 'events' else ''}", ""


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
    await view.context.audit.record(view.account.id, "exact_position", report_id(report))
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
        people={account.id: account.name for account in view.context.directory.accounts()},
        told=told,
        verdicts=VERDICT_NAMES,
    )


ROUTES = [
    Route("/gestion/auditoria", listing, methods=["GET"]),
    Route("/gestion/auditoria/posiciones", positions, methods=["GET"]),
]
