"""One report at a desk: everything its reader may see, and everything its reader may do.

Law: a stale page overwrites nothing: an act carries the events its reader had seen and is judged by the one
table. A look at a person's data is on record before it is shown. Nothing is shown as a code.
"""

from __future__ import annotations

from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from server.cases.semaforo import semaforo
from server.cases.transitions import FLAGS
from server.channels.acts import BY_NAME, Act, Missing, demands, offered, payload_of, relations
from server.channels.photos import deliver
from server.channels.word import Word
from server.clock import new_uuid7
from server.documents import reading
from server.documents.ids import event_id, is_uuid, report_id, uuid_of
from server.documents.shapes import CitizenContent, PetitionType, Report, TimelineEntry
from server.documents.words import text, texts, told
from server.instants import say
from server.municipality.world import scope_of as actor_of
from server.persons.rectifying import contents
from server.problems import CATALOGUE, Problem
from server.register.finding import find
from server.register.scope import readable, scope_of
from server.web.browsing import check_form
from server.web.office.custody import custody
from server.web.office.frame import Page, page
from server.web.office.place_map import place_map
from server.web.office.places import named_places
from server.web.office.reference import Names, names
from server.web.office.ticket import ticket_of

#: Bytes of a form with its photos: three pictures as a camera makes them.
_MOST_BYTES = 40_000_000
_MOST_PHOTOS = 3
#: Roles that see who asked for what, each look on record; the others work without.
_PERSONS = frozenset({"desk", "agency", "auditor"})


async def report_of(view: Page) -> Report:
    """The report of the path. Raises ``not_found`` where it may not be read, as where it is not there."""
    wanted = view.request.path_params["report"]
    found = await view.context.databases.cases.get_many([report_id(wanted)]) if is_uuid(wanted) else {}
    doc = found.get(report_id(wanted))
    report = None if doc is None else reading.report(doc)
    if report is None or not readable(report, scope_of(view.account, view.today)):
        raise Problem("not_found")
    return report


def _acts(view: Page, report: Report) -> list[Act]:
    actor = actor_of(view.account, view.today)
    # What waits for the desk is the desk's; other keys are phones' matters.
    return offered(view.account.role, relations(actor, report, {}), report, view.account.id)


async def _show(
    view: Page,
    report: Report,
    status: int = 200,
    *,
    missing: Missing | None = None,
    word: Word | None = None,
    tried: str = "",
) -> Response:
    known = await names(view.context)
    petition_type = known.types.get(report["type"])
    places = await named_places(view.context.databases, [report], ("street", "between", "reference"))
    light = semaforo(
        say(view.context.clock.now()),
        view.zone,
        status=report["status"],
        priority=report["priority"],
        amber_at=report["amber_at"],
        due_at=report["due_at"],
        finished_at=report["finished_at"],
    )
    confidential = bool(report["confidential"])
    person = await _person(view, report)
    return view.show(
        "report.html",
        status,
        report=report,
        uuid=uuid_of(report["_id"]),
        known=known,
        petition_type=petition_type,
        answers=answers_of(report, petition_type),
        place=places[0],
        light=light,
        history=[
            _entry(entry, known, confidential)
            for entry in report["timeline"]
            if entry["kind"] != "photo_verdict"
        ],
        flags=[FLAGS[code]["text"] for code in report["flags"] if code in FLAGS],
        acts=_acts(view, report),
        demands=demands(report, petition_type),
        own=new_uuid7(view.context.clock),
        missing=missing,
        word=word,
        word_message=CATALOGUE[word.code].message if word and word.code in CATALOGUE else None,
        tried=tried,
        form=view.form,
        person=person,
        ticket=ticket_of(view, report, known),
        map=await place_map(view, report, known, light.colour),
        custody=await custody(view, report, known),
        may_person=view.account.role in _PERSONS and bool(report["citizen"]),
        texts=texts,
        text=text,
    )


def answers_of(report: Report, petition_type: PetitionType | None) -> list[tuple[str, str]]:
    """Questions and answers in the type's words."""
    listed = petition_type.get("questions") if petition_type else None
    questions = {question["id"]: question for question in listed or ()}
    found = []
    for key, value in (report.get("answers") or {}).items():
        question = questions.get(key)
        choices = question.get("options") if question else None
        options = {option["value"]: option["text"] for option in choices or ()}
        values = value if isinstance(value, list) else [value]
        said = ", ".join(
            {True: "Sí", False: "No"}.get(part, "")
            if isinstance(part, bool)
            else options.get(str(part), str(part))
            for part in values
        )
        found.append((question["text"] if question else "Respuesta", said))
    return found


def _entry(entry: TimelineEntry, known: Names, confidential: bool) -> dict[str, Any]:
    """A step of the history in words."""
    kind, payload = entry["kind"], entry.get("payload") or {}
    what = told("fact" if "fact" in entry or kind not in texts("kind") else "kind", kind)
    details: list[str] = []
    if kind == "assigned":
        details.append(
            "a "
            + known.agency(payload.get("agency"))
            + (f", {known.brigade(payload['agency'], payload['brigade'])}" if payload.get("brigade") else "")
        )
    elif kind in ("returned", "not_viable"):
        details.append(text(kind, payload.get("reason")))
    elif kind == "visited":
        details.append(text(kind, payload.get("outcome")))
    elif kind == "prioritized":
        details.append(f"a {text('priority', payload.get('priority'))}")
    elif kind == "verified":
        details.append("Sí, quedó" if payload.get("solved") else "No quedó")
    elif kind == "amended" and payload.get("type"):
        details.append(f"es «{known.type(payload['type'])}»")
    elif kind == "answered":
        details.append(text("answered", payload.get("by", "other")).lower())
    elif kind == "finished":
        details.append(done_words(payload.get("done"), known))
        details += [
            " ".join(filter(None, (f"{used['quantity']:g}", used.get("unit"), used["name"])))
            for used in payload.get("materials") or ()
        ]
    if kind == "folio" and payload.get("folio"):
        details.append(str(payload["folio"]))
    actor = entry.get("actor")
    hidden = confidential and kind == "captured"
    return {
        "at": entry["at"],
        "kind": kind,
        "what": what,
        "details": [detail for detail in details if detail],
        "text": payload.get("text"),
        "who": "reservado" if hidden else known.account(actor) if actor else "el sistema",
        "role": text("role", entry["role"]) if entry.get("role") and not hidden else "",
        "photos": [photo["sha256"] for photo in entry.get("photos") or ()],
        "late": bool(entry.get("late")),
        "flags": [FLAGS[code]["text"] for code in entry.get("flags") or () if code in FLAGS],
    }


def done_words(done: object, known: Names) -> str:
    """What was done, in the words of whichever type has that code."""
    for doc in known.types.values():
        for code in doc["closing"].get("codes") or ():
            if code["value"] == done:
                return code["text"]
    return str(done or "")


async def _person(view: Page, report: Report) -> CitizenContent | None:
    """Who asked, if they are asked for and may be seen; the look is on record first."""
    if (
        view.request.query_params.get("persona") != "ver"
        or not report["citizen"]
        or view.account.role not in _PERSONS
    ):
        return None
    await view.context.audit.record(view.account.id, "citizen", report["_id"])
    found = await contents(view.context.databases, [report["citizen"]])
    content: CitizenContent | None = found.get(report["citizen"])
    return content or {"name": "Sus datos se retiraron por ley."}


@page("desk", "agency", "auditor")
async def one(view: Page) -> Response:
    return await _show(view, await report_of(view))


@page("desk", "agency", own_form=True)
async def act(view: Page) -> Response:
    """An act by its form: judged by intake, told with intake's own word."""
    report = await report_of(view)
    files = await _read(view)
    chosen = BY_NAME.get(view.request.path_params["act"])
    if chosen is None or chosen not in _acts(view, report):
        # Somebody else acted meanwhile, and what this page offered means nothing any more.
        return await _show(
            view,
            report,
            409,
            missing=Missing(
                "", "El reporte cambió mientras tanto: eso ya no se puede hacer. Nada se perdió."
            ),
            tried=view.request.path_params["act"],
        )
    known = await names(view.context)
    subject, own = uuid_of(report["_id"]), view.form.get("own", "")
    if not is_uuid(own) or own[14] != "7":
        own = new_uuid7(view.context.clock)
    try:
        if chosen.name == "unir":
            view.form["of"] = await _other(view, subject)
        payload = payload_of(chosen, view.form, report, known.types.get(report["type"]), len(files))
    except Missing as missing:
        return await _show(view, report, 422, missing=missing, tried=chosen.name)
    device = await view.context.pen.device(view.account.id)
    event = event_id(subject, own)
    photos = [await deliver(view.context.uploads, view.account.id, device, event, data) for data in files]
    word = await view.context.pen.act(
        view.account,
        chosen.kind,
        subject,
        payload,
        own=own,
        based_on=_seen(view.form.get("seen", ""), report),
        photos=photos,
    )
    if word.state == "admitted":
        return view.go(f"/gestion/asuntos/{subject}#historia")
    return await _show(
        view, await report_of(view), 202 if word.state == "waiting" else 409, word=word, tried=chosen.name
    )


def _seen(text: str, report: Report) -> list[str]:
    """The events that the form's page had shown: those of the report, up to the version it names."""
    version = int(text) if text.isascii() and text.isdecimal() else report["version"]
    known = {
        entry["event"] for entry in report["timeline"] if entry.get("event") and entry["admission"] <= version
    }
    return [event for event in report["events"] if event in known][-64:]


async def _other(view: Page, subject: str) -> str:
    """The report that a folio names. Raises ``Missing``."""
    folio = view.form.get("folio", "")
    mine, now = scope_of(view.account, view.today), view.context.clock.now()
    found = await view.context.register.ask(
        lambda db, columns: find(db, columns, folio, mine, now, persons=False)
    )
    exact = next((part.exact for part in found if part.what == "folio" and part.exact), None)
    if exact is None:
        raise Missing("folio", "No hay un solo reporte con ese folio.")
    if exact == subject:
        raise Missing("folio", "Ese es el folio de este mismo reporte.")
    return exact


async def _read(view: Page) -> list[bytes]:
    """The form's fields into ``view.form``, and its photos. Raises ``bad_request``, ``too_large``."""
    length = view.request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _MOST_BYTES:
        raise Problem("too_large", f"at most {_MOST_BYTES} bytes, with Content-Length")
    files: list[bytes] = []
    try:
        async with view.request.form(max_files=_MOST_PHOTOS, max_fields=40) as fields:
            for name, value in fields.multi_items():
                if not isinstance(value, UploadFile):
                    view.form[name] = value
                elif value.size:
                    files.append(await value.read())
    except HTTPException as error:
        raise Problem("bad_request", error.detail) from None
    check_form(view.request, view.context.secret, view.session, view.form.get("token"))
    return files


ROUTES = [
    Route("/gestion/asuntos/{report}", one, methods=["GET"]),
    Route("/gestion/asuntos/{report}/{act}", act, methods=["POST"]),
]
