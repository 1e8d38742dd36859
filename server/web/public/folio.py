"""The folio page: how a report stands, for anybody who has its folio, and more for who has its ticket.

Law: an unknown folio and one that leads to several reports are one answer. Guessing folios and guessing codes
are each slowed, by network and in all, before anything is looked up. No answer is kept on its way.
What a ticket's holder says is ``saying.py``'s to take.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from server.channels.conversation.message import LookedUp
from server.channels.talks.acting import LookUpFolio
from server.channels.talks.documents import rating_id
from server.channels.tickets import is_code
from server.clock import new_uuid7
from server.context import Context
from server.documents import reading
from server.documents.ids import SHA256, blob_id, report_id, uuid_of
from server.documents.shapes import PetitionType, Report
from server.evidence.blobstore import derivative
from server.instants import say
from server.problems import Problem
from server.register.finding import id_by_folio
from server.web.edge import problem_of
from server.web.phones.accounts import client_network
from server.web.public.frame import HEADERS, Fixed, show
from server.web.public.telling import WithCode, closing_photos, reserved, tell, tell_with_code
from server.web.state import Request
from sync.errors import EngineError

Endpoint = Callable[[Request], Awaitable[Response]]

PATH = "/folio/"
#: Letters of a folio: the longest that a report can bear.
_MOST = 64
#: Letters of what a holder says at once.
WORDS = 2_000
#: What was just taken, by the word in the URL that the page comes back with.
DONE = {
    "calificado": "Gracias. Su calificación quedó guardada.",
    "no-quedo": "Gracias por decirnos. La mesa de atención lo revisa y decide si se abre de nuevo.",
    "agregado": "Gracias. Lo que agregó ya está en su reporte.",
    "espera": "Lo recibimos y está guardado. Tarda un momento en verse aquí.",
}


def page(handler: Endpoint) -> Endpoint:
    """A refusal is a page in words, with the box to try again."""

    async def endpoint(request: Request) -> Response:
        context = request.state["context"]
        try:
            return await handler(request)
        except (Problem, EngineError) as error:
            problem = problem_of(error)
            if problem.code == "internal":
                raise
            context.metrics.refusals.labels(problem.code).inc()
            answer = await show(context, "ask.html", problem.status, folio="", alert=problem.message)
            answer.headers.update(problem.headers)
            return answer

    return endpoint


async def _found(request: Request, folio: str) -> Report:
    """The report of a folio. Raises ``not_found``, ``too_many_requests``."""
    return await report_of(request.state["context"], client_network(request), folio)


async def report_of(context: Context, asker: str, folio: str) -> Report:
    """The report of a folio, for an asker who is counted. Raises ``not_found``, ``too_many_requests``."""
    now = time.monotonic()
    context.limits.folio.take(asker, now)
    context.limits.folio_overall.take("", now)
    settings = await context.reference_settings()
    prefix = str(settings.get("folio_prefix") or "")
    uuid = None
    if folio.strip() and len(folio) <= _MOST and folio.isprintable():
        uuid = await context.register.ask(lambda db, columns: id_by_folio(db, folio, prefix))
    found = await context.databases.cases.get_many([report_id(uuid)]) if uuid else {}
    if not found:
        raise Problem("not_found")
    return reading.report(next(iter(found.values())))


def holds_ticket(request: Request, report: Report, said: str) -> bool | None:
    """Whether ``said`` is the report's code; None where it says none. Raises ``too_many_requests``: a wrong
    code is a guess, a right one neither that nor a folio guessed.
    """
    said = said.strip()
    if not said:
        return None
    context = request.state["context"]
    limits, network, now = context.limits, client_network(request), time.monotonic()
    limits.ticket.take(network, now)
    limits.ticket_overall.take("", now)
    if not is_code(context.secret, uuid_of(report["_id"]), said):
        return False
    for limit, key in (
        (limits.ticket, network), (limits.ticket_overall, ""),
        (limits.folio, network), (limits.folio_overall, ""),
    ):  # fmt: skip
        limit.give_back(key)
    return True


async def type_of(context: Context, report: Report) -> PetitionType | None:
    key = f"type:{report['type']}"
    found = await context.databases.reference.get_many([key])
    return next(map(reading.petition_type, found.values()), None)


async def _colonia(context: Context, report: Report) -> str | None:
    """The padrón's name of its colonia; what somebody typed as one is not told."""
    key = f"colonia:{report['place'].get('colonia')}"
    name: str | None = (await context.databases.registry.get_many([key])).get(key, {}).get("name")
    return name


def look_up_for(context: Context) -> LookUpFolio:
    """How conversations ask for a folio: told what anybody is told, slowed as this page's askers are."""

    async def look_up(talk: str, folio: str) -> LookedUp:
        try:
            report = await report_of(context, talk, folio)
        except Problem as problem:
            return LookedUp(folio, limited=problem.code == "too_many_requests")
        settings = await context.reference_settings()
        zone = ZoneInfo(settings.get("timezone") or "America/Mexico_City")
        petition_type = await type_of(context, report)
        told = tell(report, petition_type, await _colonia(context, report), say(context.clock.now()), zone)
        lines = [f"Folio {report['folio'] or report['provisional_folio']}: {told.status}.", told.meaning]
        if not told.reserved:
            where = f", {told.colonia}" if told.colonia else ""
            lines.append(f"{told.type}{where}. Se recibió el {told.captured}.")
            if told.closed:
                lines.append(f"Se cerró el {told.closed}.")
            elif told.promised:
                lines.append(f"Debe quedar a más tardar el {told.promised}.")
        return LookedUp(folio, tuple(lines))

    return look_up


@page
async def ask(request: Request) -> Response:
    """The box; with ``?folio=`` its answer, for folios that no path holds."""
    folio = request.query_params.get("folio", "")
    if folio.strip():
        return await _answer(request, folio)
    return await show(request.state["context"], "ask.html", folio="", alert=None)


@page
async def one(request: Request) -> Response:
    return await _answer(request, request.path_params["folio"])


async def _answer(request: Request, folio: str) -> Response:
    context = request.state["context"]
    try:
        report = await _found(request, folio)
    except Problem as problem:
        if problem.code != "not_found":
            raise
        alert = (
            "No encontramos ese folio. Revise que esté bien escrito; si lo acaban de dar, espere un momento."
        )
        return await show(context, "ask.html", 404, folio=folio[:_MOST], alert=alert)
    code = request.query_params.get("clave", "")
    done = DONE.get(request.query_params.get("dicho", ""), "")
    return await draw(request, report, holds_ticket(request, report, code), code, done=done)


async def draw(
    request: Request,
    report: Report,
    holds: bool | None,
    code: str,
    *,
    status: int = 200,
    done: str = "",
    alert: str = "",
    act: str = "",
    typed: str = "",
) -> Response:
    """The report's page. ``done``: what was just taken; ``alert``: why it was not, and ``typed`` comes back
    in the form of ``act``.
    """
    context = request.state["context"]
    settings = await context.reference_settings()
    zone = ZoneInfo(settings.get("timezone") or "America/Mexico_City")
    petition_type = await type_of(context, report)
    more = tell_with_code(report, petition_type, zone) if holds else WithCode()
    rating = rating_id(uuid_of(report["_id"]))
    rated = (await context.databases.office.get_many([rating])).get(rating) if holds else None
    return await show(
        context,
        "folio.html",
        403 if holds is False else status,
        folio=report["folio"] or report["provisional_folio"],
        told=tell(report, petition_type, await _colonia(context, report), say(context.clock.now()), zone),
        holds=holds,
        code=code if holds else "",
        more=more,
        stars=rated["stars"] if rated else None,
        own=[new_uuid7(context.clock) for _ in range(3)] if holds else [],
        most=WORDS,
        done=done if holds else "",
        alert=alert,
        act=act,
        typed=typed,
    )


async def photo(request: Request) -> Response:
    """A closing's photo, 320 pixels wide, for who has the code. Whatever is missing, the answer is one."""
    context = request.state["context"]
    sha256 = request.path_params["sha256"]
    report = await _found(request, request.query_params.get("folio", ""))
    if (
        not holds_ticket(request, report, request.query_params.get("clave", ""))
        or not SHA256.match(sha256)
        or reserved(report, await type_of(context, report))
        or sha256 not in closing_photos(report)
    ):
        raise Problem("not_found")
    blob = (await context.databases.evidence.get_many([blob_id(sha256)])).get(blob_id(sha256))
    name = derivative(sha256, 320)
    length = await context.blobs.size(name)
    if blob is None or "redacted_at" in blob or blob["verdict"] != "ok" or length is None:
        raise Problem("not_found")
    headers = {**HEADERS, "Content-Length": str(length)}
    if request.method == "HEAD":
        return Response(headers=headers, media_type="image/jpeg")
    return StreamingResponse(context.blobs.read(name), headers=headers, media_type="image/jpeg")


async def bare(request: Request) -> Response:
    return RedirectResponse(PATH, 308)


ROUTES = [
    Route("/folio", bare, methods=["GET"]),
    Route(PATH, ask, methods=["GET"]),
    Route("/folio/estilo.css", Fixed("style.css", "text/css").answer, methods=["GET"]),
    Route("/folio/foto/{sha256}", photo, methods=["GET"]),
    Route("/folio/{folio}", one, methods=["GET"]),
]
