"""Which device session a request comes with.

Law: a request without a live session gets one of the catalogue's ``session_*`` refusals, whichever route it
asks for; a revoked device passes only where nothing it holds would be lost otherwise.
"""

from __future__ import annotations

from server.accounts.sessions import Session, Sessions
from server.problems import Problem
from server.web.state import Request


def bearer_token(request: Request) -> str:
    """The token of ``Authorization: Bearer`` (RFC 6750 §2.1). Raises ``session_missing``."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem("session_missing")
    return token.strip()


async def authenticate(request: Request, *, limited_ok: bool = False) -> Session:
    """The device session of a request. Raises the catalogue's ``session_*`` problems.

    ``limited_ok`` is for the push and the check-in: everything else refuses a revoked device.
    """
    return _admitted(await request.state["context"].sessions.find(bearer_token(request)), limited_ok)


async def authenticate_again(sessions: Sessions, session: Session) -> Session:
    """What ``authenticate`` would now say of a request that has waited."""
    return _admitted(await sessions.again(session.id), limited_ok=False)


def _admitted(session: Session, limited_ok: bool) -> Session:
    if session.kind != "device":
        raise Problem("session_unknown", "a page's token is no device session")
    if session.limited and not limited_ok:
        raise Problem("session_limited")
    return session
