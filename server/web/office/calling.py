"""*Llamadas*: whom the office owes a call, why, by when, and what came of it.

Law: a person's name and telephone are shown one person at a time, on record. A call about several reports is
one call; its form sent twice is one call too.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from server.calls.due import MOST_SPOKEN, Owed, owed
from server.calls.finding import candidates, contacts, persons
from server.clock import new_uuid7
from server.documents.ids import is_uuid
from server.instants import say
from server.problems import Problem
from server.web.office.frame import Page, page
from server.web.office.looking import scope
from server.web.office.reference import names
from sync.errors import Conflict

Json = dict[str, Any]

HERE = "/gestion/llamadas"
WHY_NAMES = {
    "not_solved": "Dijo que no quedó",
    "overdue": "Se venció lo prometido",
    "unanswered": "Nadie le ha respondido",
    "closed": "Se cerró y nadie le ha avisado",
}
#: What to say, with the folio, the type and the agency.
SCRIPTS = {
    "not_solved": "Usted nos dijo que su reporte {folio} («{type}») no quedó. Quiero saber qué falta.",
    "overdue": "Su reporte {folio} («{type}») debía quedar y no está. Le digo cómo va y cuándo se atiende.",
    "unanswered": "Recibimos su reporte {folio} («{type}») y todavía no le respondíamos. Le digo cómo va.",
    "closed": "Su reporte {folio} («{type}») ya se cerró. ¿Quedó bien?",
}
OUTCOMES = {
    "reached": "Hablé con la persona",
    "no_answer": "No contestó",
    "later": "Pidió que se le llame después",
    "wrong_number": "Número equivocado",
    "refused": "No quiere llamadas",
}
CHANNELS = {"phone": "Teléfono", "whatsapp": "WhatsApp", "visit": "Visita", "other": "Otro"}
#: Lines of the page.
_SHOWN = 100


async def _owed(view: Page) -> tuple[list[Owed], dict[str, Json]]:
    """Whom to call, and the reports it is about by uuid."""
    context, mine, now = view.context, scope(view), view.context.clock.now()
    wanted = await context.register.ask(lambda db, columns: candidates(db, columns, mine, now))
    said = await contacts(context.databases.office, now)
    every = [*wanted, *(str(one["report"]) for one in said)]
    whose = await context.register.ask(lambda db, _: persons(db, every))
    docs = await context.databases.cases.get_many([f"report:{one}" for one in wanted])
    reports = {doc["_id"].removeprefix("report:"): doc for doc in docs.values()}
    return owed(reports.values(), whose, said, now), reports


@page("desk", "agency")
async def calls(view: Page) -> Response:
    found, reports = await _owed(view)
    now = say(view.context.clock.now())
    return view.show(
        "calls.html",
        known=await names(view.context),
        owed=found[:_SHOWN],
        count=len(found),
        late=sum(one.by < now for one in found),
        reports=reports,
        whys=WHY_NAMES,
        now=now,
        most=MOST_SPOKEN,
    )


async def _one(view: Page) -> tuple[Owed, dict[str, Json]]:
    report = view.request.path_params["report"]
    found, reports = await _owed(view)
    for one in found:
        if any(matter.report == report for matter in one.matters):
            return one, reports
    raise Problem("call_not_owed")


@page("desk", "agency")
async def call(view: Page) -> Response:
    """Whom to call and what to say; the look at the person is on record first."""
    one, reports = await _one(view)
    context, known = view.context, await names(view.context)
    first = reports[one.matters[0].report]
    await context.audit.record(view.account.id, "citizen", first["_id"])
    docs = await context.databases.citizens.get_many([first["citizen"]])
    about = [(matter, reports[matter.report]) for matter in one.matters]
    return view.show(
        "call.html",
        known=known,
        one=one,
        person=(docs.get(first["citizen"]) or {}).get("content") or {},
        about=[
            (
                matter,
                report,
                SCRIPTS[matter.why].format(
                    folio=report["folio"] or report["provisional_folio"], type=known.type(report["type"])
                ),
                new_uuid7(context.clock),
            )
            for matter, report in about
        ],
        whys=WHY_NAMES,
        outcomes=OUTCOMES,
        channels=CHANNELS,
    )


@page("desk", "agency")
async def record(view: Page) -> Response:
    """Note a call about every report of the form; what is noted already is left as it is."""
    outcome, channel = view.field("resultado", 20), view.field("medio", 20)
    if outcome not in OUTCOMES or channel not in CHANNELS:
        raise Problem("form_invalid", "resultado or medio is none there is")
    text = view.field("texto", 4_000, required=False).replace("\r\n", "\n")
    if outcome == "reached" and not text:
        raise Problem("form_invalid", "texto: what was said is missing")
    office, at = view.context.databases.office, say(view.context.clock.now())
    given = {name.removeprefix("own-"): own for name, own in view.form.items() if name.startswith("own-")}
    known = await office.get_many([f"contact:{own}" for own in given.values() if is_uuid(own)])
    if len(known) < len(given):
        one, _ = await _one(view)
        whys = {matter.report: matter.why for matter in one.matters}
        for report, own in given.items():
            if report not in whys or not is_uuid(own):
                continue
            doc = {
                "_id": f"contact:{own}",
                "schema": "contact.v1",
                "report": report,
                "why": whys[report],
                "at": at,
                "by": view.account.id,
                "channel": channel,
                "outcome": outcome,
                **({"text": text} if text else {}),
            }
            try:
                await office.put(doc)
            except Conflict:
                continue
    return view.go(HERE)


ROUTES = [
    Route(HERE, calls, methods=["GET"]),
    Route(HERE + "/{report}", call, methods=["GET"]),
    Route(HERE + "/{report}", record, methods=["POST"]),
]
