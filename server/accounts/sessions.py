"""Sessions: who is asking. Kept on the server, revocable; of a token only its SHA-256 is stored.

Law: a session is judged anew at every request by its account and device as they are now. A revoked device's
session is limited: it may push and check in, so that nothing it holds is lost, and nothing else.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from server.accounts.directory import Directory
from server.clock import Clock
from server.instants import parse as parse_instant
from server.instants import say as say_instant
from server.problems import Problem

Json = dict[str, Any]
Kind = Literal["device", "page"]

#: The cookie of page sessions. ``__Host-`` is added where the connection is TLS (RFC 6265bis §4.1.3.2).
COOKIE = "manzana-pagina"


@dataclass(frozen=True, slots=True)
class Session:
    """``device`` is None for pages. ``limited``: push and check-in only."""

    account: str
    role: str
    device: str | None
    limited: bool
    kind: Kind
    id: str


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Sessions:
    """Opens, finds and ends sessions over the directory."""

    def __init__(self, directory: Directory, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock

    async def open(
        self, account: str, device: str | None, kind: Kind, life: timedelta, *, limited: bool = False
    ) -> tuple[str, datetime, Session]:
        """A new session: its token (shown once), when it ends, and the session itself."""
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        expires = now + life
        doc = {
            "_id": f"session:{token_hash(token)}",
            "account": account,
            "device": device,
            "kind": kind,
            "created_at": say_instant(now),
            "expires_at": say_instant(expires),
            "limited": limited,
        }
        await self._directory.create(doc)
        return token, expires, self._judge(doc)

    async def find(self, token: str) -> Session:
        """The live session of a token. Raises ``session_unknown``, ``session_expired``,
        ``account_inactive``.
        """
        return await self.again(f"session:{token_hash(token)}")

    async def again(self, session: str) -> Session:
        """The session of an id, as ``find`` gives it."""
        doc = await self._directory.find(session)
        if doc is None:
            raise Problem("session_unknown")
        if self._clock.now() >= parse_instant(doc["expires_at"]):
            raise Problem("session_expired")
        return self._judge(doc)

    def _judge(self, doc: Json) -> Session:
        account = self._directory.account(doc["account"])
        if account is None:
            raise Problem("session_unknown", "the session's account is gone")
        device_id = doc.get("device")
        limited = bool(doc.get("limited"))
        if device_id is not None:
            device = self._directory.device(device_id)
            if device is None:
                raise Problem("session_unknown", "the session's device is gone")
            # What a leaver's phone still holds is handed over, so it is limited, not shut out.
            limited = limited or device.revoked_at is not None or not account.active
        elif not account.active:
            raise Problem("account_inactive")
        return Session(
            account=account.id,
            role=account.role,
            device=device_id,
            limited=limited,
            kind=doc["kind"],
            id=doc["_id"],
        )

    async def end(self, session: Session) -> None:
        await self._directory.remove(session.id)

    async def end_all(self, account: str, kind: Kind | None = None) -> int:
        """End an account's sessions (of one kind); gives how many."""
        ended = 0
        for doc in self._directory.documents("session"):
            if doc["account"] == account and kind in (None, doc["kind"]):
                await self._directory.remove(doc["_id"])
                ended += 1
        return ended

    async def sweep(self) -> int:
        """Forget sessions that ended; gives how many."""
        now = self._clock.now()
        gone = [
            doc for doc in self._directory.documents("session") if parse_instant(doc["expires_at"]) <= now
        ]
        for doc in gone:
            await self._directory.remove(doc["_id"])
        return len(gone)
