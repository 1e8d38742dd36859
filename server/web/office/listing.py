"""*Asuntos*: the lists of the office, by any filter, in any order, with their true count.

Law: the URL says everything; what it says wrongly is told beside the field, with the rest kept; whose
reports they are is decided by ``register.scope`` alone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from server.cases.transitions import FLAGS
from server.documents.dates import day_in_words
from server.documents.words import texts
from server.register.columns import Columns
from server.register.filters import NAMES, ONLY, Days, Filter, FilterError, parse
from server.register.finding import find
from server.register.lists import ORDERS, CursorError, Order, counts_of, facets_of, page_of
from server.register.views import audience_of
from server.web.office.besides import GROUP_NAMES, MEASURES, grouped, map_of, offered, people
from server.web.office.frame import Page, page
from server.web.office.looking import light, scope
from server.web.office.naming import LABELS, ONLY_NAMES, shown
from server.web.office.reference import Names, names
from server.web.office.views import group_of, saved_views

PATH = "/gestion/asuntos"
#: Pairs of the URL that are the page's own.
_OWN = ("orden", "despues", "antes", "ver", "agrupar", "q")
ORDER_NAMES: dict[Order, str] = {
    "newest": "Los más nuevos",
    "oldest": "Los más viejos",
    "due": "Lo que vence primero",
    "priority": "Lo más urgente",
    "folio": "Por folio",
    "finished": "Lo último terminado",
}
#: Who may say that they attend to a report (``taken``).
_ATTENDING = frozenset({"desk", "agency", "brigade", "civil_protection"})
#: Rows of a page.
_SIZE = 50
#: Values of one field beside the list, the most frequent.
_FACET_VALUES = 12


def chips(wanted: Filter, known: Names) -> list[tuple[str, str]]:
    """What is on: each as words and the URL without it."""
    found = []
    for name in NAMES:
        value = getattr(wanted, name)
        if isinstance(value, Days) and value:
            said = " ".join(
                f"{word} {day_in_words(date.fromisoformat(day))}"
                for word, day in (("desde", value.first), ("hasta", value.last))
                if day
            )
            found.append((f"{LABELS[name]}: {said}", wanted.without(name).url(PATH)))
        elif isinstance(value, tuple):
            for part in value:
                label = shown(name, part, known)
                said = label if name == "only" else f"{LABELS[name]}: {label}"
                found.append((said, wanted.without(name, part).url(PATH)))
        elif isinstance(value, str) and value:
            found.append((f"{LABELS[name]}: {value}", wanted.without(name).url(PATH)))
    return found


def _order(given: str | None) -> Order:
    return next((order for order in ORDERS if order == given), "newest")


def home_filter(view: Page) -> Filter:
    """Where a desk begins: a delegación's with its own reports, which its lists can be widened from."""
    return Filter(delegation=(view.account.delegation,)) if view.account.delegation else Filter()


def presets(view: Page) -> list[tuple[str, Filter]]:
    """What each day begins with."""
    today, base = Days(view.today, view.today), home_filter(view)
    everyday = [
        ("Capturados hoy", replace(base, captured=today)),
        ("Abiertos", replace(base, only=("abiertos",))),
        ("Vencen hoy", replace(base, due=today, only=("abiertos",))),
        ("Vencidos", replace(base, colour=("red",))),
        ("Emergencias", replace(base, colour=("emergency",))),
        ("Sin respuesta", replace(base, only=("abiertos", "sin-respuesta"))),
        ("No quedó", replace(base, only=("no-quedo",))),
    ]
    if view.account.role == "desk":
        everyday.insert(1, ("Sin clasificar", replace(base, only=("sin-clasificar",))))
    return everyday


async def counted_presets(view: Page) -> list[tuple[str, str, int]]:
    """The day's lists with how many there are, each a link."""
    mine, now, listed = scope(view), view.context.clock.now(), presets(view)
    filters = [wanted for _, wanted in listed]
    found = await view.context.register.ask(lambda db, held: counts_of(db, held, filters, mine, now))
    return [(title, wanted.url(PATH), n) for (title, wanted), n in zip(listed, found, strict=True)]


def _facets(
    facets: dict[str, dict[str, int]], wanted: Filter, known: Names, order: Order
) -> list[tuple[str, list[tuple[str, int, str]]]]:
    """What the list divides into: for each field its values in words, their counts and the list of each."""
    found = []
    for name in ("colour", "status", "agency", "type", "channel", "colonia", "sector"):
        values = sorted(facets[name].items(), key=lambda item: -item[1])[:_FACET_VALUES]
        if len(values) > 1:
            rows = [
                (
                    shown(name, value, known) if value else "Sin dato",
                    number,
                    wanted.also(name, value).url(PATH, orden=order) if value else "",
                )
                for value, number in values
            ]
            found.append((LABELS[name], rows))
    return found


@page("desk", "agency", "auditor")
async def listing(view: Page) -> Response:
    query = view.request.query_params
    known = await names(view.context)
    error: FilterError | None = None
    try:
        wanted = parse(query.multi_items(), also=_OWN)
    except FilterError as wrong:
        error, wanted = wrong, Filter()
    order, now, mine = _order(query.get("orden")), view.context.clock.now(), scope(view)
    group = group_of(query.get("agrupar", ""))
    shows = set(query.getlist("ver")) & set(offered(view))
    register = view.context.register
    try:
        listed = await register.ask(
            lambda db, columns: page_of(
                db, columns, wanted, mine, now, order=order, size=_SIZE,
                after=query.get("despues"), before=query.get("antes"),
            )
        )  # fmt: skip
    except CursorError:
        return view.go(wanted.url(PATH, orden=order))
    facets = await register.ask(lambda db, columns: facets_of(db, columns, wanted, mine, now))
    own = {"orden": order, "agrupar": group}
    return view.show(
        "listing.html",
        200 if error is None else 400,
        listed=listed,
        rows=[(row, light(view, row)) for row in listed.rows],
        grouped=await grouped(view, wanted, group, known) if group else None,
        people=await people(view, listed.rows) if "persona" in shows and not group else None,
        map=map_of(view, listed.rows, known) if "mapa" in shows and not group else None,
        wanted=wanted,
        error=error,
        given={name: query.getlist(name) for name in query},
        known=known,
        chips=chips(wanted, known),
        facets=_facets(facets, wanted, known, order),
        presets=await counted_presets(view),
        saved=await saved_views(view),
        may_share=audience_of(view.account) is not None,
        filtro=urlencode(wanted.query()),
        orders=ORDER_NAMES,
        order=order,
        groups=GROUP_NAMES,
        group=group,
        shows=shows,
        all_shows=offered(view),
        measures=list(MEASURES.items()),
        onlys=ONLY_NAMES,
        only_codes=list(ONLY),
        statuses=texts("status"),
        priorities=texts("priority"),
        colours=texts("colour"),
        flags=[(code, flag["text"]) for code, flag in FLAGS.items()],
        staff=[
            (account.id, account.name)
            for account in view.context.directory.accounts()
            if account.role in _ATTENDING
        ],
        delegations=await register.ask(lambda db, columns: _delegations(columns)),
        here=wanted.url(PATH, **own),
        after=wanted.url(PATH, **own, ver=shows, despues=listed.after) if listed.after else None,
        before=wanted.url(PATH, **own, ver=shows, antes=listed.before) if listed.before else None,
        grown=register.caught_up.is_set(),
    )  # fmt: skip


def _delegations(columns: Columns) -> list[str]:
    with columns.lock:
        return sorted(text for text in columns.codes["delegation"].texts if text)


@page("desk", "agency", "auditor")
async def search(view: Page) -> Response:
    """One box: a folio goes to its report at once, everything else to what it may mean."""
    asked = view.request.query_params.get("q", "").strip()
    now, mine = view.context.clock.now(), scope(view)
    persons = view.account.role in ("desk", "auditor")
    found = await view.context.register.ask(
        lambda db, columns: find(db, columns, asked, mine, now, persons=persons)
    )
    if len(found) == 1 and found[0].exact:
        return view.go(f"/gestion/asuntos/{found[0].exact}")
    if any(part.wanted.phone or part.wanted.person or part.wanted.citizen for part in found):
        await view.context.audit.record(view.account.id, "person_searched", "register")
    titles = {
        "folio": "Por folio",
        "citizen": "Por número de ciudadano",
        "phone": "Por teléfono",
        "words": "Por palabras",
    }
    return view.show(
        "search.html",
        asked=asked,
        known=await names(view.context),
        found=[
            (
                _title(part.wanted, titles[part.what]),
                part.wanted.url(PATH),
                [(row, light(view, row)) for row in part.rows],
            )
            for part in found
        ],
    )


def _title(wanted: Filter, otherwise: str) -> str:
    for name in ("person", "street", "words"):
        if getattr(wanted, name):
            return f"{LABELS[name]}: {getattr(wanted, name)}"
    return otherwise


ROUTES = [
    Route(PATH, listing, methods=["GET"]),
    Route("/gestion/buscar", search, methods=["GET"]),
]
