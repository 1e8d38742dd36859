"""Taking a report with the caller on the line: who, what, where, save, and what to say.

Law: what was typed is never lost by a mistake; urgent words say 911 before anything else is asked; the folio
that is read out is the one intake gave. The channel is chosen, never assumed.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from server.cases.urgency import found_words
from server.catalogue.finding import Found, finder
from server.catalogue.finding import said as ways_of_saying
from server.channels.citizens import citizen
from server.clock import new_uuid7
from server.documents import reading
from server.documents.dates import day_in_words
from server.documents.ids import is_uuid, report_id
from server.documents.shapes import Answer, Citizen, CitizenContent, Payload, PetitionType, Place, Position
from server.documents.words import texts
from server.instants import parse, say
from server.persons.telephones import digits_of
from server.register.filters import Filter
from server.register.lists import Row, page_of
from server.register.scope import scope_of
from server.web.office.frame import Page, page
from server.web.office.looking import light
from server.web.office.reference import Names, names
from server.web.office.ticket import ticket_of

PATH = "/gestion/captura"
#: The channel of the shift is remembered this long.
_SHIFT = timedelta(hours=12)
_COOKIE = "manzana-canal"
#: Channels of which a desk may say that a report came by: those of phones and of machines are theirs.
NOT_BY_HAND = frozenset({"jefe-de-manzana", "jefe-de-cuartel", "brigada", "proteccion-civil", "app"})
#: Rows of a caller's history and of what is open near by.
_SHOWN = 8
_TEXT = 4_000
_POINT = re.compile(r"(-?\d{1,2}(?:\.\d{1,10})?)\s*[,;\s]\s*(-?\d{1,3}(?:\.\d{1,10})?)\Z")


class Wrong(Exception):
    """What a form lacks: the field and a sentence (es-MX)."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


def _given(view: Page) -> dict[str, str]:
    """What was typed so far: the URL's fields under the form's."""
    return {**view.request.query_params, **view.form}


async def _rows(view: Page, wanted: Filter) -> list[tuple[Row, Any]]:
    mine, now = scope_of(view.account, view.today), view.context.clock.now()
    listed = await view.context.register.ask(
        lambda db, columns: page_of(db, columns, wanted, mine, now, size=_SHOWN)
    )
    return [(row, light(view, row)) for row in listed.rows]


async def _history(view: Page, phone: str) -> list[tuple[Row, Any]]:
    """The caller's reports; that somebody looked is on record."""
    digits = digits_of(phone)
    if view.account.role != "desk" or not digits or len(digits) != 10:
        return []
    await view.context.audit.record(view.account.id, "person_searched", "register")
    return await _rows(view, Filter(phone=digits))


async def _near(view: Page, given: dict[str, str]) -> list[tuple[Row, Any]]:
    """Open reports of the type in the same street or colonia: the caller may join one."""
    if not given.get("tipo"):
        return []
    street = given.get("calle", "").strip()
    colonia = (given["colonia"],) if given.get("colonia") else ()
    if not street and not colonia:
        return []
    wanted = Filter(type=(given["tipo"],), colonia=colonia, only=("abiertos",), street=street)
    return await _rows(view, wanted)


async def _show(view: Page, status: int = 200, wrong: Wrong | None = None) -> Response:
    given = _given(view)
    known = await names(view.context)
    said = given.get("que", "").strip()
    answer = finder(known.types).find(said) if said else Found([], False, [])
    found = answer.types
    chosen = given.get("tipo") if given.get("tipo") in known.types else (found[0] if found else None)
    given["tipo"] = chosen or ""
    petition_type = known.types.get(chosen or "")
    rules = (await view.context.databases.reference.get_many(["rules"])).get("rules", {})
    urgent = (
        answer.help
        or bool(petition_type and petition_type.get("urgent"))
        or any(
            found_words(f"{said} {given.get('texto', '')}", rule["words"])
            for rule in rules.get("words") or ()
            if rule.get("priority") == 1
        )
    )
    return view.show(
        "capture.html",
        status,
        given=given,
        known=known,
        channels={
            key: doc["name"]
            for key, doc in known.channels.items()
            if doc.get("active", True) and key not in NOT_BY_HAND
        },
        channel=given.get("canal") or view.request.cookies.get(_COOKIE, ""),
        said=said,
        found=[(key, known.type(key)) for key in found],
        petition_type=petition_type,
        chosen=chosen,
        urgent=urgent,
        elsewhere=[ways_of_saying()["elsewhere"][key]["says"] for key in answer.elsewhere],
        history=await _history(view, given.get("telefono", "")),
        near=await _near(view, given),
        own=given.get("own") or new_uuid7(view.context.clock),
        report=given.get("reporte") or new_uuid7(view.context.clock),
        wrong=wrong,
        for_whom=texts("for_whom"),
    )


@page("desk", "agency")
async def form(view: Page) -> Response:
    return await _show(view)


@page("desk", "agency")
async def save(view: Page) -> Response:
    """Save the report; the next page says the folio, the promised date and what to tell the caller."""
    known = await names(view.context)
    try:
        payload, citizens = await _captured(view, known)
    except Wrong as wrong:
        return await _show(view, 422, wrong)
    report, own = view.form.get("reporte", ""), view.form.get("own", "")
    clock = view.context.clock
    report = report if _fresh(report) else new_uuid7(clock)
    own = own if _fresh(own) else new_uuid7(clock)
    notice = (await view.context.reference_settings()).get("notice")
    pointed = _pointed(view.form)
    word = await view.context.pen.act(
        view.account, "captured", report, payload, own=own, citizens=citizens, notice=notice,
        position=pointed or {"source": "block" if payload["place"].get("block") else "address"},
    )  # fmt: skip
    if word.state in ("refused", "quarantined"):
        return await _show(
            view, 409, Wrong("", f"No se registró: {word.message or 'espera revisión'} Nada se perdió.")
        )
    answer = view.go(f"{PATH}/{report}")
    answer.set_cookie(
        _COOKIE, payload["channel"], max_age=int(_SHIFT.total_seconds()), path="/gestion/",
        secure=view.request.url.scheme == "https", httponly=True, samesite="strict",
    )  # fmt: skip
    return answer


def _pointed(form: dict[str, str]) -> Position | None:
    """The place that was pointed at on the map, or typed as latitude and longitude. Raises ``Wrong``."""
    said = form.get("punto", "").strip()
    if not said:
        return None
    read = _POINT.match(said)
    if read is None or abs(float(read[1])) > 90 or abs(float(read[2])) > 180:
        raise Wrong("punto", "El punto se escribe como 21.121900, -101.682700: latitud y longitud.")
    return {"source": "pin", "lat": float(read[1]), "lon": float(read[2])}


def _fresh(text: str) -> bool:
    return is_uuid(text) and text[14] == "7"


async def _captured(view: Page, known: Names) -> tuple[Payload, list[Citizen]]:
    """The payload and the citizen documents of the form. Raises ``Wrong``."""
    form = view.form
    channel = form.get("canal", "")
    if channel not in known.channels or channel in NOT_BY_HAND:
        raise Wrong("canal", "Elija por dónde llegó.")
    type_id = form.get("tipo", "")
    if type_id not in known.types:
        raise Wrong("que", "Diga qué pasa y elija de qué se trata.")
    place: Place = {}
    if street := _line(form, "calle"):
        place["street"] = street
    if between := _line(form, "entre"):
        place["between"] = between
    if reference := _line(form, "referencia"):
        place["reference"] = reference
    if form.get("numero", "").strip():
        place["street"] = f"{place.get('street', '')} {_line(form, 'numero')}".strip()
    if form.get("colonia"):
        if form["colonia"] not in known.colonias:
            raise Wrong("colonia", "Elija la colonia de la lista.")
        place["colonia"] = form["colonia"]
    block = form.get("manzana", "").strip()
    if block:
        place["block"] = await _block(view, block)
    text = _text(form, "texto") or form.get("que", "").strip()[:_TEXT]
    if place.keys().isdisjoint(("street", "colonia", "block")) and not _pointed(form):
        raise Wrong("calle", "Falta el lugar: calle, colonia, manzana o un punto en el mapa.")
    if type_id == "unknown" and not text:
        raise Wrong("texto", "Escriba qué pasa: sin eso nadie puede clasificarlo.")
    payload: Payload = {
        "type": type_id,
        "channel": channel,
        "for_whom": "anonymous",
        "answers": _answers(form, known.types[type_id]),
        "place": place,
        "urgent": form.get("urgente") == "si",
    }
    if text:
        payload["text"] = text
    if form.get("peligro") == "si":
        payload["danger"] = True
    citizens = await _citizen(view)
    if citizens:
        payload["for_whom"], payload["citizen"] = "neighbour", citizens[0]["_id"]
    return payload, citizens


async def _citizen(view: Page) -> list[Citizen]:
    """The caller's data, where they were given and the notice was read. Raises ``Wrong``."""
    content: CitizenContent = {}
    name, phone, email = (_line(view.form, field) for field in ("nombre", "telefono", "correo"))
    if name:
        content["name"] = name
    if phone:
        if len(digits_of(phone) or "") != 10:
            raise Wrong("telefono", "El teléfono debe tener diez dígitos.")
        content["phone"] = phone[:40]
    if email:
        if "@" not in email or any(sign.isspace() for sign in email):
            raise Wrong("correo", "El correo no está bien escrito.")
        content["email"] = email
    if not content:
        return []
    if view.form.get("aviso") != "si":
        raise Wrong("aviso", "Lea el aviso de privacidad antes de guardar los datos de la persona.")
    clock = view.context.clock
    notice = (await view.context.reference_settings()).get("notice") or "1"
    return [citizen(content, secrets.token_hex(16), str(notice), say(clock.now()), new_uuid7(clock))]


async def _block(view: Page, said: str) -> str:
    """The block that a number or an id means. Raises ``Wrong``."""
    registry = view.context.databases.registry
    tries = [said, f"m-{said}", f"b{said}", f"manzana-{said}"]
    found = await registry.get_many([f"block:{key}" for key in tries])
    if found:
        return next(iter(found)).removeprefix("block:")
    raise Wrong("manzana", "No hay una manzana con ese número.")


def _answers(form: dict[str, str], petition_type: PetitionType) -> dict[str, Answer]:
    """The type's questions as answered; what was left open is left out. Raises ``Wrong``."""
    found: dict[str, Answer] = {}
    for question in petition_type.get("questions") or ():
        field = f"p-{question['id']}"
        said = form.get(field, "").strip()
        if not said:
            if question.get("required"):
                raise Wrong(field, f"Falta: {question['text']}")
            continue
        match question["kind"]:
            case "boolean":
                found[question["id"]] = said == "si"
            case "number":
                try:
                    found[question["id"]] = float(said) if "." in said else int(said)
                except ValueError:
                    raise Wrong(field, f"{question['text']} Debe ser un número.") from None
            case "choice":
                if said not in {option["value"] for option in question.get("options") or ()}:
                    raise Wrong(field, f"Elija de la lista: {question['text']}")
                found[question["id"]] = said
            case _:
                found[question["id"]] = said[:_TEXT]
    return found


def _line(form: dict[str, str], field: str) -> str:
    text = " ".join(form.get(field, "").split())
    if len(text) > 200:
        raise Wrong(field, "Es muy largo: a lo más 200 letras.")
    return text


def _text(form: dict[str, str], field: str) -> str:
    text = form.get(field, "").strip().replace("\r\n", "\n")
    if len(text) > _TEXT:
        raise Wrong(field, f"Es muy largo: a lo más {_TEXT} letras.")
    return text


@page("desk", "agency")
async def taken(view: Page) -> Response:
    """What to tell the caller: the folio, until when, what happens next."""
    report = view.request.path_params["report"]
    found = (await view.context.databases.cases.get_many([report_id(report)])) if is_uuid(report) else {}
    doc = next(map(reading.report, found.values()), None)
    known = await names(view.context)
    due = doc.get("due_at") if doc else None
    return view.show(
        "taken.html",
        200 if doc else 202,
        report=doc,
        uuid=report,
        known=known,
        promised=day_in_words(parse(due).astimezone(view.zone), view.year) if due else None,
        emergency=bool(doc and doc["priority"] == 1),
        ticket=ticket_of(view, doc, known) if doc else None,
    )


ROUTES = [
    Route(PATH, form, methods=["GET"]),
    Route(PATH, save, methods=["POST"]),
    Route(PATH + "/{report}", taken, methods=["GET"]),
]
