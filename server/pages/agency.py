"""An agency's own reports, for offices that work without the app.

Law: an agency is given the reports that are its own (``of_agency``), in the copy its role has (``trim``):
never a citizen's data, never where a worker stood, of a confidential report no author. Somebody else's
report and one that does not exist give the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson
from starlette.responses import Response
from starlette.routing import Route

from server.cases.semaforo import Semaforo, semaforo
from server.cases.transitions import FLAGS, OPEN
from server.cases.trim import copy_of
from server.evidence.access import of_agency
from server.instants import say
from server.pages.frame import Page, page
from server.pages.places import named_places
from server.pages.review import STATUS_NAMES, kind
from server.problems import Problem
from sync.interface import AllDocsQuery, Database

Json = dict[str, Any]

#: Reports on one page.
SHOWN = 50
#: Reports looked at for one page, newest first: about a tenth of a second. A search that finds little goes
#: on from there with the next page, so that no filter can hold the service up.
LOOKED_AT = 5_000
_STEP = 500

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")

COLOUR_NAMES = {
    "emergency": "Emergencia",
    "red": "Vencido",
    "amber": "Por vencer",
    "green": "A tiempo",
}

#: The style sheet's mark of each colour: a shape of its own, so that it survives greyscale.
MARKS = {"emergency": "vacant", "red": "vacant", "amber": "pending", "green": "active"}

KIND_NAMES = {
    "captured": "Capturado",
    "amended": "Corregido",
    "withdrawn": "Retirado",
    "noted": "Nota",
    "evidence_added": "Fotos agregadas",
    "supported": "«A mí también»",
    "prioritized": "Cambio de prioridad",
    "taken": "Alguien lo atiende",
    "assigned": "Asignado",
    "returned": "Devuelto",
    "started": "Iniciado",
    "visited": "Visita",
    "finished": "Terminado",
    "not_viable": "No viable",
    "answered": "Primera respuesta",
    "verified": "Verificado",
    "reopened": "Reabierto",
    "marked_duplicate": "Unido a otro reporte",
    "unmerged": "Separado",
    "action_recorded": "Acción de Protección Civil",
    "incident_joined": "Unido a un incidente",
    "folio": "Folio asignado",
    "escalated": "Aviso de emergencia",
    "photo_missing": "Falta una foto",
    "redaction": "Se retiraron datos",
}


def _own(view: Page) -> str:
    """The agency of whoever asks. Raises ``not_found``."""
    if not view.account.agency:
        raise Problem("not_found", "the account belongs to no agency")
    return view.account.agency


async def newest(
    cases: Database, agency: str, wanted: Callable[[Json], bool], before: str | None
) -> tuple[list[Json], str | None]:
    """Reports of an agency, newest first, and the uuid after which to go on (None at the end)."""
    start, looked, named = f"report:{before}" if before else "report:\uffff", 0, f'"{agency}"'.encode()
    found: list[Json] = []
    while looked < LOOKED_AT:
        query = AllDocsQuery(
            startkey=start, endkey="report:", descending=True, limit=_STEP + 1, include_docs=True
        )
        page_ = (await cases.all_docs(query)).rows
        rows = [row for row in page_ if row.id != start][:_STEP]
        for row in rows:
            # Most reports are others': the name in the bytes is asked before anything is parsed.
            if row.doc is None or named not in row.doc:
                continue
            report = orjson.loads(row.doc)
            if of_agency(report, agency) and wanted(report):
                found.append(report)
                if len(found) == SHOWN:
                    return found, row.id.removeprefix("report:")
        if len(rows) < _STEP:
            return found, None
        looked += len(rows)
        start = rows[-1].id
    return found, start.removeprefix("report:")


def light(view: Page, report: Json) -> Semaforo:
    names = ("status", "priority", "amber_at", "due_at", "finished_at")
    return semaforo(say(view.context.clock.now()), view.zone, **{name: report[name] for name in names})


async def _types(view: Page) -> dict[str, str]:
    found = await kind(view.context.databases.reference, "type", 2_000)
    return {doc["_id"].removeprefix("type:"): doc["name"] for doc in found}


@page("agency")
async def listing(view: Page) -> Response:
    """One's agency's reports, by status and semáforo."""
    agency, query = _own(view), view.request.query_params
    status, colour, before = (query.get(name, "") for name in ("estado", "semaforo", "antes"))
    known = {"", "abiertos", *STATUS_NAMES}
    if status not in known or colour not in {"", *COLOUR_NAMES} or not (before == "" or _UUID.match(before)):
        raise Problem("form_invalid", "estado, semaforo or antes")

    def wanted(report: Json) -> bool:
        if status == "abiertos" and report["status"] not in OPEN:
            return False
        if status not in ("", "abiertos", report["status"]):
            return False
        return not colour or light(view, report).colour == colour

    found, onward = await newest(view.context.databases.cases, agency, wanted, before or None)
    places = await named_places(view.context.databases, found)
    return view.show(
        "agency_reports.html",
        found=[(report, light(view, report), place) for report, place in zip(found, places, strict=True)],
        types=await _types(view),
        statuses=STATUS_NAMES,
        colours=COLOUR_NAMES,
        marks=MARKS,
        status=status,
        colour=colour,
        onward=onward,
        later=bool(before),
    )


@page("agency")
async def one(view: Page) -> Response:
    """One report of one's agency, as its role may read it."""
    agency, wanted = _own(view), view.request.path_params["report"]
    found = await view.context.databases.cases.get_many([f"report:{wanted}"]) if _UUID.match(wanted) else {}
    report = found.get(f"report:{wanted}")
    if report is None or not of_agency(report, agency):
        raise Problem("not_found")
    copy = copy_of(report, {"account": view.account.id, "role": "agency", "brigade": None}, "full")
    if report["confidential"]:
        copy["captured_by"] = None
        copy["timeline"] = [{**entry, "actor": None} for entry in copy["timeline"]]
    places = await named_places(view.context.databases, [copy], ("street", "between", "reference"))
    return view.show(
        "agency_report.html",
        place=places[0],
        report=copy,
        uuid=wanted,
        light=light(view, report),
        types=await _types(view),
        statuses=STATUS_NAMES,
        kinds=KIND_NAMES,
        flag_names={code: flag["text"] for code, flag in FLAGS.items()},
    )


ROUTES = [
    Route("/gestion/dependencia", listing, methods=["GET"]),
    Route("/gestion/dependencia/{report}", one, methods=["GET"]),
]
