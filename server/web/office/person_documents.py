"""One citizen document: what it says now, what it said before, putting it right, giving its person a number.

Law: the original is what was signed, and stays; what is put right shows instead, and both go with an erasure.
Every look is on record.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from server.documents.ids import citizen_uuid
from server.intake.chores import requests
from server.persons.rectifying import contents, read_content, rectified_id, rectify
from server.persons.telephones import said
from server.problems import Problem
from server.register.people import known_of, likely
from server.register.scope import scope_of
from server.web.office.frame import Page, Wrong, page
from server.web.office.people import PATH, _rows, citizen_of, persons
from server.web.office.reference import names

Json = Any


@page("desk", "auditor")
async def one(view: Page) -> Response:
    citizen = await citizen_of(view, view.request.path_params["citizen"])
    await view.context.audit.record(view.account.id, "citizen", f"citizen:{citizen_uuid(citizen)}")
    databases, register = view.context.databases, view.context.register
    mine = scope_of(view.account, view.today)
    found = await databases.citizens.get_many([citizen, rectified_id(citizen)])
    content = (await contents(databases, [citizen]))[citizen]
    rectified = found.get(rectified_id(citizen))
    known = next(iter(await register.ask(lambda db, _: known_of(db, [citizen]))), None)
    people = {account.id: account.name for account in view.context.directory.accounts()}
    original = found[citizen].get("content") or {}
    earlier = [
        *(rectified or {}).get("earlier", []),
        {"content": original, "at": found[citizen].get("consented_at")},
    ]
    suggested = await register.ask(lambda db, columns: likely(db, columns, [citizen], mine))
    return view.show(
        "person_document.html",
        uuid=citizen_uuid(citizen),
        content=content,
        phone=said(content.get("phone") or ""),
        rectified=rectified,
        notice=(rectified or found[citizen]).get("notice"),
        given_at=(rectified or found[citizen]).get("consented_at"),
        earlier=earlier if rectified and content else [],
        people=people,
        number=known.number if known else None,
        rows=await _rows(view, [citizen]),
        known=await names(view.context),
        suggested=[(one_, said(one_.known.phone or "")) for one_ in suggested],
        uuid_of=citizen_uuid,
        may_change=view.account.role == "desk" and bool(content),
    )


@page("desk", again=one)
async def number(view: Page) -> Response:
    """Give a citizen number; with ``con``, and join to who was suggested at once."""
    citizen = await citizen_of(view, view.request.path_params["citizen"])
    known = next(iter(await view.context.register.ask(lambda db, _: known_of(db, [citizen]))), None)
    if known is None:
        raise Problem("not_found")
    made = known.number or await persons(view).make(citizen, view.account.id)
    await view.context.audit.record(view.account.id, "person_numbered", f"person:{made}")
    await view.context.register.follow_now()
    return view.go(f"{PATH}/{made}")


@page("desk", again=one)
async def put_right(view: Page) -> Response:
    citizen = await citizen_of(view, view.request.path_params["citizen"])
    fields = (view.field(name, most, required=False) for name, most in
              (("nombre", 200), ("telefono", 40), ("correo", 200), ("domicilio", 400)))  # fmt: skip
    name, phone, email, address = (" ".join(text.split()) for text in fields)
    content, wrong = read_content(name, phone, email, address)
    reason = view.field("motivo", 500, required=False)
    if not reason:
        wrong.setdefault("motivo", "Diga por qué se corrige: quién lo pidió y cómo.")
    for field, sentence in wrong.items():
        raise Wrong(field, sentence)
    notice = None
    if view.form.get("aviso") == "si":
        notice = str((await view.context.reference_settings()).get("notice") or "1")
    await view.context.audit.record(view.account.id, "person_rectified", f"citizen:{citizen_uuid(citizen)}")
    databases, clock, by = view.context.databases, view.context.clock, view.account.id
    try:
        await rectify(
            databases,
            clock,
            by,
            citizen,
            content,
            reason=reason,
            notice=notice,
            seen=view.form.get("seen", ""),
        )
    finally:
        # Phones that show this person get it with their next pull; asked for also where it stood already, so
        # that sending a form again mends what a kill left between the two.
        await requests.rectify_citizen(databases, clock, by, citizen)
    await view.context.register.follow_now()
    return view.go(f"{PATH}/documento/{citizen_uuid(citizen)}")


ROUTES = [
    Route(PATH + "/documento/{citizen}", one, methods=["GET"]),
    Route(PATH + "/documento/{citizen}/numero", number, methods=["POST"]),
    Route(PATH + "/documento/{citizen}/corregir", put_right, methods=["POST"]),
]
