"""The catalogue and the directory as pages: lists, forms, retiring.

Law: admin changes, the auditor reads, an agency sees its own and asks; what is wrong is said at its field
with the input kept, and a change counts at once. What hangs on a thing is said before it is retired.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from server.catalogue.fields import Fields, Refused, words_of
from server.catalogue.kinds import Kind
from server.catalogue.parts import BY_NAME, KINDS, OF_AGENCIES, title_of
from server.catalogue.petition_types import PLAIN
from server.catalogue.state import State
from server.catalogue.wishes import Wishes
from server.documents.folding import folded
from server.problems import Problem
from server.web.office.catalogue_hanging import hanging
from server.web.office.catalogue_history import PATH, changes, told
from server.web.office.frame import Page, page

Json = dict[str, Any]

_SIZE = 100
_MEANWHILE = "Alguien lo cambió mientras tanto: vea abajo qué, revise lo suyo y guarde de nuevo."


def kinds_of(view: Page) -> tuple[Kind, ...]:
    return OF_AGENCIES if view.account.role == "agency" else KINDS


def kind_of(view: Page) -> Kind:
    """The kind of the path, if the account has it. Raises ``not_found``."""
    kind = BY_NAME.get(view.request.path_params["kind"])
    if kind is None or kind not in kinds_of(view):
        raise Problem("not_found")
    return kind


def mine(view: Page, kind: Kind, state: State) -> dict[str, Fields]:
    """The things of a kind that the account sees: an agency its own."""
    items = kind.items(state)
    if view.account.role != "agency":
        return items
    return {key: fields for key, fields in items.items() if kind.agency(state, key) == view.account.agency}


@page("admin", "auditor", "agency")
async def home(view: Page) -> Response:
    state = await changes(view).state()
    agency = view.account.agency if view.account.role == "agency" else None
    asked = await Wishes(view.context.databases, view.context.clock).listed(agency)
    return view.show(
        "catalogue_home.html",
        parts=[(kind, len(mine(view, kind, state))) for kind in kinds_of(view)],
        waiting=sum(doc["status"] == "open" for doc in asked),
        lines=told(view, state, (await changes(view).history())[:20]) if agency is None else [],
    )


@page("admin", "auditor", "agency")
async def listing(view: Page) -> Response:
    kind, state = kind_of(view), await changes(view).state()
    query = view.request.query_params
    words, retired = folded(query.get("q", "")).split(), query.get("retirados") == "si"
    found = []
    for key, fields in mine(view, kind, state).items():
        said = [words_of(kind.field(name), fields[name], state) for name in kind.shown]
        active = fields.get("activo", "si") == "si"
        text = folded(" ".join([*said, fields.get("palabras", "")]))
        if (active or retired) and all(word in text for word in words):
            found.append((key, said, active))
    given = query.get("pagina", "1")
    pages = max(1, -(-len(found) // _SIZE))
    number = min(pages, max(1, int(given))) if given.isascii() and given.isdecimal() and len(given) < 7 else 1
    return view.show(
        "catalogue_list.html",
        kind=kind,
        found=found[(number - 1) * _SIZE : number * _SIZE],
        total=len(found),
        number=number,
        pages=pages,
        q=query.get("q", ""),
        retired=retired,
        heads=[kind.field(name).label for name in kind.shown],
        may_new=may_new(view, kind),
    )


def may_new(view: Page, kind: Kind) -> bool:
    return view.account.role == "admin" or (view.account.role == "agency" and kind.name != "dependencias")


async def show_item(
    view: Page,
    kind: Kind,
    key: str | None,
    status: int = 200,
    wrong: dict[str, str] | None = None,
    given: Fields | None = None,
) -> Response:
    """A thing's form; ``given`` is what was typed, where it comes back."""
    state = await changes(view).state()
    items = mine(view, kind, state)
    if key is not None and key not in items:
        raise Problem("not_found")
    stands = items[key] if key is not None else (PLAIN if kind.name == "tipos" else {"activo": "si"})
    if key is None and view.account.role == "agency":
        stands = {**stands, "atiende": view.account.agency or "", "dependencia": view.account.agency or ""}
    doc = state.docs.get(kind.lives(key or "")) or {}
    values = {**stands, **(given or {})}
    role = view.account.role
    return view.show(
        "catalogue_item.html",
        status,
        kind=kind,
        key=key,
        title=title_of(kind, items[key], state) if key is not None else f"Nuevo: {kind.one}",
        fields=[
            (
                field,
                values.get(field.name, ""),
                words_of(field, values.get(field.name, ""), state),
                field.options(state, stands.get(field.name, "")) if field.options else [],
            )
            for field in kind.fields
            if field.name != "activo"
        ],
        active=stands.get("activo", "si") == "si",
        seen=(given or {}).get("seen") or doc.get("_rev", ""),
        wrong=wrong or {},
        why=(given or {}).get("porque", ""),
        may_change=role == "admin",
        may_ask=role == "agency" and (key is not None or may_new(view, kind)),
        hangs=await hanging(view, state, kind, key) if key is not None and role != "agency" else [],
        lines=told(view, state, await changes(view).history(kind.lives(key)))
        if key and role != "agency"
        else [],
    )


@page("admin", "auditor", "agency")
async def item(view: Page) -> Response:
    return await show_item(view, kind_of(view), view.request.path_params["key"])


@page("admin", "agency")
async def new(view: Page) -> Response:
    kind = kind_of(view)
    if not may_new(view, kind):
        raise Problem("not_found")
    return await show_item(view, kind, None)


@page("admin", "agency")
async def save(view: Page) -> Response:
    """Change a thing, or make one; an agency asks for it."""
    kind, key = kind_of(view), view.request.path_params.get("key")
    state = await changes(view).state()
    items = mine(view, kind, state)
    if (key is not None and key not in items) or (key is None and not may_new(view, kind)):
        raise Problem("not_found")
    given = {field.name: view.form[field.name] for field in kind.fields if field.name in view.form}
    typed = {**given, "seen": view.form.get("seen", ""), "porque": view.form.get("porque", "")}
    now = (state.docs.get(kind.lives(key)) or {}).get("_rev", "") if key is not None else ""
    if key is not None and typed["seen"] != now:
        # The next try is over what stands now, which the page shows beside what was typed.
        return await show_item(view, kind, key, 409, {"": _MEANWHILE}, {**typed, "seen": now})
    try:
        doc, put = kind.put(state, key, given)
        if view.account.role == "agency":
            return await _ask(view, kind, key, items.get(key or "", {}), given, state.with_doc(doc), put)
        count = await changes(view).apply(state, [doc], view.account.id, "page")
    except Refused as refused:
        return await show_item(view, kind, key, 422, refused.wrong, typed)
    except Problem as problem:
        if problem.code != "edit_conflict":
            raise
        return await show_item(view, kind, key, 409, {"": _MEANWHILE}, {**typed, "seen": ""})
    if count:
        await view.context.audit.record(view.account.id, "catalogue_changed", doc["_id"])
    return view.go(f"{PATH}/{kind.name}/ver/{put}")


async def _ask(
    view: Page, kind: Kind, key: str | None, stands: Fields, given: Fields, state: State, put: str
) -> Response:
    agency = view.account.agency or ""
    if kind.agency(state, put) != agency and key is None:
        raise Refused({"atiende": "Sólo puede pedirlo para su dependencia."})
    fields = {name: said for name, said in given.items() if said.strip() != stands.get(name, "").strip()}
    why = view.form.get("porque", "").strip()
    if not fields:
        raise Refused({"": "No cambió nada: escriba lo que quiere distinto."})
    if not why or len(why) > 2_000:
        raise Refused({"porque": "Diga por qué lo pide."})
    await Wishes(view.context.databases, view.context.clock).ask(
        view.account.id, agency, kind.name, key, fields, why
    )
    return view.go(f"{PATH}/solicitudes")


@page("admin")
async def retire(view: Page) -> Response:
    """Retire a thing, or let it be used again; of days, rules and words: take it out."""
    kind, key = kind_of(view), view.request.path_params["key"]
    state = await changes(view).state()
    if key not in kind.items(state):
        raise Problem("not_found")
    typed = {"seen": view.form.get("seen", "")}
    if typed["seen"] != state.docs[kind.lives(key)]["_rev"]:
        return await show_item(
            view, kind, key, 409, {"": "Alguien lo cambió mientras tanto: revise de nuevo."}
        )
    back = view.form.get("activo") == "si"
    hangs = await hanging(view, state, kind, key)
    if hangs and not back and not kind.removes and view.form.get("enterado") != "si":
        return await show_item(
            view, kind, key, 422, {"enterado": "Marque que sabe lo que aún depende de esto."}
        )
    try:
        doc = kind.retire(state, key, back)
        await changes(view).apply(state, [doc], view.account.id, "page")
    except Refused as refused:
        return await show_item(view, kind, key, 422, {"": " ".join(refused.wrong.values())})
    await view.context.audit.record(view.account.id, "catalogue_changed", doc["_id"])
    return view.go(f"{PATH}/{kind.name}" if kind.removes else f"{PATH}/{kind.name}/ver/{key}")


ROUTES = [
    Route(PATH, home, methods=["GET"]),
    Route(PATH + "/{kind}", listing, methods=["GET"]),
    Route(PATH + "/{kind}/nuevo", new, methods=["GET"]),
    Route(PATH + "/{kind}/nuevo", save, methods=["POST"]),
    Route(PATH + "/{kind}/ver/{key}", item, methods=["GET"]),
    Route(PATH + "/{kind}/ver/{key}", save, methods=["POST"]),
    Route(PATH + "/{kind}/ver/{key}/retirar", retire, methods=["POST"]),
]
