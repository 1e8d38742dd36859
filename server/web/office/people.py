"""Persons: found by number, name or telephone, their reports, and who may be the same.

Law: every look at a person's data is on record before it is shown; only a human joins, and whatever was
joined is taken apart again by one button. Of whom the reader may read no report, nothing is shown or found.
"""

from __future__ import annotations

import re
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from server.documents.ids import citizen_uuid, is_uuid
from server.persons.persons import SEXES, Persons
from server.persons.rectifying import contents
from server.persons.telephones import digits_of, said
from server.problems import Problem
from server.register.choosing import match_words
from server.register.filters import Filter
from server.register.groups import citizens_of, family_of, root_of
from server.register.people import Known, known_of, likely, named, readable_of, reports_of
from server.register.scope import scope_of
from server.store.scan import scan
from server.web.office.frame import Page, Wrong, page
from server.web.office.looking import light
from server.web.office.reference import names

Json = Any

PATH = "/gestion/personas"
_NUMBER = re.compile(r"(?:(?i:c|ciudadan[oa])[\s-]*)?0*([1-9][0-9]{0,7})\Z")


def persons(view: Page) -> Persons:
    return Persons(view.context.databases, view.context.clock)


async def citizen_of(view: Page, uuid: str) -> str:
    """The id of the citizen document that a path means. Raises ``not_found`` where it may not be read."""
    found = [
        found.id
        async for found in scan(view.context.databases.citizens, f"citizen:{uuid}:", most=1)
        if is_uuid(uuid)
    ]
    if not found or not await readable(view, found):
        raise Problem("not_found")
    return found[0]


async def readable(view: Page, citizens: list[str]) -> list[str]:
    """Those of which the reader may read a report."""
    mine = scope_of(view.account, view.today)
    allowed = await view.context.register.ask(lambda db, columns: readable_of(db, columns, citizens, mine))
    return [citizen for citizen in citizens if citizen in allowed]


@page("desk", "auditor")
async def search(view: Page) -> Response:
    """By citizen number, telephone or name."""
    asked = " ".join(view.request.query_params.get("q", "").split())[:200]
    if not asked:
        return view.show("people.html", asked="", found=[])
    number = _NUMBER.match(asked)
    digits = digits_of(asked) if re.fullmatch(r"[\d\s()+.-]{10,25}", asked) else None
    await view.context.audit.record(view.account.id, "person_searched", "register")
    if number and not digits and await _shown_at(view, int(number[1])):
        return view.go(f"{PATH}/{int(number[1])}")
    mine = scope_of(view.account, view.today)
    found = await view.context.register.ask(
        lambda db, columns: named(db, columns, match_words(asked), digits, mine)
    )
    return view.show("people.html", asked=asked, found=_together(found))


def _together(found: list[Known]) -> list[tuple[str, str, str, str]]:
    """One line a person: where it leads, name, telephone, number."""
    lines: dict[str, tuple[str, str, str, str]] = {}
    for known in found:
        href = f"{PATH}/{known.number}" if known.number else f"{PATH}/documento/{citizen_uuid(known.citizen)}"
        number = f"Ciudadano {known.number}" if known.number else "Sin número"
        lines.setdefault(href, (href, known.name or "Sin nombre", said(known.phone or "") or "—", number))
    return list(lines.values())


async def _shown_at(view: Page, number: int) -> list[str]:
    """The readable documents of a number's person; none where there is no such person for this reader."""
    citizens = await view.context.register.ask(lambda db, _: citizens_of(db, number))
    return await readable(view, citizens)


@page("desk", "auditor")
async def one(view: Page) -> Response:
    """A person: data, documents, reports, and who may be the same."""
    number = _number(view)
    root = await view.context.register.ask(lambda db, _: root_of(db, number))
    citizens = await _shown_at(view, root)
    if not citizens:
        raise Problem("not_found")
    if root != number and view.request.method == "GET":
        return view.go(f"{PATH}/{root}")
    await view.context.audit.record(view.account.id, "person_seen", f"person:{root}")
    register, mine = view.context.register, scope_of(view.account, view.today)
    found = await contents(view.context.databases, citizens)
    doc = await persons(view).get(root)
    numbers = await register.ask(lambda db, _: family_of(db, root))
    own = await register.ask(lambda db, _: {key: citizens_of(db, key) for key in numbers if key != root})
    people = {account.id: account.name for account in view.context.directory.accounts()}
    phones = [content["phone"] for content in found.values() if content.get("phone")]
    extra = [said(phone) for phone in doc["phones"]]
    return view.show(
        "person.html",
        number=root,
        doc=doc,
        title=next((c["name"] for c in reversed(found.values()) if c.get("name")), "Sin nombre"),
        phones=list(dict.fromkeys([*map(said, phones), *extra])),
        extra=", ".join(extra),
        documents=[
            (citizen_uuid(key), content, key in {entry["citizen"] for entry in doc["citizens"]})
            for key, content in found.items()
        ],
        joined=[key for key, theirs in own.items() if set(theirs) & set(citizens)],
        log=[{**line, "who": people.get(line["by"], "")} for line in reversed(doc["log"])],
        did=_DID,
        sexes=[("", list(SEXES.items()))],
        rows=await _rows(view, citizens),
        all_reports=Filter(citizen=(str(root),)).url("/gestion/asuntos"),
        known=await names(view.context),
        suggested=[
            (one_, said(one_.known.phone or ""))
            for one_ in await register.ask(lambda db, columns: likely(db, columns, citizens, mine))
        ],
        uuid_of=citizen_uuid,
        may_change=view.account.role == "desk",
    )


_DID = {
    "made": "Se le dio número",
    "joined": "Se le unió un registro",
    "parted": "Se le separó un registro",
    "merged": "Se unió a otra persona",
    "unmerged": "Se separó de otra persona",
    "edited": "Se cambiaron sus datos",
    "erased": "Se borraron datos por ley",
}


async def _rows(view: Page, citizens: list[str]) -> list[tuple[Any, Any]]:
    mine = scope_of(view.account, view.today)
    rows = await view.context.register.ask(lambda db, columns: reports_of(db, columns, citizens, mine))
    return [(row, light(view, row)) for row in rows]


def _number(view: Page) -> int:
    text = view.request.path_params["number"]
    if not re.fullmatch(r"[1-9][0-9]{0,7}", text):
        raise Problem("not_found")
    return int(text)


async def _mine(view: Page) -> int:
    """The number of the path, of a person that the account may read."""
    number = _number(view)
    if not await _shown_at(view, number):
        raise Problem("not_found")
    return number


@page("desk", again=one)
async def join(view: Page) -> Response:
    """Somebody says that two are one: ``con`` is another's number, or the uuid of a citizen document."""
    number, other = await _mine(view), view.field("con", 40)
    if found := _NUMBER.match(other):
        if not await _shown_at(view, int(found[1])):
            raise Wrong("con", "No hay una persona con ese número.")
        await persons(view).merge(int(found[1]), number, view.account.id)
    else:
        citizen = await citizen_of(view, other)
        theirs = await view.context.register.ask(lambda db, _: known_of(db, [citizen]))
        if theirs and theirs[0].number is not None:
            await persons(view).merge(theirs[0].number, number, view.account.id)
        else:
            await persons(view).join(number, citizen, view.account.id)
    return await _done(view, number, "person_joined")


@page("desk", again=one)
async def part(view: Page) -> Response:
    """They were not the same: a joined number, or a document, stands for itself again."""
    number, other = await _mine(view), view.field("de", 40)
    if found := _NUMBER.match(other):
        family = await view.context.register.ask(lambda db, _: family_of(db, number))
        if int(found[1]) not in family:
            raise Problem("not_found")
        await persons(view).unmerge(int(found[1]), view.account.id)
    else:
        await persons(view).part(number, await citizen_of(view, other), view.account.id)
    return await _done(view, number, "person_parted")


@page("desk", again=one)
async def edit(view: Page) -> Response:
    number = await _mine(view)
    phones = [
        piece for piece in re.split(r"[,;\n]+", view.field("telefonos", 400, required=False)) if piece.strip()
    ]
    sex, year = view.field("sexo", 1, required=False), view.field("nacimiento", 4, required=False)
    try:
        await persons(view).edit(number, view.account.id, phones, sex, year)
    except Problem as problem:
        if problem.code != "form_invalid":
            raise
        raise Wrong(problem.reason, _WRONG[problem.reason]) from None
    return await _done(view, number, "person_changed")


_WRONG = {
    "telefonos": "Cada teléfono debe tener diez dígitos; a lo más ocho, separados por comas.",
    "sexo": "Elija de la lista.",
    "nacimiento": "Escriba el año con cuatro cifras.",
}


async def _done(view: Page, number: int, what: str) -> Response:
    await view.context.audit.record(view.account.id, what, f"person:{number}")
    await view.context.register.follow_now()
    return view.go(f"{PATH}/{number}")


ROUTES = [
    Route(PATH, search, methods=["GET"]),
    Route(PATH + "/{number}", one, methods=["GET"]),
    Route(PATH + "/{number}/unir", join, methods=["POST"]),
    Route(PATH + "/{number}/separar", part, methods=["POST"]),
    Route(PATH + "/{number}/datos", edit, methods=["POST"]),
]
