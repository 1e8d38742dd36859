"""What the holder of a ticket says of the report on its folio page: a rating, "no quedó", a comment, a photo.

Law: without the report's code nothing is taken, and of a reserved report nothing at all. A form sent twice is
one act. The first rating stands. What was typed comes back with a refusal.
"""

from __future__ import annotations

import time
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.channels.conversation.hearing import clean
from server.channels.talks import documents
from server.channels.word import Word
from server.clock import new_uuid7
from server.context import Context
from server.documents.ids import event_id, is_uuid, uuid_of
from server.documents.shapes import Kind, Payload, Report
from server.instants import say
from server.problems import Problem
from server.web.edge import problem_of
from server.web.phones.accounts import client_network
from server.web.public.folio import PATH, WORDS, draw, holds_ticket, page, report_of, type_of
from server.web.public.telling import reserved, says_not_solved
from server.web.public.visitor import Sent, read_form
from server.web.state import Request
from sync.errors import Conflict, EngineError

#: Whose pen it is, as for what is said in the web chat.
_CHANNEL = "web"


@page
async def take(request: Request) -> Response:
    """Take a form of the folio page; then the page as it stands (RFC 9110 §15.4.4)."""
    context = request.state["context"]
    sent = await read_form(request)
    report = await report_of(context, client_network(request), sent.get("folio"))
    code = sent.get("clave")
    holds = holds_ticket(request, report, code)
    if not holds:
        return await draw(request, report, False, code)
    try:
        done = await _said(request, report, sent)
    except (Problem, EngineError) as error:
        problem = problem_of(error)
        if problem.code == "internal":
            raise
        context.metrics.refusals.labels(problem.code).inc()
        answer = await draw(
            request, report, holds, code,
            status=problem.status, alert=problem.message,
            act=sent.get("acto"), typed=sent.get("texto")[:WORDS],
        )  # fmt: skip
        answer.headers.update(problem.headers)
        return answer
    asked = {"folio": report["folio"] or report["provisional_folio"], "clave": code.strip(), "dicho": done}
    return RedirectResponse(f"{PATH}?{urlencode(asked)}", 303)


async def _said(request: Request, report: Report, sent: Sent) -> str:
    """Do what the form says; the word of ``DONE`` for it. Raises ``Problem``."""
    context: Context = request.state["context"]
    limits, now = context.limits, time.monotonic()
    limits.said.take(client_network(request), now)
    limits.said_overall.take("", now)
    if reserved(report, await type_of(context, report)):
        raise Problem("report_reserved")
    own = sent.get("own")
    own = own if is_uuid(own) and own[14] == "7" else new_uuid7(context.clock)
    event = event_id(uuid_of(report["_id"]), own)
    again = event in report["events"] or bool(await context.pen.kept([event]))
    text = clean(sent.get("texto"), WORDS + 1)
    if len(text) > WORDS:
        raise Problem("form_invalid", f"texto: at most {WORDS} letters")
    match sent.get("acto"):
        case "calificar":
            return await _rate(context, report, own, sent.get("estrellas"), text, again)
        case "no-quedo":
            return await _not_solved(context, report, own, text, sent.photos, again)
        case "agregar":
            return await _add(context, report, own, text, sent.photos, again)
    raise Problem("form_invalid", "acto: calificar, no-quedo or agregar")


async def _rate(context: Context, report: Report, own: str, stars: str, text: str, again: bool) -> str:
    """The note comes first: were the rating kept and the note not, the words would be lost."""
    if stars not in tuple("12345"):
        raise Problem("rating_missing")
    subject, office = uuid_of(report["_id"]), context.databases.office
    done = "calificado"
    if not again:
        if report["status"] != "finished":
            raise Problem("report_not_finished")
        name = documents.rating_id(subject)
        if name in await office.get_many([name]):
            raise Problem("already_said")
        note = f"Calificó con {stars} de 5" + (f": {text}" if text else ".")
        done = _told(await _act(context, report, own, "noted", {"text": note}, []), done)
    try:
        await office.put(dict(documents.rating(subject, None, int(stars), say(context.clock.now()))))
    except Conflict:
        pass  # The first answer stands.
    return done


async def _not_solved(
    context: Context, report: Report, own: str, text: str, photos: list[bytes], again: bool
) -> str:
    if again:
        return "no-quedo"
    if report["status"] != "finished":
        raise Problem("report_not_finished")
    if says_not_solved(report):
        raise Problem("already_said")
    if not text:
        raise Problem("words_missing")
    payload: Payload = {"solved": False, "text": text}
    return _told(await _act(context, report, own, "verified", payload, photos), "no-quedo")


async def _add(
    context: Context, report: Report, own: str, text: str, photos: list[bytes], again: bool
) -> str:
    """A photo goes to what was captured, as in a conversation; words alone are a note."""
    if again:
        return "agregado"
    if not text and not photos:
        raise Problem("words_missing")
    if not photos:
        return _told(await _act(context, report, own, "noted", {"text": text}, []), "agregado")
    payload: Payload = {"of": report["events"][0]}
    if text:
        payload["text"] = text
    return _told(await _act(context, report, own, "evidence_added", payload, photos), "agregado")


async def _act(
    context: Context, report: Report, own: str, kind: Kind, payload: Payload, photos: list[bytes]
) -> Word:
    acting, subject = context.talks.acting, uuid_of(report["_id"])
    event = event_id(subject, own)
    delivered = [await acting.deliver(_CHANNEL, event, data) for data in photos]
    account = await acting.account(_CHANNEL)
    return await context.pen.act(
        account, kind, subject, payload, own=own, based_on=report["events"][-64:], photos=delivered
    )


def _told(word: Word, done: str) -> str:
    """Raises the refusal of intake, as for any other act of a page."""
    if word.state == "refused":
        raise Problem(word.code or "event_not_allowed")
    return done if word.state == "admitted" else "espera"


ROUTES = [Route(PATH, take, methods=["POST"])]
