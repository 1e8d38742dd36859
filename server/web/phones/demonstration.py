"""A demonstration's accounts: one tap enrols them, and only from this machine.

Law: unless the municipality was marked as a demonstration when it was made, these routes do not exist; and
then they answer loopback, or whoever has the key printed at the start (LAN=1), and nobody else.
"""

from __future__ import annotations

import hmac

from starlette.responses import Response
from starlette.routing import Route

from server.accounts.demonstration import Offered, demonstration
from server.accounts.model import FIELD_ROLES
from server.problems import Problem
from server.web.bodies import answer, read_object
from server.web.loopback import is_loopback
from server.web.state import Request


async def _listed(request: Request, key: object) -> list[Offered]:
    context = request.state["context"]
    listed = await demonstration(context.databases.accounts)
    keyed = (
        bool(context.demo_key)
        and isinstance(key, str)
        and hmac.compare_digest(context.demo_key.encode(), key.encode())
    )
    if listed is None or not (keyed or (is_loopback(request) and not context.settings.proxy)):
        raise Problem("demo_only")
    return listed


async def demo(request: Request) -> Response:
    context = request.state["context"]
    rows = []
    for entry in await _listed(request, request.query_params.get("key")):
        account = context.directory.account(entry["account"])
        if account is not None and account.active:
            row = {
                "account": account.id,
                "name": account.name,
                "role": account.role,
                "note": entry.get("note", ""),
            }
            if entry.get("password"):
                row["password"] = entry["password"]
            rows.append(row)
    return answer({"accounts": rows})


async def demo_code(request: Request) -> Response:
    context = request.state["context"]
    body = await read_object(request)
    listed = {entry["account"] for entry in await _listed(request, body.get("key"))}
    account = context.directory.account(str(body.get("account")))
    if account is None or account.id not in listed or account.role not in FIELD_ROLES:
        raise Problem("account_unknown")
    code, _ = await context.enrolment.issue_code(account.id, "demonstration")
    return answer({"code": code}, 201)


ROUTES = [
    Route("/api/demo", demo, methods=["GET"]),
    Route("/api/demo/code", demo_code, methods=["POST"]),
]
