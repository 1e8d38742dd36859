"""Sessions: who is asking. Kept on the server, revocable; of a token only its SHA-256 is stored.

Law: a session is judged anew at every request by its account and device as they are now. A revoked device's
session is limited, and so is that of an account out of office: it may deliver and check in, so that nothing
it holds is lost, and nothing else (``gate.POWERS``).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from server.accounts.directory import Directory
from server.accounts.documents import SessionDoc
from server.accounts.gate import POWERS, Power, Standing, certain_date, standing_of
from server.accounts.model import PASSWORD_ROLES, Account
from server.clock import Clock
from server.instants import parse as parse_instant
from server.instants import say as say_instant
from server.problems import Problem

Kind = Literal["device", "page"]

#: The cookie of page sessions. ``__Host-`` is added where the connection is TLS (RFC 6265bis §4.1.3.2).
COOKIE = "manzana-pagina"


@dataclass(frozen=True, slots=True)
class Session:
    """``device`` is None for pages. ``limited``: not all of the role's work; ``powers`` says what."""

    account: str
    role: str
    device: str | None
    limited: bool
    kind: Kind
    id: str
    powers: frozenset[Power] = frozenset()
    standing: Standing = "in_office"


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _entered_before(account: Account, password_turn: int) -> bool:
    """Whether what came in at that turn came in with an earlier password."""
    return account.role in PASSWORD_ROLES and password_turn != account.password_turn


class Sessions:
    """Opens, finds and ends sessions over the directory."""

    def __init__(self, directory: Directory, clock: Clock, zone: Callable[[], Awaitable[ZoneInfo]]) -> None:
        """``zone``: the municipality's time zone, asked only on the days on which a term begins or ends."""
        self._directory = directory
        self._clock = clock
        self._zone = zone

    async def standing(self, account: Account | None) -> Standing:
        """The account's standing now."""
        now = self._clock.now()
        today = certain_date(account, now)
        if today is None:
            today = now.astimezone(await self._zone()).date().isoformat()
        return standing_of(account, today)

    async def open(
        self,
        account: str,
        device: str | None,
        kind: Kind,
        life: timedelta,
        *,
        limited: bool = False,
        password_turn: int | None = None,
    ) -> tuple[str, datetime, Session]:
        """A new session: its token (shown once), when it ends, and the session itself.

        ``password_turn``: the account's as it was when its password was checked (None: as it is now).
        """
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        expires = now + life
        known = self._directory.account(account)
        if password_turn is None:
            password_turn = known.password_turn if known else 0
        doc: SessionDoc = {
            "_id": f"session:{token_hash(token)}",
            "account": account,
            "device": device,
            "kind": kind,
            "created_at": say_instant(now),
            "expires_at": say_instant(expires),
            "limited": limited,
            "password_turn": password_turn,
        }
        await self._directory.create(doc)
        return token, expires, await self._judge(doc)

    async def find(self, token: str) -> Session:
        """The live session of a token. Raises ``session_unknown``, ``session_expired``,
        ``account_inactive``.
        """
        return await self.again(f"session:{token_hash(token)}")

    async def again(self, session: str) -> Session:
        """The session of an id, as ``find`` gives it."""
        doc: SessionDoc | None = await self._directory.find(session)
        if doc is None:
            raise Problem("session_unknown")
        if self._clock.now() >= parse_instant(doc["expires_at"]):
            raise Problem("session_expired")
        return await self._judge(doc)

    async def _judge(self, doc: SessionDoc) -> Session:
        account = self._directory.account(doc["account"])
        if account is None:
            raise Problem("session_unknown", "the session's account is gone")
        device_id = doc.get("device")
        standing = await self.standing(account)
        if device_id is not None:
            device = self._directory.device(device_id)
            if device is None:
                raise Problem("session_unknown", "the session's device is gone")
            if device.revoked_at is not None:
                standing = "revoked"
            elif standing == "in_office" and _entered_before(account, device.password_turn):
                standing = "password_changed"
        elif _entered_before(account, doc.get("password_turn", 0)):
            raise Problem("session_unknown", "the password was changed since")
        powers = POWERS[standing][doc["kind"]]
        if doc.get("limited"):
            # Opened by a phone whose person has signed out: it hands over and reads nothing.
            powers = powers & {"deliver"}
        if not powers:
            raise Problem("account_inactive", standing)
        return Session(
            account=account.id,
            role=account.role,
            device=device_id,
            limited="work" not in powers,
            kind=doc["kind"],
            id=doc["_id"],
            powers=powers,
            standing=standing,
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
