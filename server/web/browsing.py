"""Page sessions: a cookie, a form token, and the account behind either kind of session.

Law: the cookie is HttpOnly, SameSite=Strict, and Secure with the ``__Host-`` name wherever the connection is
TLS. A browser that entered once is known by a signed cookie, which opens nothing: its tries at a password are
counted for it alone. Every form that changes something carries a token bound to its session, compared in
constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from starlette.responses import Response

from server.accounts.model import Account
from server.accounts.sessions import COOKIE, Session
from server.problems import Problem
from server.web.authentication import authenticate
from server.web.state import Request


def cookie_name(request: Request) -> str:
    """RFC 6265bis §4.1.3.2: ``__Host-`` binds the cookie to this very origin, over TLS."""
    return f"__Host-{COOKIE}" if request.url.scheme == "https" else COOKIE


async def page_session(request: Request) -> Session:
    """The page session of the cookie. Raises ``session_missing`` and the ``session_*`` problems."""
    token = request.cookies.get(cookie_name(request))
    if not token:
        raise Problem("session_missing")
    context = request.state["context"]
    session = await context.sessions.find(token)
    if session.kind != "page":
        raise Problem("session_unknown", "a device's token is no page session")
    return session


async def current_account(request: Request) -> Account:
    """The account that asks, by bearer token or by page cookie."""
    context = request.state["context"]
    bearer = "authorization" in request.headers
    session = await (authenticate(request) if bearer else page_session(request))
    account = context.directory.account(session.account)
    if account is None:
        raise Problem("account_inactive")
    return account


def set_cookie(request: Request, response: Response, token: str, life: timedelta) -> None:
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=int(life.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def clear_cookie(request: Request, response: Response) -> None:
    response.delete_cookie(
        cookie_name(request), path="/", secure=request.url.scheme == "https", httponly=True, samesite="strict"
    )


#: How long a browser is known after it entered last.
_KNOWN = timedelta(days=180)


def _known_name(request: Request, account: str) -> str:
    name = "manzana-conocido-" + hashlib.sha256(account.encode("utf-8", "replace")).hexdigest()[:12]
    return f"__Host-{name}" if request.url.scheme == "https" else name


def _known_proof(request: Request, account: str, browser: str, until: str) -> str:
    """Over the account's password as well: a new one makes every browser a stranger."""
    context = request.state["context"]
    known = context.directory.account(account)
    turn = known.password_turn if known else 0
    text = f"browser:{account}:{turn}:{browser}:{until}".encode("utf-8", "replace")
    return hmac.new(context.secret, text, hashlib.sha256).hexdigest()


def known_browser(request: Request, username: str) -> str | None:
    """The id of a browser that has entered as this user before, by its signed cookie; else None.

    None too where that was longer ago than ``_KNOWN``, or with an earlier password.
    """
    account = username.strip().lower()[:64]
    browser, _, rest = request.cookies.get(_known_name(request, account), "").partition(".")
    until, _, proof = rest.partition(".")
    wanted = _known_proof(request, account, browser, until).encode()
    if not browser or not hmac.compare_digest(wanted, proof.encode("utf-8", "replace")):
        return None
    # Signed, so a whole number: the browser's own expiry is only a courtesy.
    return browser if request.state["context"].clock.now().timestamp() < int(until) else None


def remember_browser(request: Request, response: Response, account: str) -> None:
    """Know this browser again when it next enters as ``account``."""
    browser = known_browser(request, account) or secrets.token_hex(16)
    until = str(int((request.state["context"].clock.now() + _KNOWN).timestamp()))
    response.set_cookie(
        _known_name(request, account),
        f"{browser}.{until}.{_known_proof(request, account, browser, until)}",
        max_age=int(_KNOWN.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def form_token(secret: bytes, session: Session) -> str:
    """The token of a session's forms."""
    return hmac.new(secret, b"form:" + session.id.encode(), hashlib.sha256).hexdigest()


def check_form(request: Request, secret: bytes, session: Session, given: object) -> None:
    """Raises ``csrf_wrong`` for another token, or for a request that the browser says comes from
    elsewhere.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Problem("csrf_wrong", "the request comes from another site")
    # As bytes: the comparison refuses texts that are not ASCII, and a form may hold anything.
    wanted = form_token(secret, session).encode()
    if not isinstance(given, str) or not hmac.compare_digest(wanted, given.encode("utf-8", "replace")):
        raise Problem("csrf_wrong")
