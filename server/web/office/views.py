"""Saved views of the lists: kept under a name, shared by supervisors, taken away by whoever made them.

Law: what is saved is the whole filter of the URL; opening a view is opening that URL.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.responses import Response
from starlette.routing import Route

from server.clock import new_uuid7
from server.documents import reading
from server.documents.ids import is_uuid
from server.documents.shapes import SavedView, SavedViewGroup
from server.instants import say
from server.problems import Problem
from server.register.filters import FilterError, parse
from server.register.lists import ORDERS
from server.register.views import LONGEST, MOST, audience_of, document, filter_of, names_a_person, visible
from server.store.scan import scan
from server.web.office.frame import Page, page

HERE = "/gestion/vistas"
LIST = "/gestion/asuntos"
#: How a list may be grouped: the URL's word and the filter's member (none: all in one).
GROUPS: dict[SavedViewGroup, str] = {
    "": "",
    "dependencia": "agency",
    "tipo": "type",
    "colonia": "colonia",
    "delegacion": "delegation",
    "general": "",
}


def group_of(given: str) -> SavedViewGroup:
    """The grouping of that name; none for any other word."""
    return next((one for one in GROUPS if one == given), "")


class Saved(NamedTuple):
    """``mine``: whether its reader made it."""

    id: str
    name: str
    href: str
    mine: bool
    shared: bool


async def _stored(view: Page) -> list[SavedView]:
    docs = [reading.view(row.body) async for row in scan(view.context.databases.office, "view:")]
    return [doc for doc in docs if visible(doc, view.account)]


async def saved_views(view: Page) -> list[Saved]:
    """The views that a page's reader is offered, by name, each the URL that it is."""
    found = []
    for doc in await _stored(view):
        wanted = filter_of(doc)
        if wanted is not None:
            href = wanted.url(LIST, orden=doc["order"], agrupar=doc["group"])
            mine = doc["by"] == view.account.id
            found.append(
                Saved(doc["_id"].removeprefix("view:"), doc["name"], href, mine, bool(doc["audience"]))
            )
    return sorted(found, key=lambda saved: saved.name.casefold())


@page("desk", "agency", "auditor")
async def listing(view: Page) -> Response:
    return view.show("views.html", saved=await saved_views(view), problem=None)


@page("desk", "agency", "auditor")
async def save(view: Page) -> Response:
    """Keep the list that is shown, under a name."""
    try:
        wanted = parse(parse_qsl(view.form.get("filtro", ""), max_num_fields=2_000))
    except FilterError as error:
        raise Problem("form_invalid", str(error)) from None
    name = " ".join(view.field("nombre", LONGEST, required=False).split())
    audience = audience_of(view.account) if view.form.get("compartir") == "si" else None
    problem = None
    if not name:
        problem = "Póngale un nombre a la vista."
    elif view.form.get("compartir") == "si" and audience is None:
        problem = "Compartir vistas es de quien supervisa."
    elif audience and names_a_person(wanted):
        problem = "Una vista compartida no lleva el nombre ni el teléfono de una persona."
    elif sum(doc["by"] == view.account.id for doc in await _stored(view)) >= MOST:
        problem = f"Ya tiene {MOST} vistas: borre una."
    if problem:
        return view.show("views.html", 422, saved=await saved_views(view), problem=problem)
    order, group = view.form.get("orden", ""), view.form.get("agrupar", "")
    doc = document(
        new_uuid7(view.context.clock),
        name,
        wanted,
        by=view.account.id,
        at=say(view.context.clock.now()),
        order=next((one for one in ORDERS if one == order), "newest"),
        group=group_of(group),
        audience=audience,
    )
    await view.context.databases.office.put(doc)
    return view.go(wanted.url(LIST, orden=doc["order"], agrupar=doc["group"]))


@page("desk", "agency", "auditor")
async def remove(view: Page) -> Response:
    """Take away a view that one made."""
    key = view.request.path_params["view"]
    office = view.context.databases.office
    doc = (await office.get_many([f"view:{key}"])).get(f"view:{key}") if is_uuid(key) else None
    if doc is None or doc["by"] != view.account.id:
        raise Problem("not_found")
    await office.put({"_id": doc["_id"], "_rev": doc["_rev"], "_deleted": True})
    return view.go(HERE)


ROUTES = [
    Route(HERE, listing, methods=["GET"]),
    Route(HERE, save, methods=["POST"]),
    Route(HERE + "/{view}", remove, methods=["POST"]),
]
