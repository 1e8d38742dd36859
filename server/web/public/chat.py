"""The web chat: a talk in a page that works without scripts.

Law: a message is in the talk before the page says so; a form sent twice is one message. What was typed comes
back with a refusal, and a refusal of too much says 911.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.channels.conversation.guiding import MENU
from server.channels.conversation.sentences import sentence
from server.clock import new_uuid7
from server.documents.ids import is_uuid
from server.documents.shapes import Said, SaidMessage
from server.problems import Problem
from server.web.edge import problem_of
from server.web.public.frame import Fixed, show
from server.web.public.visitor import MOST, new_visitor, read_form, remember, slow_down, visitor
from server.web.state import Request
from sync.errors import EngineError

PATH = "/chat"
#: Messages shown; the whole talk is the desk's to see.
_SHOWN = 60


async def page(request: Request, status: int = 200, alert: str = "", typed: str = "") -> Response:
    """The talk of the cookie, or the first words where there is none yet."""
    context = request.state["context"]
    token = visitor(request)
    doc, said = await context.talks.read(context.talks.talk_of("web", token)) if token else (None, [])
    messages = [_shown(one) for one in said[-_SHOWN:]]
    choices = messages[-1]["choices"] if messages else []
    settings = await context.reference_settings()
    first = sentence("hello", municipality=settings.get("municipality") or "Manzana")
    if not messages:
        messages = [{"by": "bot", "text": one, "choices": []} for one in (first, sentence("menu"))]
        choices = [list(pair) for pair in MENU]
    return await show(
        context,
        "chat.html",
        status,
        messages=messages,
        choices=choices,
        waits=bool(doc and doc["mode"] != "bot") or any(one["number"] is None for one in said),
        number=doc["number"] if doc else 0,
        own=new_uuid7(context.clock),
        most=MOST,
        alert=alert,
        typed=typed,
    )


def _shown(said: Said) -> dict[str, Any]:
    if said["by"] != "citizen":
        return {
            "by": "bot" if said["by"] == "bot" else "desk",
            "text": said["text"],
            "choices": said["choices"],
        }
    message = said["message"]
    kinds = {"location": "📍 Ubicación", "photo": "📷 Foto", "form": "📝 Formulario"}
    head, text = kinds.get(message["kind"], ""), message.get("title") or message.get("text") or ""
    return {"by": "me", "text": " · ".join(part for part in (head, text) if part), "choices": []}


async def look(request: Request) -> Response:
    return await page(request)


async def write(request: Request) -> Response:
    """Take a message; then the talk as it stands (RFC 9110 §15.4.4)."""
    context, typed = request.state["context"], ""
    try:
        sent = await read_form(request)
        typed = sent.get("texto")
        await slow_down(request, typed)
        token = visitor(request) or new_visitor(request)
        own = sent.get("own")
        own = own if is_uuid(own) else new_uuid7(context.clock)
        for number, data in enumerate(sent.photos):
            await context.talks.photo("web", token, f"{own}:{number}", typed if not number else "", data)
        if not sent.photos:
            await context.talks.words("web", token, own, _message(sent.fields))
    except (Problem, EngineError) as error:
        problem = problem_of(error)
        if problem.code == "internal":
            raise
        context.metrics.refusals.labels(problem.code).inc()
        alert = problem.message
        if problem.code == "too_many_requests":
            alert += " Si es una emergencia, llame al 911."
        answer = await page(request, problem.status, alert, typed[:MOST])
        answer.headers.update(problem.headers)
        return answer
    answer = RedirectResponse(f"{PATH}#escribir", 303)
    remember(request, answer, token)
    return answer


def _message(fields: dict[str, str]) -> SaidMessage:
    """The message of a form: a choice, a location, or words. A choice's words travel with it to be shown."""
    choice = fields.get("opcion", "")
    if choice:
        return {"kind": "choice", "text": choice[:100], "title": fields.get(f"t-{choice}", "")[:200]}
    try:
        lat, lon = float(fields.get("lat", "")), float(fields.get("lon", ""))
    except ValueError:
        return {"kind": "text", "text": fields.get("texto", "")}
    if lat != lat or lon != lon:
        return {"kind": "text", "text": fields.get("texto", "")}
    return {"kind": "location", "lat": lat, "lon": lon, "text": fields.get("texto", "")}


ROUTES = [
    Route(PATH, look, methods=["GET"]),
    Route(PATH, write, methods=["POST"]),
    Route(f"{PATH}/chat.js", Fixed("chat.js", "text/javascript").answer, methods=["GET"]),
]
