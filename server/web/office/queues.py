"""*Colas*: what waits with each person, brigade and agency, and what falls due today. For supervisors.

Law: every number is the count of its list; nobody's reports are counted who may not read them.
"""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response
from starlette.routing import Route

from server.register.tallies import narrowed, tallies, tally
from server.web.office.frame import Page, page
from server.web.office.listing import PATH, home_filter
from server.web.office.looking import scope
from server.web.office.reference import names
from server.web.office.tables import tally_rows

HERE = "/gestion/colas"
MEASURES = {
    "open": "Abiertos",
    "emergency": "Emergencias",
    "red": "Vencidos",
    "amber": "Por vencer",
    "today": "Vencen hoy",
}
_TABLES = {
    "holder": ("Por persona", "Quién lo atiende", "Nadie todavía"),
    "brigade": ("Por brigada", "Brigada", "Sin brigada"),
    "agency": ("Por dependencia", "Dependencia", ""),
}


@page("desk", "agency", "auditor", supervisors=True)
async def queues(view: Page) -> Response:
    known, today = await names(view.context), view.today
    base, mine, now = home_filter(view), scope(view), view.context.clock.now()
    wanted = replace(base, only=("abiertos",))
    register = view.context.register
    fields = tuple(_TABLES)
    found = await register.ask(lambda db, held: tallies(db, held, wanted, mine, now, today, fields))
    whole = await register.ask(lambda db, held: tally(db, held, wanted, mine, now, today))
    tiles = []
    for measure in ("today", "red", "amber", "emergency", "open"):
        narrow = narrowed(wanted, "", "", measure, today)
        assert narrow is not None
        tiles.append((MEASURES[measure], getattr(whole, measure), narrow.url(PATH)))
    return view.show(
        "queues.html",
        today_tiles=tiles,
        measures=list(MEASURES.items()),
        tables=[
            (title, heading, tally_rows(found[name], wanted, name, known, today, MEASURES, none))
            for name, (title, heading, none) in _TABLES.items()
        ],
    )


ROUTES = [Route(HERE, queues, methods=["GET"])]
