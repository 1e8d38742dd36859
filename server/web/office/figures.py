"""*Cifras*: what the reports of a filter amount to, beside the period before, each number with its list.

Law: the filter is the one of the lists, in the URL; nothing is counted that its reader may not read.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from server.documents.words import texts
from server.register.filters import Days, Filter, FilterError, parse
from server.register.statistics import Figures, figures
from server.web.office.charts import bars, columns
from server.web.office.frame import Page, page
from server.web.office.listing import PATH, chips
from server.web.office.looking import scope
from server.web.office.naming import LABELS, shown
from server.web.office.reference import Names, names

HERE = "/gestion/cifras"
#: Groups shown, in this order, and values of each.
_GROUPS = ("agency", "type", "channel", "colonia")
_VALUES = 12
#: The period where the URL names none.
_DEFAULT_DAYS = 30


def period_before(days: Days) -> Days | None:
    """The same number of days just before; None where the period is open."""
    if days.first is None or days.last is None:
        return None
    first, last = date.fromisoformat(days.first), date.fromisoformat(days.last)
    length = (last - first).days + 1
    return Days((first - timedelta(days=length)).isoformat(), (first - timedelta(days=1)).isoformat())


async def _figures(view: Page, wanted: Filter) -> Figures:
    mine, now = scope(view), view.context.clock.now()
    return await view.context.register.ask(lambda db, held: figures(db, held, wanted, mine, now, _GROUPS))


def _group(
    name: str, found: Figures, wanted: Filter, known: Names
) -> tuple[str, Any, list[tuple[str, int, str]]]:
    ordered = sorted(found.groups[name].items(), key=lambda item: -item[1])[:_VALUES]
    rows = [
        (
            shown(name, value, known) if value else "Sin dato",
            count,
            wanted.also(name, value).url(PATH) if value else "",
        )
        for value, count in ordered
    ]
    return LABELS[name], bars(LABELS[name], rows), rows


@page("desk", "agency", "auditor")
async def sheet(view: Page) -> Response:
    query = view.request.query_params
    known = await names(view.context)
    error: FilterError | None = None
    try:
        wanted = parse(query.multi_items())
    except FilterError as wrong:
        error, wanted = wrong, Filter()
    if not wanted.captured:
        first = (date.fromisoformat(view.today) - timedelta(days=_DEFAULT_DAYS - 1)).isoformat()
        wanted = replace(wanted, captured=Days(first, view.today))
    found = await _figures(view, wanted)
    earlier = period_before(wanted.captured)
    before = await _figures(view, replace(wanted, captured=earlier)) if earlier else None
    return view.show(
        "figures.html",
        200 if error is None else 400,
        error=error,
        wanted=wanted,
        found=found,
        before=before,
        earlier=earlier,
        known=known,
        chips=[(said, href.replace(PATH, HERE, 1)) for said, href in chips(wanted, known)],
        list_of=lambda **members: replace(wanted, **members).url(PATH),
        days=columns("Reportes por día", found.days),
        groups=[_group(name, found, wanted, known) for name in _GROUPS],
        statuses=texts("status"),
        agencies=sorted(found.by_agency.items(), key=lambda item: -item[1].count),
        day=lambda text: date.fromisoformat(text).strftime("%d/%m/%Y"),
        percent=lambda share: "—" if share is None else f"{share:.0f} %",
        long=lambda days: "—" if days is None else f"{days:.1f} días",
    )


ROUTES = [Route(HERE, sheet, methods=["GET"])]
