"""Accounts, their phones and their enrolment sheets."""

from __future__ import annotations

from typing import Any, Literal

import segno
from starlette.responses import Response
from starlette.routing import Route

from server.accounts import codes
from server.accounts.authority import may_edit, may_issue_code, may_revoke
from server.accounts.documents import AccountDoc
from server.accounts.model import PASSWORD_ROLES, ROLE_NAMES, Account, role_of
from server.instants import say
from server.problems import Problem
from server.web.office.frame import Page, Wrong, page
from server.web.office.places import blocks_of, sectors_of
from server.web.office.reference import names
from server.web.office.review import front
from server.web.office.scope_form import choices, edited
from server.web.phones.accounts import origin_of
from sync.errors import Conflict

#: What the form of an account says.
_EDITED: tuple[
    Literal["name", "phone", "sector", "agency", "department", "brigade", "blocks", "term"], ...
] = ("name", "phone", "sector", "agency", "department", "brigade", "blocks", "term")
#: What the form of some roles says besides.
_RIGHTS: tuple[Literal["supervisor", "delegation"], ...] = ("supervisor", "delegation")
#: Accounts shown at once; the search narrows them.
_SHOWN = 200


def qr_svg(url: str) -> str:
    """The QR of a link as SVG without a size of its own; error correction M reads from a creased sheet."""
    return str(segno.make(url, error="m", micro=False).svg_inline(omitsize=True, border=4))


def account_of(view: Page) -> Account:
    found = view.context.directory.account(view.request.path_params["account"])
    if found is None:
        raise Problem("account_unknown")
    return found


@page("desk", "admin", "auditor", looks="accounts_seen")
async def listing(view: Page) -> Response:
    query = view.request.query_params.get("q", "").strip().casefold()
    role = view.request.query_params.get("papel", "")
    found = [
        account
        for account in view.context.directory.accounts()
        if (not role or account.role == role) and (query in account.name.casefold() or query in account.id)
    ]
    shown = found[:_SHOWN]
    devices = {account.id: len(_live(view, account)) for account in shown}
    return view.show(
        "accounts.html",
        found=[(account, said) for account, said in zip(shown, await _scopes(view, shown), strict=True)],
        total=len(found), devices=devices, query=query, role=role,
    )  # fmt: skip


async def _scopes(view: Page, accounts: list[Account]) -> list[str]:
    """Each account's scope in names."""
    known, sectors = await names(view.context), await sectors_of(view.context.databases)
    blocks = await blocks_of(view.context.databases, {key for one in accounts for key in one.blocks})
    found = []
    for one in accounts:
        parts = [
            sectors.get(one.sector, one.sector) if one.sector else None,
            known.agency(one.agency) if one.agency else None,
            known.department(one.agency, one.department) if one.department else None,
            known.brigade(one.agency, one.brigade) if one.brigade else None,
            ", ".join(str(blocks.get(key, {}).get("name") or key) for key in one.blocks),
        ]
        found.append(" · ".join(part for part in parts if part) or "—")
    return found


def _live(view: Page, account: Account) -> list[Any]:
    return [device for device in view.context.directory.devices(account.id) if not device.revoked_at]


@page("desk", "admin", "auditor", looks="accounts_seen")
async def detail(view: Page) -> Response:
    account = account_of(view)
    return view.show(
        "account.html",
        account=account,
        devices=view.context.directory.devices(account.id),
        in_office=account.in_office(view.today),
        may_edit=may_edit(view.account, account.role),
        may_code=may_issue_code(view.account, account),
        may_revoke=may_revoke(view.account, account),
        password_role=account.role in PASSWORD_ROLES,
        **await choices(view, account),
    )


@page("desk", "admin")
async def new(view: Page) -> Response:
    offered = [role for role in ROLE_NAMES if may_edit(view.account, role)]
    return view.show(
        "account_new.html", offered=[("", [(role, ROLE_NAMES[role]) for role in offered])],
        **await choices(view, None),
    )  # fmt: skip


@page("desk", "admin", again=new)
async def create(view: Page) -> Response:
    role = role_of(view.field("papel"))
    if role is None or not may_edit(view.account, role):
        raise Problem("role_not_allowed")
    account = view.field("cuenta", 64).lower()
    base: AccountDoc = {
        "_id": f"account:{account}",
        "schema": "account.v1",
        "name": "",
        "role": role,
        "active": True,
        "generation": 1,
    }
    doc = await edited(view, base)
    try:
        await view.context.directory.create(doc)
    except Conflict:
        raise Wrong("cuenta", "Ese usuario ya existe: elija otro.", "account_exists") from None
    await view.context.audit.record(view.account.id, "account_created", doc["_id"])
    return view.go(f"/gestion/cuentas/{account}")


@page("desk", "admin", again=detail)
async def edit(view: Page) -> Response:
    account = account_of(view)
    if not may_edit(view.account, account.role):
        raise Problem("role_not_allowed")
    assert account.doc is not None
    wanted = await edited(view, account.doc)
    members: dict[str, Any] = {name: wanted.get(name) for name in _EDITED}
    members |= {name: wanted[name] for name in _RIGHTS if name in wanted}

    def change(doc: AccountDoc) -> dict[str, Any]:
        changed = {**doc, **members}
        return changed if members["phone"] else {key: changed[key] for key in changed if key != "phone"}

    await view.context.directory.update(f"account:{account.id}", change)
    await view.context.audit.record(view.account.id, "account_changed", f"account:{account.id}")
    return view.go(f"/gestion/cuentas/{account.id}")


@page("desk", "admin")
async def activity(view: Page) -> Response:
    """Suspend an account, or let it back in. Its phones keep delivering what they hold."""
    account = account_of(view)
    if not may_edit(view.account, account.role) or account.id == view.account.id:
        raise Problem("role_not_allowed")
    active = view.field("activa") == "1"
    await view.context.directory.update(f"account:{account.id}", lambda doc: {**doc, "active": active})
    if not active:
        await view.context.sessions.end_all(account.id, "page")
    await view.context.audit.record(
        view.account.id, "account_activated" if active else "account_suspended", f"account:{account.id}"
    )
    return view.go(f"/gestion/cuentas/{account.id}")


@page("desk", "admin")
async def code(view: Page) -> Response:
    """A new code, on a sheet to print: shown this once."""
    account = account_of(view)
    if not may_issue_code(view.account, account):
        raise Problem("code_not_allowed")
    digits, expires = await view.context.enrolment.issue_code(account.id, view.account.id)
    await view.context.audit.record(view.account.id, "code_issued", f"account:{account.id}")
    origin = origin_of(view.request, view.context)
    return view.show(
        "sheet.html",
        account=account,
        code=codes.say_code(digits),
        qr=qr_svg(f"{origin}/#enrol={digits}"),
        origin=origin,
        expires=say(expires),
    )


@page("desk", "admin")
async def revoke(view: Page) -> Response:
    account = account_of(view)
    if not may_revoke(view.account, account):
        raise Problem("role_not_allowed")
    device = f"{account.id}~{view.field('instalacion', 64)}"
    await view.context.enrolment.revoke(device, view.account.id)
    await view.context.audit.record(view.account.id, "device_revoked", f"device:{device}")
    return view.go(f"/gestion/cuentas/{account.id}")


@page()
async def where_asked(view: Page) -> Response:
    """The page that has a password's form: the first one for one's own, the account's for another's."""
    own = view.request.path_params["account"] == view.account.id
    answer: Response = await (front if own else detail).handler(view)  # type: ignore[attr-defined]
    return answer


#: The field that a refused password is about.
_PASSWORD_FIELDS = {"password_wrong": "anterior", "password_weak": "nueva"}


@page(again=where_asked)
async def password(view: Page) -> Response:
    """Set a password: one's own with the old one, anybody's by admin. What entered with the old one ends."""
    account = account_of(view)
    own = account.id == view.account.id
    if not own and view.account.role != "admin":
        raise Problem("role_not_allowed")
    if account.role not in PASSWORD_ROLES:
        raise Problem("password_not_for_role")
    try:
        if own:
            await view.context.enrolment.check_password(
                account.id, view.form.get("anterior", ""), browser=view.session.id
            )
        await view.context.enrolment.set_password(account, view.form.get("nueva", ""))
    except Problem as problem:
        if problem.code not in _PASSWORD_FIELDS:
            raise
        raise Wrong(_PASSWORD_FIELDS[problem.code], problem.message, problem.code) from None
    await view.context.audit.record(view.account.id, "password_set", f"account:{account.id}")
    return view.go("/gestion/" if own else f"/gestion/cuentas/{account.id}")


ROUTES = [
    Route("/gestion/cuentas", listing, methods=["GET"]),
    Route("/gestion/cuentas/nueva", new, methods=["GET"]),
    Route("/gestion/cuentas/nueva", create, methods=["POST"]),
    Route("/gestion/cuentas/{account}", detail, methods=["GET"]),
    Route("/gestion/cuentas/{account}", edit, methods=["POST"]),
    Route("/gestion/cuentas/{account}/activa", activity, methods=["POST"]),
    Route("/gestion/cuentas/{account}/codigo", code, methods=["POST"]),
    Route("/gestion/cuentas/{account}/baja", revoke, methods=["POST"]),
    Route("/gestion/cuentas/{account}/clave", password, methods=["POST"]),
]
