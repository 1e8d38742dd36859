"""What was changed in the catalogue, by whom, from what to what; and undoing it.

Law: every change has its line, told in words; only the newest of a document is undone, which is a change too.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from server.catalogue.changes import Change, Changes
from server.catalogue.fields import Refused
from server.catalogue.parts import differences
from server.catalogue.state import State
from server.web.office.frame import Page, page

Json = dict[str, Any]

PATH = "/gestion/catalogo"
HOW = {
    "page": "en la página",
    "import": "con un archivo",
    "command": "desde el servidor",
    "undo": "al deshacer",
    "request": "al aceptar una solicitud",
}


def changes(view: Page) -> Changes:
    return Changes(view.context.databases, view.context.clock)


def told(view: Page, state: State, found: list[Change]) -> list[Json]:
    """Changes in words; ``undo`` where it is the newest of its document and the account may."""
    people = {account.id: account.name for account in view.context.directory.accounts()}
    newest: set[str] = set()
    lines = []
    for change in found:
        first = change.doc_id not in newest
        newest.add(change.doc_id)
        now = {name: value for name, value in state.docs.get(change.doc_id, {}).items() if name != "_rev"}
        # Written down and then cut off: it never came to stand.
        lost = first and change.before is not None and now == change.before != change.after
        lines.append(
            {
                "id": change.id,
                "at": change.at,
                "who": people.get(change.by, change.by),
                "how": HOW.get(change.how, ""),
                "what": differences(state, change.before, change.after) or ["Sin diferencias a la vista"],
                "lost": lost,
                "undo": first and not lost and view.account.role == "admin",
            }
        )
    return lines


@page("admin", "auditor")
async def history(view: Page) -> Response:
    state = await changes(view).state()
    return view.show(
        "catalogue_history.html", lines=told(view, state, await changes(view).history()), wrong={}
    )


@page("admin")
async def undo(view: Page) -> Response:
    try:
        change = await changes(view).undo(view.form.get("cambio", "")[:200], view.account.id)
    except Refused as refused:
        state = await changes(view).state()
        lines = told(view, state, await changes(view).history())
        return view.show("catalogue_history.html", 409, lines=lines, wrong=refused.wrong)
    await view.context.audit.record(view.account.id, "catalogue_undone", change.doc_id)
    return view.go(f"{PATH}/historia")


ROUTES = [
    Route(f"{PATH}/historia", history, methods=["GET"]),
    Route(f"{PATH}/deshacer", undo, methods=["POST"]),
]
