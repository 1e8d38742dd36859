"""What a list shows besides its rows, or instead of them: groups, persons, a map.

Law: a person's name is shown only where it was asked for, to whom it may be, and on record first.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from server.documents.shapes import SavedViewGroup
from server.register.filters import Filter
from server.register.lists import Row, persons_of
from server.register.tallies import tallies, tally
from server.web.office.frame import Page
from server.web.office.looking import light, scope
from server.web.office.maps import Spot, draw, shape, window
from server.web.office.naming import LABELS
from server.web.office.reference import Names
from server.web.office.tables import tally_rows
from server.web.office.views import GROUPS

GROUP_NAMES = {
    "": "Detalle",
    "dependencia": "Por dependencia",
    "tipo": "Por tipo",
    "colonia": "Por colonia",
    "delegacion": "Por delegación",
    "general": "General",
}
MEASURES = {
    "count": "Reportes",
    "open": "Abiertos",
    "emergency": "Emergencias",
    "red": "Vencidos",
    "amber": "Por vencer",
    "today": "Vencen hoy",
    "closed": "Cerrados",
}
#: What is shown only where asked for.
_SHOWS = {"persona": "Nombre y teléfono de la persona (queda registrado)", "mapa": "Mapa"}


def offered(view: Page) -> dict[str, str]:
    """What a list may show besides to a page's reader: citizens' names to desk and auditor alone."""
    persons = view.account.role in ("desk", "auditor")
    return {name: said for name, said in _SHOWS.items() if name != "persona" or persons}


async def grouped(view: Page, wanted: Filter, group: SavedViewGroup, known: Names) -> dict[str, Any]:
    """The list by the values of a field, and all of it in one line, each number with its list."""
    mine, now, today, name = scope(view), view.context.clock.now(), view.today, GROUPS[group]
    register = view.context.register
    whole = await register.ask(lambda db, held: tally(db, held, wanted, mine, now, today))
    rows = []
    if name:
        found = await register.ask(lambda db, held: tallies(db, held, wanted, mine, now, today, (name,)))
        rows = tally_rows(found[name], wanted, name, known, today, MEASURES, "Sin dato")
    rows += tally_rows({"": whole}, wanted, "", known, today, MEASURES, "Todos")
    return {"title": GROUP_NAMES[group], "heading": LABELS.get(name, "Todo"), "rows": rows}


async def people(view: Page, rows: list[Row]) -> dict[str, tuple[str, str]]:
    """Name and telephone of who asked, by the citizen's id; that they were shown is on record first."""
    citizens = [row.citizen for row in rows if row.citizen]
    await view.context.audit.record(view.account.id, "persons_listed", f"reports:{len(citizens)}")
    return await view.context.register.ask(lambda db, _: persons_of(db, citizens))


def map_of(view: Page, rows: list[Row], known: Names) -> Markup | None:
    """The page's reports on a map, each a link to itself."""
    spots = []
    for row in rows:
        if row.lat is not None and row.lon is not None:
            words = f"{row.folio or row.provisional} {known.type(row.type)}"
            spots.append(Spot(row.lat, row.lon, light(view, row).colour, words, f"/gestion/asuntos/{row.id}"))
    if not spots:
        return None
    around = window([(one.lat, one.lon) for one in spots])
    shapes = [
        shape(doc.get("geometry"), str(doc.get("name")), around, "area")
        for key, doc in known.areas.items()
        if key.startswith("colonia:")
    ]
    return draw(f"Mapa de {len(spots)} reportes de esta página", around, shapes, spots, 6)
