"""*Asuntos*: the lists of the office, by any filter, in any order, with their true count.

Law: the URL says everything; what it says wrongly is told beside the field, with the rest kept; whose
reports they are is decided by ``register.scope`` alone.
"""

from __future__ import annotations

from datetime import date, datetime

from starlette.responses import Response
from starlette.routing import Route

from server.cases.semaforo import Semaforo, semaforo
from server.documents.dates import day_in_words
from server.documents.words import text, texts
from server.instants import say
from server.register.filters import NAMES, ONLY, Days, Filter, FilterError, parse
from server.register.finding import find
from server.register.lists import ORDERS, CursorError, Order, Row, count_of, facets_of, page_of
from server.register.scope import Scope, scope_of
from server.web.office.frame import Page, page
from server.web.office.reference import Names, names

PATH = "/gestion/asuntos"
#: Pairs of the URL that are the page's own.
_OWN = ("orden", "despues", "antes", "ver", "q")
ORDER_NAMES: dict[Order, str] = {
    "newest": "Los más nuevos",
    "oldest": "Los más viejos",
    "due": "Lo que vence primero",
    "priority": "Lo más urgente",
    "folio": "Por folio",
    "finished": "Lo último terminado",
}
ONLY_NAMES = {
    "abiertos": "Abiertos",
    "cerrados": "Cerrados",
    "reasignados": "Reasignados",
    "reabiertos": "Reabiertos",
    "con-aviso": "Con aviso",
    "sin-clasificar": "Sin clasificar",
    "duplicados": "Repetidos",
    "sin-respuesta": "Sin respuesta",
    "no-quedo": "No quedó",
    "verificados": "Verificados",
    "confidenciales": "Confidenciales",
    "peligro": "Alguien en peligro",
    "sin-lugar": "Sin lugar",
    "con-persona": "Con datos de una persona",
}
LABELS = {
    "captured": "Capturado", "due": "Vence", "finished": "Terminado", "reassigned": "Reasignado",
    "folio": "Folio", "status": "Estado", "colour": "Semáforo", "channel": "Canal", "type": "Tipo",
    "family": "Familia", "agency": "Dependencia", "department": "Departamento", "brigade": "Brigada",
    "colonia": "Colonia", "sector": "Cuartel", "delegation": "Delegación", "block": "Manzana",
    "priority": "Prioridad", "user": "Quién actuó", "flag": "Aviso", "street": "Calle", "words": "Palabras",
    "person": "Persona", "phone": "Teléfono", "only": "Sólo",
}  # fmt: skip
#: Rows of a page.
_SIZE = 50
#: Values of one field beside the list, the most frequent.
_FACET_VALUES = 12


def light(view: Page, row: Row) -> Semaforo:
    now = say(view.context.clock.now())
    return semaforo(now, view.zone, row.status, row.priority, row.amber_at, row.due_at, row.finished_at)


def shown(name: str, value: str, known: Names) -> str:
    """A filter's value in words."""
    match name:
        case "status" | "priority" | "colour":
            return text(name, value)
        case "type":
            return known.type(value)
        case "agency":
            return known.agency(value)
        case "channel":
            return known.channel(value)
        case "colonia":
            return known.colonia(value)
        case "sector":
            return known.sector(value)
        case "user":
            return known.account(value)
        case "only":
            return ONLY_NAMES[value]
    return value


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


def scope(view: Page) -> Scope:
    return scope_of(view.account, view.today)


def presets(view: Page) -> list[tuple[str, Filter]]:
    """What each day begins with."""
    today = Days(view.today, view.today)
    everyday = [
        ("Capturados hoy", Filter(captured=today)),
        ("Abiertos", Filter(only=("abiertos",))),
        ("Vencen hoy", Filter(due=today, only=("abiertos",))),
        ("Vencidos", Filter(colour=("red",))),
        ("Emergencias", Filter(colour=("emergency",))),
        ("Sin respuesta", Filter(only=("abiertos", "sin-respuesta"))),
        ("No quedó", Filter(only=("no-quedo",))),
    ]
    if view.account.role == "desk":
        everyday.insert(1, ("Sin clasificar", Filter(only=("sin-clasificar",))))
    return everyday


async def count(view: Page, wanted: Filter, mine: Scope, now: datetime) -> int:
    """How many reports a filter means."""
    return await view.context.register.ask(lambda db, columns: count_of(db, columns, wanted, mine, now))


async def counted_presets(view: Page) -> list[tuple[str, str, int]]:
    """The day's lists with how many there are, each a link."""
    mine, now = scope(view), view.context.clock.now()
    return [
        (title, wanted.url(PATH), await count(view, wanted, mine, now)) for title, wanted in presets(view)
    ]


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
    hidden = set(query.getlist("ver"))
    try:
        listed = await view.context.register.ask(
            lambda db, columns: page_of(
                db, columns, wanted, mine, now, order=order, size=_SIZE,
                after=query.get("despues"), before=query.get("antes"),
            )
        )  # fmt: skip
    except CursorError:
        return view.go(wanted.url(PATH, orden=order))
    facets = await view.context.register.ask(lambda db, columns: facets_of(db, columns, wanted, mine, now))
    return view.show(
        "listing.html",
        200 if error is None else 400,
        listed=listed,
        rows=[(row, light(view, row)) for row in listed.rows],
        wanted=wanted,
        error=error,
        given={name: query.getlist(name) for name in query},
        known=known,
        chips=chips(wanted, known),
        facets=_facets(facets, wanted, known, order),
        presets=await counted_presets(view),
        orders=ORDER_NAMES,
        order=order,
        onlys=ONLY_NAMES,
        only_codes=list(ONLY),
        statuses=texts("status"),
        priorities=texts("priority"),
        colours=texts("colour"),
        hidden=hidden,
        here=wanted.url(PATH, orden=order),
        after=wanted.url(PATH, orden=order, despues=listed.after) if listed.after else None,
        before=wanted.url(PATH, orden=order, antes=listed.before) if listed.before else None,
        grown=view.context.register.caught_up.is_set(),
    )  # fmt: skip


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
    if any(part.wanted.phone or part.wanted.person for part in found):
        await view.context.audit.record(view.account.id, "person_searched", "register")
    titles = {"folio": "Por folio", "phone": "Por teléfono", "words": "Por palabras"}
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
