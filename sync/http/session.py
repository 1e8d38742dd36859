"""Who is asking: Basic credentials, or the cookie that ``POST /_session`` gave.

Law: without an administrator everybody is one (and the server binds to loopback only); with one, nobody
else passes. Passwords and signatures are compared in constant time. Cookie: CouchDB's documentation, "Cookie
Authentication"; its HMAC is SHA-256 here.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl

from sync.errors import BadRequest, Unauthorized, UnsupportedMedia
from sync.http.query import parse_json
from sync.http.reply import Reply, json_reply
from sync.http.request import Request

#: CouchDB's default ``timeout``: ten minutes after the last renewal.
LIFETIME = 600

#: A login is a name and a password.
LOGIN_LIMIT = 16 * 1024

COOKIE = "AuthSession"


@dataclass(frozen=True, slots=True)
class User:
    name: str | None
    roles: tuple[str, ...] = ()
    method: str = "default"

    @property
    def is_admin(self) -> bool:
        return "_admin" in self.roles


class Sessions:
    """Checks credentials. ``now`` gives Unix seconds; ``secret`` signs cookies."""

    def __init__(self, admin: tuple[str, str] | None, secret: bytes, now: Callable[[], float]) -> None:
        self._admin = admin
        self._secret = secret
        self._now = now

    def user(self, request: Request) -> User:
        """The one who asks. Raises ``Unauthorized`` for credentials that are wrong (none is no error)."""
        if self._admin is None:
            return User(None, ("_admin",))
        authorization = request.header(b"authorization")
        if authorization:
            return self._basic(authorization)
        cookie = request.header(b"cookie")
        if COOKIE in cookie:
            return self._cookie(cookie)
        return User(None)

    def login(self, name: str, password: str) -> User:
        if self._admin is None or not _same(name, self._admin[0]) & _same(password, self._admin[1]):
            raise Unauthorized("Name or password is incorrect.")
        return User(name, ("_admin",), "default")

    def cookie(self, name: str) -> str:
        """The Set-Cookie value of a new session."""
        stamp = f"{name}:{int(self._now()):X}"
        token = base64.urlsafe_b64encode(f"{stamp}:{self._sign(stamp)}".encode()).decode().rstrip("=")
        # Both ends are said: nano keeps no cookie without Expires, and Max-Age stands above a client's clock.
        until = formatdate(self._now() + LIFETIME, usegmt=True)
        ends = f"Expires={until}; Max-Age={LIFETIME}"
        return f"{COOKIE}={token}; Version=1; {ends}; Path=/; HttpOnly; SameSite=Strict"

    def _basic(self, authorization: str) -> User:
        scheme, _, encoded = authorization.partition(" ")
        if scheme.lower() != "basic":
            raise Unauthorized("Only Basic and cookie authentication are offered.")
        try:
            name, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Unauthorized("Malformed Basic credentials.") from error
        if not colon:
            raise Unauthorized("Malformed Basic credentials.")
        return self.login(name, password)

    def _cookie(self, header: str) -> User:
        try:
            morsel = SimpleCookie(header).get(COOKIE)
        except CookieError as error:
            raise BadRequest("Malformed cookie.") from error
        if morsel is None or not morsel.value:
            return User(None)
        token = morsel.value
        try:
            text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
            stamp, _, signature = text.rpartition(":")
            name, _, since = stamp.rpartition(":")
            made = int(since, 16)
        except (ValueError, UnicodeDecodeError) as error:
            raise BadRequest("Malformed AuthSession cookie. Please clear your cookies.") from error
        # A session that ended is nobody's; CouchDB then treats the request as anonymous too.
        valid = _same(signature, self._sign(stamp)) and made <= self._now() < made + LIFETIME
        return User(name, ("_admin",), "cookie") if valid else User(None)

    def _sign(self, stamp: str) -> str:
        return hmac.new(self._secret, stamp.encode("utf-8", "surrogatepass"), sha256).hexdigest()


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))


async def session(sessions: Sessions, request: Request) -> Reply:
    """``/_session``: GET tells who asks, POST opens a session, DELETE ends it."""
    if request.method in ("GET", "HEAD"):
        user = sessions.user(request)
        info: dict[str, object] = {"authentication_handlers": ["cookie", "default"]}
        if user.name is not None:
            info["authenticated"] = user.method
        reply = json_reply({"ok": True, "userCtx": {"name": user.name, "roles": user.roles}, "info": info})
        if user.method == "cookie" and user.name is not None:
            reply.headers.append((b"set-cookie", sessions.cookie(user.name).encode()))
        return reply
    if request.method == "DELETE":
        past = formatdate(0, usegmt=True)
        gone = f"{COOKIE}=; Version=1; Expires={past}; Max-Age=0; Path=/; HttpOnly; SameSite=Strict"
        return json_reply({"ok": True}, headers=[(b"set-cookie", gone.encode())])
    name, password = await _credentials(request)
    user = sessions.login(name, password)
    value = {"ok": True, "name": user.name, "roles": user.roles}
    return json_reply(value, headers=[(b"set-cookie", sessions.cookie(name).encode())])


async def _credentials(request: Request) -> tuple[str, str]:
    body = await request.body(LOGIN_LIMIT)
    if request.media_type == "application/json":
        form = parse_json(body)
    elif request.media_type not in ("", "application/x-www-form-urlencoded"):
        raise UnsupportedMedia("Content-Type must be application/x-www-form-urlencoded or application/json")
    else:
        try:
            form = dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))
        except UnicodeDecodeError as error:
            raise BadRequest("The form is not valid UTF-8") from error
    form = form if isinstance(form, dict) else {}
    # CouchDB takes either word; clients send both.
    name, password = form.get("name", form.get("username")), form.get("password")
    if not isinstance(name, str) or not isinstance(password, str):
        raise BadRequest("request body must contain a username and a password")
    return name, password
