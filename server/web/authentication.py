"""Which device session a request comes with.

Law: a request without a live session gets one of the catalogue's ``session_*`` refusals, whichever route it
asks for; a revoked device passes only where nothing it holds would be lost otherwise.
"""

from __future__ import annotations

from server.accounts.gate import Power
from server.accounts.sessions import Session, Sessions
from server.problems import Problem
from server.web.state import Request


def bearer_token(request: Request) -> str:
    """The token of ``Authorization: Bearer`` (RFC 6750 §2.1). Raises ``session_missing``."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem("session_missing")
    return token.strip()


async def authenticate(request: Request, power: Power = "work") -> Session:
    """The device session of a request. Raises the catalogue's ``session_*`` problems.

    ``power`` is what the route needs of ``gate.POWERS``.
    """
    return _admitted(await request.state["context"].sessions.find(bearer_token(request)), power)


async def authenticate_again(sessions: Sessions, session: Session, power: Power = "work") -> Session:
    """What ``authenticate`` would now say of a request that has waited."""
    return _admitted(await sessions.again(session.id), power)


def _admitted(session: Session, power: Power) -> Session:
    if session.kind != "device":
        raise Problem("session_unknown", "a page's token is no device session")
    if power not in session.powers:
        raise Problem("session_limited")
    return session
