"""Documents of reports as PDF: order, ticket, Protección Civil's account, acta de cierre.

Law: a document holds what its reader may read on the page, and no more; what holds a person's data, leaves in
bulk or takes signed events along is on record before its first byte.
"""

from __future__ import annotations

import asyncio
import functools
import re
from collections.abc import Callable
from typing import TypeVar

from starlette.responses import Response
from starlette.routing import Route

from server.documents.reading import report as as_report
from server.papers.acta import acta
from server.papers.typeset import pdf
from server.problems import Problem
from server.register.filters import FilterError, parse
from server.register.lists import count_of, seen_of
from server.web.office.closing_act import package_of
from server.web.office.frame import Page, page
from server.web.office.looking import scope
from server.web.office.reference import names
from server.web.office.report import report_of
from server.web.office.sheets import Sheets, ground_of

T = TypeVar("T")

#: Orders of one file: a day's work of a large crew, and some three seconds.
MOST_ORDERS = 200
#: What a header's file name does not hold (RFC 6266 §4.3); old systems' folios may.
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]")
_OWN = ("orden", "persona_datos")
#: Roles that may have who asked printed on an order.
_PERSONS = frozenset({"desk", "agency"})


async def aside(work: Callable[..., T], *args: object) -> T:
    """Typesetting takes a processor for itself: off the loop."""
    return await asyncio.to_thread(functools.partial(work, *args))


def sent(data: bytes, name: str) -> Response:
    """A PDF that a browser shows and saves under ``name``, of which only plain letters are kept."""
    name = _NOT_PLAIN.sub("_", name)
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "no-store"}
    return Response(data, media_type="application/pdf", headers=headers)


def _wants_person(view: Page) -> bool:
    wanted = view.request.query_params.get("persona_datos") == "si"
    if wanted and view.account.role not in _PERSONS:
        raise Problem("role_not_allowed", "a person's data are printed for desk and agency")
    return wanted


@page("desk", "agency", "auditor")
async def paper(view: Page) -> Response:
    """One document of one report."""
    kind = view.request.path_params["paper"]
    report = await report_of(view)
    name = f"{kind}-{report['folio'] or report['provisional_folio']}"
    audit, me = view.context.audit, view.account.id
    if kind == "acta":
        whole = view.account.role == "auditor"
        package, photos = await package_of(view, report, positions=whole)
        await audit.record(me, "exact_position" if whole else "printed_act", report["_id"])
        return sent(await aside(acta, package, photos), name)
    sheets = Sheets(view, await names(view.context), await ground_of(view.context))
    if kind == "orden":
        person = _wants_person(view) and bool(report["citizen"])
        if person:
            await audit.record(me, "printed_person", report["_id"])
        made = await sheets.orders([report], persons=person)
    elif kind == "informe":
        made = await sheets.action(report)
    elif kind == "boleto":
        made = sheets.ticket(report, await view.context.reference_settings())
    else:
        raise Problem("not_found")
    return sent(await aside(pdf, *made), name)


@page("desk", "agency", "auditor")
async def orders(view: Page) -> Response:
    """The orders of a filter in one file, oldest first."""
    try:
        wanted = parse(view.request.query_params.multi_items(), also=_OWN)
    except FilterError as error:
        raise Problem("form_invalid", str(error)) from None
    mine, now, register = scope(view), view.context.clock.now(), view.context.register
    count = await register.ask(lambda db, columns: count_of(db, columns, wanted, mine, now))
    if count > MOST_ORDERS:
        raise Problem("paper_too_many", f"{count} reports; at most {MOST_ORDERS}")
    seen = await register.ask(lambda db, columns: seen_of(db, columns, wanted, mine, now, MOST_ORDERS))
    ids = [report for report, _, _ in seen]
    found = await view.context.databases.cases.get_many([f"report:{one}" for one in ids])
    reports = [as_report(found[f"report:{one}"]) for one in ids if f"report:{one}" in found]
    if not reports:
        raise Problem("not_found", "the filter means no report")
    person = _wants_person(view)
    what = "printed_person" if person else "printed"
    await view.context.audit.record(view.account.id, what, f"orders:{len(reports)}")
    sheets = Sheets(view, await names(view.context), await ground_of(view.context))
    return sent(await aside(pdf, *await sheets.orders(reports, persons=person)), f"ordenes-{view.today}")


ROUTES = [
    Route("/gestion/ordenes.pdf", orders, methods=["GET"]),
    Route("/gestion/asuntos/{report}/{paper}.pdf", paper, methods=["GET"]),
]
