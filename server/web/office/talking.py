"""*Conversaciones*: who waits for a person, what was said, answering, giving back, closing; and the figures.

Law: each look at a talk is on record before it is shown. What the desk says goes out by the talk's own
channel, under its own name, and a form sent twice is one answer.
"""

from __future__ import annotations

from datetime import date, timedelta

from starlette.responses import Response
from starlette.routing import Route

from server.channels.talks.desk import MOST
from server.clock import new_uuid7
from server.documents.ids import is_uuid
from server.documents.shapes import Said
from server.problems import Problem
from server.web.office.frame import Page, page

PATH = "/gestion/conversaciones"
#: Talks shown: those who wait, and the newest.
_SHOWN = 100
MODES = {"bot": "Asistente", "waiting": "Espera a una persona", "desk": "Con la mesa"}
SENDINGS = {
    "waiting": "por enviar", "sending": "enviándose", "sent": "enviado", "delivered": "entregado",
    "read": "leído", "failed": "no se pudo enviar", "uncertain": "no se sabe si llegó: no se repite",
}  # fmt: skip
NOTICES = {"folio": "Folio", "in_progress": "En proceso", "finished": "Terminado", "survey": "Cómo quedó"}
#: Steps of the figures in the order in which a report is told, then the rest.
STEPS = {
    "hello": "Empezaron", "report": "Empezaron un reporte", "form": "Por formulario", "what": "Qué pasa",
    "which": "De qué se trata", "danger": "Si hay peligro", "question": "Preguntas del tipo",
    "place": "Dónde", "reference": "Señas", "colonia": "Colonia", "photo": "Foto",
    "notice": "Aviso de privacidad", "contact": "Teléfono o correo", "name": "Nombre",
    "confirm": "Confirmar", "registered": "Registrados", "abandoned": "Dejados a medias",
    "refused": "Rechazados", "urgent": "Avisos de llamar al 911", "folio_asked": "Folios consultados",
    "folio_told": "Folios contestados", "folio_unknown": "Folios no encontrados",
    "directory": "Pidieron informes", "directory_told": "Informes dados",
    "directory_unknown": "Informes que no hay", "elsewhere": "No era del municipio",
    "handed_over": "Pasaron a una persona", "closed": "Cerradas por la mesa",
    "given_back": "Devueltas al asistente", "cancel": "Cancelaron", "back": "Regresaron", "menu": "Menú",
    "not_understood": "No se entendió", "voice": "Notas de voz", "other": "Otros archivos",
    "photo_refused": "Fotos rechazadas", "photo_added": "Fotos agregadas después", "anew": "Volvieron",
    "rated": "Calificaron",
    "slowed": "Demasiados mensajes", "thanks": "Dieron las gracias", "person": "Pidieron una persona",
    "status": "Pidieron consultar un folio", "folio": "Escribir un folio",
    "folio_limited": "Consultas frenadas",
}  # fmt: skip


def _talk(view: Page) -> str:
    return f"talk:{view.request.path_params['channel']}:{view.request.path_params['key']}"


@page("desk", "auditor")
async def listed(view: Page) -> Response:
    """Those who wait first: urgent ones, the longest waiting, then the newest of all."""
    talks = await view.context.talks.listed()
    order = {"waiting": 0, "desk": 1, "bot": 2}
    talks.sort(key=lambda doc: doc["heard_at"], reverse=True)
    talks.sort(key=lambda doc: (not doc["urgent"], order[doc["mode"]]))
    return view.show(
        "talks.html",
        talks=[(doc, doc["_id"].replace("talk:", "").replace(":", "/")) for doc in talks[:_SHOWN]],
        count=len(talks),
        waiting=sum(doc["mode"] == "waiting" for doc in talks),
        modes=MODES,
        name=view.context.directory.account,
    )


@page("desk", "auditor", looks="conversation_seen")
async def one(view: Page) -> Response:
    return await _show(view)


async def _show(view: Page, status: int = 200, wrong: str = "", typed: str = "") -> Response:
    doc, said = await view.context.desk.read(_talk(view))
    if doc["unread"] and view.account.role == "desk":
        await view.context.desk.note_read(doc["_id"])
    return view.show(
        "talk.html",
        status,
        talk=doc,
        base=f"{PATH}/{doc['_id'].removeprefix('talk:').replace(':', '/')}",
        messages=[_line(view, message) for message in said],
        modes=MODES,
        own=new_uuid7(view.context.clock),
        wrong=wrong,
        draft=typed,
        most=MOST,
        notices=[
            (entry["folio"], NOTICES[out["step"]], out["at"], SENDINGS[out["sending"]["state"]])
            for entry in doc["reports"]
            for out in await view.context.notices.listed(entry["report"])
        ],
    )


def _line(view: Page, said: Said) -> dict[str, str]:
    if said["by"] == "citizen":
        message = said["message"]
        kinds = {
            "location": f"📍 {message.get('lat')}, {message.get('lon')}",
            "photo": "📷 Foto" if message.get("photo") else "📷 Foto que no se pudo abrir",
            "voice": "🎤 Nota de voz",
            "form": "📝 Formulario",
            "other": "Archivo que no se recibe",
        }
        parts = (kinds.get(message["kind"], ""), message.get("title") or message.get("text") or "")
        return {"at": said["at"], "who": "Vecino", "text": " · ".join(p for p in parts if p), "sending": ""}
    account = view.context.directory.account(said["by"])
    who = "Asistente" if said["by"] == "bot" else account.name if account else said["by"]
    sending = SENDINGS[said["sending"]["state"]] if said["sending"] else ""
    return {"at": said["at"], "who": who, "text": said["text"], "sending": sending}


@page("desk")
async def answer(view: Page) -> Response:
    own = view.form.get("own", "")
    text = view.form.get("texto", "").replace("\r\n", "\n")
    try:
        own = own if is_uuid(own) else new_uuid7(view.context.clock)
        await view.context.desk.answer(_talk(view), view.account.id, text, own)
    except Problem as problem:
        if problem.code != "form_invalid":
            raise
        return await _show(view, 422, f"Escriba su respuesta: de 1 a {MOST:,} letras.", text)
    return view.go(view.request.url.path.rpartition("/")[0] + "#escribir")


@page("desk")
async def give_back(view: Page) -> Response:
    """The assistant goes on with it."""
    await view.context.desk.give_back(_talk(view), closed=False)
    return view.go(PATH)


@page("desk")
async def close(view: Page) -> Response:
    await view.context.desk.give_back(_talk(view), closed=True)
    return view.go(PATH)


@page("desk", "auditor", "admin")
async def figures(view: Page) -> Response:
    """How often each step was come to, by channel, between two days."""
    until = _day(view, "hasta") or view.today
    since = _day(view, "desde") or (date.fromisoformat(until) - timedelta(days=29)).isoformat()
    counts = await view.context.keeping.counted(since, until)
    seen = {step for steps in counts.values() for step in steps}
    order = [step for step in STEPS if step in seen] + sorted(seen - STEPS.keys())
    channels = sorted(counts)
    rows = [(STEPS.get(step, step), [counts[channel].get(step, 0) for channel in channels]) for step in order]
    return view.show("talk_figures.html", rows=rows, channels=channels, since=since, until=until)


def _day(view: Page, name: str) -> str | None:
    try:
        return date.fromisoformat(view.request.query_params.get(name, "")).isoformat()
    except ValueError:
        return None


ROUTES = [
    Route(PATH, listed, methods=["GET"]),
    Route(f"{PATH}/cifras", figures, methods=["GET"]),
    Route(PATH + "/{channel}/{key}", one, methods=["GET"]),
    Route(PATH + "/{channel}/{key}/responder", answer, methods=["POST"]),
    Route(PATH + "/{channel}/{key}/devolver", give_back, methods=["POST"]),
    Route(PATH + "/{channel}/{key}/cerrar", close, methods=["POST"]),
]
