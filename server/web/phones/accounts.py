"""Enrolment and sessions over HTTP, as docs/gateway.md lays them down.

Law: limits are taken before work that costs and given back when the request proves honest.
"""

from __future__ import annotations

import time
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from server.accounts.authority import may_issue_code, may_revoke
from server.accounts.enrolment import Enrolled, Proof
from server.context import Context
from server.instants import say as say_instant
from server.limits import network_of
from server.problems import CATALOGUE, Problem
from server.web.authentication import authenticate
from server.web.bodies import answer, read_object
from server.web.state import Request


def client_network(request: Request) -> str:
    """The client's network as the connection (or a trusted proxy) tells it; the rate limits' key."""
    return network_of(request.client.host) if request.client else "unknown"


def origin_of(request: Request, context: Context) -> str:
    """The public origin for links and QR codes: the setting's, else the request's, whose name is
    known (``KnownHosts``).
    """
    return context.settings.origin or f"{request.url.scheme}://{request.url.netloc}"


def _proof(body: dict[str, Any]) -> Proof:
    return Proof(body.get("installation"), body.get("public_key"), body.get("challenge"), body.get("sig"))


async def _enrolled(context: Context, done: Enrolled) -> Response:
    if done.repeated:
        await context.audit.record(done.account.id, "enrolment_repeated", f"device:{done.device}")
    settings = await context.reference_settings()
    return answer(
        {
            "account": done.account.id,
            "name": done.account.name,
            "role": done.account.role,
            "device": done.device,
            "token": done.token,
            "expires_at": say_instant(done.expires_at),
            "municipality": settings.get("municipality"),
        },
        201,
    )


async def enrol(request: Request) -> Response:
    context = request.state["context"]
    body = await read_object(request)
    key, now = client_network(request), time.monotonic()
    context.limits.code.take(key, now)
    context.limits.code_overall.take("", now)
    done = await context.enrolment.enrol(body.get("code"), _proof(body), body.get("app"))
    context.limits.code.give_back(key)
    context.limits.code_overall.give_back("")
    return await _enrolled(context, done)


async def enrol_password(request: Request) -> Response:
    context = request.state["context"]
    body = await read_object(request)
    network, now = client_network(request), time.monotonic()
    context.limits.password.take(network, now)
    context.limits.password_overall.take("", now)
    done = await context.enrolment.enrol_with_password(
        body.get("username"),
        body.get("password"),
        _proof(body),
        body.get("app"),
        network=network,
    )
    context.limits.password_overall.give_back("")
    return await _enrolled(context, done)


async def challenge(request: Request) -> Response:
    """What a device signs to renew its session, or a new key of an ``installation`` to enrol."""
    context = request.state["context"]
    body = await read_object(request)
    context.limits.challenge.take(client_network(request), time.monotonic())
    if "installation" in body:
        text, expires = context.enrolment.enrolment_challenge(body["installation"])
    else:
        text, expires = context.enrolment.challenge(body.get("device"))
    return answer({"challenge": text, "expires_at": say_instant(expires)})


async def renew(request: Request) -> Response:
    context = request.state["context"]
    body = await read_object(request)
    context.limits.challenge.take(client_network(request), time.monotonic())
    token, expires, session = await context.enrolment.renew(
        body.get("device"),
        body.get("challenge"),
        body.get("sig"),
        hand_over=body.get("hand_over") is True,
    )
    return answer({"token": token, "expires_at": say_instant(expires), "limited": session.limited}, 201)


async def end(request: Request) -> Response:
    context = request.state["context"]
    await context.sessions.end(await authenticate(request, "deliver"))
    return Response(status_code=204)


async def issue_code(request: Request) -> Response:
    """A replacement code. ``lost: true`` also revokes the account's other phones. Both are on record."""
    context = request.state["context"]
    session = await authenticate(request)
    body = await read_object(request)
    issuer = context.directory.account(session.account)
    other = context.directory.account(str(body.get("account")))
    if issuer is None:
        raise Problem("session_unknown")
    if other is None or not may_issue_code(issuer, other):
        # Whether an account exists is told only to who may see the list of them.
        unknown = other is None and issuer.role in {"desk", "admin"}
        raise Problem("account_unknown" if unknown else "code_not_allowed")
    code, expires = await context.enrolment.issue_code(other.id, issuer.id)
    await context.audit.record(issuer.id, "code_issued", f"account:{other.id}")
    if body.get("lost") is True and may_revoke(issuer, other):
        for device in context.directory.devices(other.id):
            if device.revoked_at is None:
                await context.enrolment.revoke(device.id, issuer.id)
                await context.audit.record(issuer.id, "device_revoked", f"device:{device.id}")
    url = f"{origin_of(request, context)}/#enrol={code}"
    return answer({"code": code, "url": url, "expires_at": say_instant(expires)}, 201)


async def problems(request: Request) -> Response:
    """The catalogue, so that a client can be checked against it."""
    rows = [
        {"error": entry.code, "status": entry.status, "message": entry.message, "reason": entry.reason}
        for entry in CATALOGUE.values()
    ]
    return answer({"problems": rows})


ROUTES = [
    Route("/api/enrol", enrol, methods=["POST"]),
    Route("/api/enrol/password", enrol_password, methods=["POST"]),
    Route("/api/session/challenge", challenge, methods=["POST"]),
    Route("/api/session", renew, methods=["POST"]),
    Route("/api/session", end, methods=["DELETE"]),
    Route("/api/codes", issue_code, methods=["POST"]),
    Route("/api/problems", problems, methods=["GET"]),
]
