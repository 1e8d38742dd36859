"""A demonstration's accounts: one tap enrols them, and only from this machine.

Law: unless the municipality was marked as a demonstration when it was made, these routes do not exist; and
then they answer loopback, or whoever has the key printed at the start (LAN=1), and nobody else.
"""

from __future__ import annotations

import hmac
import ipaddress
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.accounts.model import FIELD_ROLES
from server.bodies import answer, read_object
from server.context import Context
from server.problems import Problem
from sync.errors import NotFound
from sync.interface import Database

Json = dict[str, Any]

_ID = "demonstration"


async def mark_demonstration(accounts: Database, listed: list[Json]) -> None:
    """Mark a municipality as a demonstration. ``listed``: ``{account, note}`` with what the account shows.

    An office account's entry may carry its ``password``: a demonstration's is public by nature.
    """
    await accounts.put_local(_ID, {"accounts": listed})


async def demonstration(accounts: Database) -> list[Json] | None:
    """What ``mark_demonstration`` stored, or None."""
    try:
        doc = await accounts.get_local(_ID)
    except NotFound:
        return None
    listed: list[Json] = doc["accounts"]
    return listed


def is_loopback(request: Request) -> bool:
    """From this machine and asked by a loopback name: a page elsewhere cannot reach it by DNS rebinding."""
    name = request.url.hostname or ""
    if name != "localhost" and not _loopback_address(name):
        return False
    return request.client is not None and _loopback_address(request.client.host)


def _loopback_address(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


async def _listed(request: Request, key: object) -> list[Json]:
    context: Context = request.app.state.context
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
    context: Context = request.app.state.context
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
    context: Context = request.app.state.context
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
