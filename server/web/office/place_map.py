"""Maps of one place: where a report is, and where a caller's may be.

Law: nothing is drawn that the page does not say in words; a place that is not known has no map.
"""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import Route

from server.documents.shapes import Report
from server.web.office.frame import Page, page
from server.web.office.maps import NEAR, Spot, Window, draw, rings, shape, window
from server.web.office.reference import Names, names

HERE = "/gestion/mapa"
#: Metres around a colonia that its map shows.
_MARGIN = 60.0


def _areas(known: Names, view: Window) -> Iterator[str]:
    for key, doc in known.areas.items():
        if key.startswith("colonia:"):
            yield shape(doc.get("geometry"), str(doc.get("name")), view, "area")


async def place_map(view: Page, report: Report, known: Names, colour: str) -> Markup | None:
    """The report in its block and among its colonias."""
    place = report["place"]
    if place.get("lat") is None or place.get("lon") is None:
        return None
    around = window([(place["lat"], place["lon"])], NEAR)
    blocks = [f"block:{key}" for key in {place.get("block"), *(place.get("blocks_tied") or ())} if key]
    found = await view.context.databases.registry.get_many(sorted(blocks)) if blocks else {}
    drawn = [shape(doc.get("geometry"), str(doc.get("name")), around, "block") for doc in found.values()]
    folio = report["folio"] or report["provisional_folio"]
    spot = Spot(place["lat"], place["lon"], colour, f"{folio} {known.type(report['type'])}")
    colonia = known.colonia(place.get("colonia"))
    said = f"Mapa: el reporte en {colonia}" if colonia else "Mapa: el lugar del reporte"
    return draw(said, around, [*_areas(known, around), *drawn], [spot])


@page("desk", "agency")
async def pin(view: Page) -> Response:
    """The map on which a place is pointed at: a colonia's, or the whole town's."""
    known = await names(view.context)
    asked = view.request.query_params.get("colonia", "")
    chosen = [doc for key, doc in known.areas.items() if key == f"colonia:{asked}"]
    shown = chosen or [doc for key, doc in known.areas.items() if key.startswith("colonia:")]
    points = [(lat, lon) for doc in shown for ring in rings(doc.get("geometry")) for lon, lat, *_ in ring]
    settings = await view.context.reference_settings()
    if not points:
        points = [(lat, lon) for ring in rings(settings.get("outline")) for lon, lat, *_ in ring]
    if not points:
        return Response(status_code=404)
    around = window(points, _MARGIN if chosen else NEAR)
    said = f"Mapa de {chosen[0].get('name')}" if chosen else "Mapa del municipio"
    drawn = [*_areas(known, around)] or [shape(settings.get("outline"), said, around, "area")]
    svg = draw(said, around, drawn, [])
    alone = str(svg).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return Response(alone, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


ROUTES = [Route(HERE, pin, methods=["GET"])]
