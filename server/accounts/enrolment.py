"""Enrolment of a device: by one-time code in the field, by password in the office; renewal and revocation.

Law: a device enrols once with one key. Repeating the very same enrolment (a lost reply) gives a session
again; the same installation with another key is refused. Revoking ends nothing the device still holds: its
sessions become limited and it is ordered to hand over and wipe.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from server.accounts import codes
from server.accounts.challenges import Challenges
from server.accounts.directory import Directory
from server.accounts.keys import canonical_jwk, verifies
from server.accounts.lockouts import Lockouts
from server.accounts.model import FIELD_ROLES, PASSWORD_ROLES, Account, Device, device_id, is_installation
from server.accounts.passwords import password_matches
from server.accounts.sessions import Session, Sessions
from server.clock import Clock
from server.instants import parse as parse_instant
from server.instants import say as say_instant
from server.problems import Problem
from server.settings import Settings
from sync.errors import Conflict, NotFound

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Enrolled:
    account: Account
    device: str
    token: str
    expires_at: datetime


class Enrolment:
    def __init__(
        self,
        directory: Directory,
        sessions: Sessions,
        challenges: Challenges,
        lockouts: Lockouts,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._directory = directory
        self._sessions = sessions
        self._challenges = challenges
        self._lockouts = lockouts
        self._clock = clock
        self._life = timedelta(days=settings.session_days)
        self._code_life = timedelta(hours=settings.code_hours)

    # -- codes ---------------------------------------------------------------------------------------

    async def issue_code(
        self, account: str, issued_by: str, life: timedelta | None = None
    ) -> tuple[str, datetime]:
        """A new one-time code for a field account and when it ends. Earlier unused ones of the account end
        now.

        Whether ``issued_by`` may is ``authority``'s matter. Raises ``account_unknown``, ``code_not_allowed``.
        """
        known = self._directory.account(account)
        if known is None:
            raise Problem("account_unknown")
        if known.role not in FIELD_ROLES or not known.active:
            raise Problem("code_not_allowed", "codes are for active accounts of field roles")
        now = self._clock.now()
        for doc in self._directory.documents("code"):
            if doc["account"] == account and not doc.get("used_at"):
                await self._directory.remove(doc["_id"])
        expires = now + (life or self._code_life)
        while True:
            code = codes.new_code()
            doc = {
                "_id": await codes.code_id(code),
                "account": account,
                "issued_by": issued_by,
                "issued_at": say_instant(now),
                "expires_at": say_instant(expires),
            }
            try:
                await self._directory.create(doc)
            except Conflict:
                continue
            return code, expires

    async def enrol(self, code: object, installation: object, public_key: object, app: object) -> Enrolled:
        """Enrol with a code. Raises the ``enrol_code_*`` problems, ``key_invalid``, ``installation_*``."""
        digits = codes.tidy(code)
        if digits is None:
            raise Problem("enrol_code_unknown", "a code is eight digits")
        if not is_installation(installation):
            raise Problem("installation_invalid")
        key = canonical_jwk(public_key)
        code_doc_id = await codes.code_id(digits)
        doc = await self._directory.find(code_doc_id)
        if doc is None:
            raise Problem("enrol_code_unknown")
        account = self._directory.account(doc["account"])
        if account is None or not account.active:
            raise Problem("account_inactive")
        device = device_id(account.id, str(installation))
        if doc.get("used_at"):
            known = self._directory.device(device)
            if doc.get("device") != device or known is None or known.public_key != key or known.revoked_at:
                raise Problem("enrol_code_used")
        elif self._clock.now() >= parse_instant(doc["expires_at"]):
            raise Problem("enrol_code_expired")
        now = say_instant(self._clock.now())

        def use(current: Json) -> Json | None:
            if current.get("used_at") and current.get("device") != device:
                raise Problem("enrol_code_used")
            return {**current, "used_at": current.get("used_at") or now, "device": device}

        # The code first: of two phones racing with one code, only the one that marked it goes on.
        try:
            await self._directory.update(code_doc_id, use)
        except NotFound:
            raise Problem("enrol_code_unknown") from None
        return await self._admit(account, str(installation), key, app)

    async def enrol_with_password(
        self, username: object, password: object, installation: object, public_key: object, app: object
    ) -> Enrolled:
        """Enrol an office device. Raises ``password_*``, ``key_invalid``, ``installation_*``."""
        if not is_installation(installation):
            raise Problem("installation_invalid")
        key = canonical_jwk(public_key)
        account = await self.check_password(username, password)
        return await self._admit(account, str(installation), key, app)

    async def check_password(self, username: object, password: object) -> Account:
        """The account behind a user and password. Raises ``password_wrong`` or ``password_locked``."""
        if not isinstance(username, str) or not isinstance(password, str):
            raise Problem("bad_request", "username and password must be texts")
        name = username.strip().lower()[:64]
        await self._lockouts.check(name)
        account = self._directory.account(name)
        usable = account is not None and account.role in PASSWORD_ROLES and account.active
        stored = account.doc["password"] if account and usable and account.has_password else None
        if not await password_matches(stored, password) or account is None:
            await self._lockouts.failed(name)
            raise Problem("password_wrong")
        await self._lockouts.clear(name)
        return account

    async def _admit(self, account: Account, installation: str, key: Json, app: object) -> Enrolled:
        device = device_id(account.id, installation)
        doc: Json = {
            "_id": f"device:{device}",
            "account": account.id,
            "installation": installation,
            "public_key": key,
            "enrolled_at": say_instant(self._clock.now()),
            "app": app if isinstance(app, str) and len(app) <= 32 else None,
            "orders": [],
        }
        try:
            await self._directory.create(doc)
        except Conflict:
            await self._directory.refresh()
            known = self._directory.device(device)
            if known is None or known.public_key != key or known.revoked_at:
                raise Problem("installation_taken") from None
        token, expires, _ = await self._sessions.open(account.id, device, "device", self._life)
        return Enrolled(account, device, token, expires)

    # -- renewal -------------------------------------------------------------------------------------

    def challenge(self, device: object) -> tuple[str, datetime]:
        """A challenge for a device, known or not: whether it exists is not told before its signature."""
        if not isinstance(device, str) or len(device) > 128:
            raise Problem("bad_request", "device must be a text")
        now = self._clock.now()
        text, expiry = self._challenges.make(device, now.timestamp())
        return text, datetime.fromtimestamp(expiry, now.tzinfo)

    async def renew(
        self, device: object, challenge: object, sig: object, *, hand_over: bool = False
    ) -> tuple[str, datetime, Session]:
        """A new session for a device that signs. Raises ``challenge_invalid``, ``device_unknown``,
        ``signature_wrong``.

        A revoked device gets a limited one, so that it can hand over; so does one that asks for no more,
        because its person has signed out.
        """
        if not isinstance(device, str) or not isinstance(challenge, str):
            raise Problem("bad_request", "device and challenge must be texts")
        self._challenges.spend(device, challenge, self._clock.now().timestamp())
        doc = await self._directory.find(f"device:{device}")
        if doc is None:
            raise Problem("device_unknown")
        known = Device.from_doc(doc)
        if not verifies(known.public_key, challenge.encode(), sig):
            raise Problem("signature_wrong")
        return await self._sessions.open(
            known.account, known.id, "device", self._life, limited=hand_over
        )

    # -- revocation ----------------------------------------------------------------------------------

    async def revoke(self, device: str, by: str, *, wipe: bool = True) -> None:
        """Revoke a device: from now its sessions are limited and it is told to hand over and wipe.

        Raises ``device_unknown``. Repeating changes nothing.
        """
        now = say_instant(self._clock.now())

        def change(doc: Json) -> Json | None:
            if doc.get("revoked_at"):
                return None
            orders = [order for order in doc.get("orders") or [] if order != "hand_over_and_wipe"]
            if wipe:
                orders.append("hand_over_and_wipe")
            return {**doc, "revoked_at": now, "revoked_by": by, "orders": orders}

        try:
            await self._directory.update(f"device:{device}", change)
        except NotFound:
            raise Problem("device_unknown") from None
