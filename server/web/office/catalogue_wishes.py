"""What agencies ask to have changed in the catalogue: they read the answers, an admin gives them."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from server.catalogue.fields import Refused, words_of
from server.catalogue.parts import BY_NAME, title_of
from server.catalogue.state import State
from server.catalogue.wishes import Wishes
from server.web.office.catalogue_history import PATH, changes
from server.web.office.frame import Page, page

Json = dict[str, Any]

STATUS = {"open": "Por contestar", "accepted": "Aceptada", "declined": "No aceptada"}


def _told(view: Page, state: State, doc: Json) -> Json:
    """A request in words: what is to be another, from what to what."""
    kind = BY_NAME[doc["kind"]]
    stands = kind.items(state).get(doc["key"] or "", {})
    people = {account.id: account.name for account in view.context.directory.accounts()}
    agency = state.docs.get(f"agency:{doc['agency']}", {})
    lines = [
        (
            field.label,
            words_of(field, stands.get(field.name, ""), state) or "nada",
            words_of(field, doc["fields"][field.name], state) or "nada",
        )
        for field in kind.fields
        if field.name in doc["fields"]
    ]
    title = title_of(kind, stands, state) if stands else doc["fields"].get("nombre", "")
    return {
        **doc,
        "uuid": doc["_id"].removeprefix("asked:"),
        "title": f"{'Nuevo' if doc['key'] is None else 'Cambiar'} {kind.one} «{title}»",
        "who": people.get(doc["by"], doc["by"]),
        "agency_name": agency.get("name") or doc["agency"],
        "lines": lines,
        "said": STATUS[doc["status"]],
        "decider": people.get(doc.get("decided_by", ""), ""),
    }


async def _show(view: Page, status: int = 200, wrong: str = "", tried: str = "") -> Response:
    agency = view.account.agency if view.account.role == "agency" else None
    state = await changes(view).state()
    docs = await Wishes(view.context.databases, view.context.clock).listed(agency)
    return view.show(
        "catalogue_wishes.html",
        status,
        found=[_told(view, state, doc) for doc in docs],
        wrong=wrong,
        tried=tried,
        said=view.form.get("respuesta", ""),
    )


@page("admin", "auditor", "agency")
async def listing(view: Page) -> Response:
    return await _show(view)


@page("admin")
async def answer(view: Page) -> Response:
    uuid, accepted = view.request.path_params["asked"], view.form.get("aceptar") == "si"
    text = view.form.get("respuesta", "").strip()
    if not accepted and not text:
        return await _show(view, 422, "Diga por qué no: quien lo pidió lo leerá.", uuid)
    if len(text) > 2_000:
        return await _show(view, 422, "Es muy largo: a lo más 2,000 letras.", uuid)
    try:
        wishes = Wishes(view.context.databases, view.context.clock)
        await wishes.answer(uuid, view.account.id, accepted, text)
    except Refused as refused:
        return await _show(view, 422, f"No se puede hacer así: {' '.join(refused.wrong.values())}", uuid)
    await view.context.audit.record(view.account.id, "catalogue_answered", f"asked:{uuid}")
    return view.go(f"{PATH}/solicitudes")


ROUTES = [
    Route(f"{PATH}/solicitudes", listing, methods=["GET"]),
    Route(PATH + "/solicitudes/{asked}", answer, methods=["POST"]),
]
