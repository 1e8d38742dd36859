"""The public form: what, where, photos, who, in one page without scripts; it ends in the same talk as a chat.

Law: words of alarm say 911 before any other question. A mistake keeps what was typed. A person's data are
taken only with the notice agreed to. The form sent twice is one report.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.channels.conversation.hearing import clean, number_in, spelled
from server.channels.conversation.placing import LINE, TEXT, block_in, place_of
from server.channels.conversation.town import Town
from server.channels.talks.knowing import Known
from server.clock import new_uuid7
from server.documents.ids import is_uuid
from server.documents.shapes import Answer, CitizenContent, PetitionType, Place, Position
from server.problems import Problem
from server.web.edge import problem_of
from server.web.public.frame import show
from server.web.public.visitor import Sent, new_visitor, read_form, remember, slow_down, visitor
from server.web.state import Request
from sync.errors import EngineError

PATH = "/reportar"
_OFFERED = 6


class Wrong(Exception):
    """What a form lacks: the field and a sentence (es-MX)."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name
        self.sentence = sentence


async def _page(
    request: Request, given: dict[str, str], status: int = 200, wrong: Wrong | None = None, alert: str = ""
) -> Response:
    context = request.state["context"]
    known = await context.talks.knowing.now()
    town = known.town
    said = given.get("que", "").strip()
    found = town.finder.find(spelled(said), _OFFERED) if said else None
    chosen = given.get("tipo", "")
    if chosen not in (*town.types, "unknown"):
        chosen = found.types[0] if found and len(found.types) == 1 else ""
    petition_type: Mapping[str, Any] = town.types.get(chosen) or {}
    urgent = (
        town.is_urgent(spelled(said))
        or bool(petition_type.get("urgent"))
        or town.is_alarm(spelled(given.get("texto", "")))
    )
    return await show(
        context,
        "report.html",
        status,
        given=given,
        said=said,
        found=[(key, town.type_name(key)) for key in (found.types if found else ())],
        chosen=chosen,
        name=town.type_name(chosen) if chosen else "",
        questions=petition_type.get("questions") or (),
        colonias=sorted(town.colonias.items(), key=lambda pair: pair[1]),
        notice=town.notice,
        urgent=urgent,
        own=given.get("own") or new_uuid7(context.clock),
        wrong=wrong,
        alert=alert,
    )


async def form(request: Request) -> Response:
    return await _page(request, dict(request.query_params))


async def save(request: Request) -> Response:
    """Register; the next page has the folio. A refusal gives back what was typed."""
    context, given = request.state["context"], {}
    try:
        sent = await read_form(request)
        given = sent.fields
        await slow_down(request, f"{sent.get('que')} {sent.get('texto')}")
        known = await context.talks.knowing.now()
        draft = _draft(sent, known)
        token = visitor(request) or new_visitor(request)
        own = sent.get("own")
        own = own if is_uuid(own) else new_uuid7(context.clock)
        await context.talks.form("web", token, own, draft, sent.photos)
    except Wrong as wrong:
        return await _page(request, given, 422, wrong)
    except (Problem, EngineError) as error:
        problem = problem_of(error)
        if problem.code == "internal":
            raise
        context.metrics.refusals.labels(problem.code).inc()
        alert = problem.message
        if problem.code == "too_many_requests":
            alert += " Si es una emergencia, llame al 911."
        answer = await _page(request, given, problem.status, alert=alert)
        answer.headers.update(problem.headers)
        return answer
    answer = RedirectResponse(f"{PATH}/listo", 303)
    remember(request, answer, token)
    return answer


def _draft(sent: Sent, known: Known) -> dict[str, Any]:
    """The members of a ``Draft``. Raises ``Wrong``."""
    town, fields = known.town, sent.fields
    text = clean(fields.get("texto", "") or fields.get("que", ""), TEXT)
    type_id = fields.get("tipo", "")
    if type_id != "unknown" and type_id not in town.types:
        raise Wrong("que", "Diga qué pasa y elija de qué se trata.")
    if type_id == "unknown" and not text:
        raise Wrong("texto", "Escriba qué pasa: sin eso nadie puede clasificarlo.")
    place, position = _place(fields, town)
    if not place and position is None:
        raise Wrong("calle", "Falta el lugar: calle, colonia o manzana.")
    person = _person(fields)
    return {
        "text": text,
        "type": type_id,
        "answers": _answers(fields, town.types.get(type_id)),
        "place": place,
        "position": position,
        "danger": fields.get("peligro") == "si",
        "urgent": fields.get("peligro") == "si",
        "wants": bool(person),
        "person": person,
    }


def _place(fields: dict[str, str], town: Town) -> tuple[Place, Position | None]:
    street = " ".join(clean(fields.get("calle", ""), TEXT).split())
    place: Place = place_of(street, {}, town.blocks) if street else {}
    colonia = fields.get("colonia", "")
    if colonia:
        if colonia not in town.colonias:
            raise Wrong("colonia", "Elija la colonia de la lista.")
        place["colonia"] = colonia
    said = fields.get("manzana", "").strip()
    if said:
        block = block_in(said if said.lower().startswith("m") else f"manzana {said}", town.blocks)
        if block is None:
            raise Wrong("manzana", "No hay una manzana con ese número.")
        place["block"] = block
    mark = clean(fields.get("referencia", ""), TEXT)
    if mark:
        place["reference"] = f"{place['reference']}\n{mark}"[:TEXT] if place.get("reference") else mark
    try:
        lat, lon = float(fields.get("lat", "")), float(fields.get("lon", ""))
    except ValueError:
        return place, None
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        return place, None
    return place, {"source": "pin", "lat": round(lat, 7), "lon": round(lon, 7)}


def _answers(fields: dict[str, str], petition_type: PetitionType | None) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for question in petition_type["questions"] if petition_type else ():
        name = f"p-{question['id']}"
        said = fields.get(name, "").strip()
        if not said:
            if question.get("required"):
                raise Wrong(name, f"Falta: {question['text']}")
            continue
        match question["kind"]:
            case "boolean":
                found[question["id"]] = said == "si"
            case "number":
                number = number_in(said)
                if number is None:
                    raise Wrong(name, f"{question['text']} Debe ser un número.")
                found[question["id"]] = number
            case "choice":
                if said not in {option["value"] for option in question.get("options") or ()}:
                    raise Wrong(name, f"Elija de la lista: {question['text']}")
                found[question["id"]] = said
            case _:
                found[question["id"]] = clean(said, TEXT)
    return found


def _person(fields: dict[str, str]) -> CitizenContent:
    """The data that may be kept. Raises ``Wrong``."""
    person: CitizenContent = {}
    name = " ".join(clean(fields.get("nombre", ""), LINE).split())
    phone, email = fields.get("telefono", "").strip(), fields.get("correo", "").strip()
    if name:
        person["name"] = name
    if phone:
        digits = re.sub(r"\D", "", phone)
        if len(digits) not in (10, 12, 13):
            raise Wrong("telefono", "El teléfono debe tener diez dígitos.")
        person["phone"] = digits[-10:]
    if email:
        if not re.fullmatch(r"[^\s@,;<>]{1,64}@[^\s@,;<>]{1,100}\.[A-Za-z]{2,24}", email):
            raise Wrong("correo", "El correo no está bien escrito.")
        person["email"] = email
    if person and fields.get("aviso") != "si":
        raise Wrong("aviso", "Lea el aviso de privacidad y acéptelo, o deje en blanco sus datos.")
    return person


async def done(request: Request) -> Response:
    """What was said when the form was registered."""
    context, token = request.state["context"], visitor(request)
    doc, said = await context.talks.read(context.talks.talk_of("web", token)) if token else (None, [])
    if doc is None:
        return RedirectResponse(PATH, 303)
    told: list[str] = []
    for one in reversed(said):
        if one["by"] == "citizen":
            break
        told.insert(0, one["text"])
    return await show(context, "done.html", told=told)


ROUTES = [
    Route(PATH, form, methods=["GET"]),
    Route(PATH, save, methods=["POST"]),
    Route(f"{PATH}/listo", done, methods=["GET"]),
]
