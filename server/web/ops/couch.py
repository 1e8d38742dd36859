"""The CouchDB HTTP API at ``/couch/``, for administrators who replicate or inspect (``COUCH_API=1``).

Law: off unless the operator turned it on, and then for admin accounts alone, by name and password: it knows
nothing of scope. Whoever writes through it must not write what only intake writes (docs/operators.md).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import time

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from server.context import Context
from server.limits import network_of
from server.problems import Problem
from sync.http import create_app

#: Seconds for which a checked password is believed: a replicator asks dozens of times a second, and argon2id
#: takes a tenth of one.
_BELIEVED = 60.0
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="Manzana", charset="UTF-8"'}


class CouchApi:
    """Mounted at ``/couch``."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._app = create_app(context.engine)
        #: By credentials: when they were checked, of which account, and its password's turn then.
        self._known: dict[bytes, tuple[float, str, int]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._admin(Request(scope, receive))
        headers = [pair for pair in scope["headers"] if pair[0] not in (b"authorization", b"cookie")]
        await self._app({**scope, "headers": headers}, receive, send)

    async def _admin(self, request: Request) -> None:
        """Raises ``session_missing``, ``password_*`` or ``role_not_allowed``."""
        scheme, _, coded = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            raise Problem("session_missing", "name and password of an admin account", headers=_CHALLENGE)
        now = time.monotonic()
        digest = hashlib.sha256(self._context.secret + coded.encode()).digest()
        believed = self._known.get(digest)
        if believed is None or now - believed[0] > _BELIEVED:
            try:
                name, _, password = base64.b64decode(coded, validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError) as error:
                raise Problem("bad_request", f"malformed credentials: {error}") from None
            network = network_of(request.client.host) if request.client else "unknown"
            account = await self._context.enrolment.check_password(name, password, network=network)
            # Old entries go with a new one: there are as many as there are administrators.
            self._known = {key: value for key, value in self._known.items() if now - value[0] <= _BELIEVED}
            believed = self._known[digest] = (now, account.id, account.password_turn)
        known = self._context.directory.account(believed[1])
        if known is None or known.role != "admin":
            raise Problem("role_not_allowed", "the CouchDB API is for admin accounts")
        if known.password_turn != believed[2]:
            raise Problem("password_wrong", "the password was changed since", headers=_CHALLENGE)
        if await self._context.sessions.standing(known) != "in_office":
            raise Problem("account_inactive")
