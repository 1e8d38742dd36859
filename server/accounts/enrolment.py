"""Enrolment of a device: by one-time code in the field, by password in the office; renewal and revocation.

Law ENROL-1: a device enrols once with one key, and proves that it holds it by signing a fresh challenge: a
code, an installation and a public key alone open nothing. A used code is dead; only the very phone that used
it may, by that proof and while the code would still be good, repeat its enrolment (a lost reply). The same
installation with another key is refused. Revoking ends nothing the device still holds: its sessions become
limited and it is ordered to hand over and wipe.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.accounts import codes
from server.accounts.challenges import Challenges
from server.accounts.directory import Directory
from server.accounts.documents import AccountDoc, CodeDoc, DeviceDoc, Jwk
from server.accounts.gate import MAY_ENROL
from server.accounts.keys import canonical_jwk, verifies
from server.accounts.lockouts import Lockouts
from server.accounts.model import FIELD_ROLES, PASSWORD_ROLES, Account, Device, device_id, is_installation
from server.accounts.passwords import check_strength, hash_password, password_matches
from server.accounts.sessions import Session, Sessions
from server.clock import Clock
from server.instants import parse as parse_instant
from server.instants import say as say_instant
from server.problems import Problem
from server.settings import Settings
from sync.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class Proof:
    """What comes with an enrolment, unchecked: ``sig`` is the new key's over the challenge's ASCII bytes."""

    installation: object
    public_key: object
    challenge: object
    sig: object


@dataclass(frozen=True, slots=True)
class Enrolled:
    """``repeated``: the device was enrolled before; whoever answers puts it on record."""

    account: Account
    device: str
    token: str
    expires_at: datetime
    repeated: bool


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
        if known.role not in FIELD_ROLES or await self._sessions.standing(known) not in MAY_ENROL:
            raise Problem("code_not_allowed", "codes are for field roles in office, or before their term")
        now = self._clock.now()
        for doc in self._directory.documents("code"):
            if doc["account"] == account and not doc.get("used_at"):
                await self._directory.remove(doc["_id"])
        expires = now + (life or self._code_life)
        while True:
            code = codes.new_code()
            issued: CodeDoc = {
                "_id": await codes.code_id(code),
                "account": account,
                "issued_by": issued_by,
                "issued_at": say_instant(now),
                "expires_at": say_instant(expires),
            }
            try:
                await self._directory.create(issued)
            except Conflict:
                continue
            return code, expires

    async def enrol(self, code: object, proof: Proof, app: object) -> Enrolled:
        """Enrol with a code.

        Raises the ``enrol_code_*`` problems, and those of ``_proven``.
        """
        digits = codes.tidy(code)
        if digits is None:
            raise Problem("enrol_code_unknown", "a code is eight digits")
        installation, key = self._proven(proof)
        code_doc_id = await codes.code_id(digits)
        doc: CodeDoc | None = await self._directory.find(code_doc_id)
        if doc is None:
            raise Problem("enrol_code_unknown")
        account = self._directory.account(doc["account"])
        if account is None or await self._sessions.standing(account) not in MAY_ENROL:
            raise Problem("account_inactive")
        device = device_id(account.id, installation)
        late = self._clock.now() >= parse_instant(doc["expires_at"])
        if doc.get("used_at") and (late or not self._used_by(doc, device, key)):
            raise Problem("enrol_code_used")
        if late:
            raise Problem("enrol_code_expired")
        now = say_instant(self._clock.now())

        def use(current: CodeDoc) -> CodeDoc | None:
            if current.get("used_at"):
                if not self._used_by(current, device, key):
                    raise Problem("enrol_code_used")
                return None
            return {**current, "used_at": now, "device": device, "key": key}

        # The code first: of two phones racing with one code, only the one that marked it goes on.
        try:
            await self._directory.update(code_doc_id, use)
        except NotFound:
            raise Problem("enrol_code_unknown") from None
        return await self._admit(account, installation, key, app)

    def _used_by(self, code: CodeDoc, device: str, key: Jwk) -> bool:
        """Whether it was this device, with this key, that used a code."""
        if code.get("device") != device:
            return False
        known = self._directory.device(device)
        # A device that is not there yet: its process ended between the code and the device.
        stored = code.get("key") if known is None else known.public_key
        return stored == key and (known is None or known.revoked_at is None)

    def _proven(self, proof: Proof) -> tuple[str, Jwk]:
        """Installation and key of whoever holds that key now.

        Raises ``installation_invalid``, ``key_invalid``, ``challenge_invalid``, ``signature_wrong``.
        """
        if not is_installation(proof.installation):
            raise Problem("installation_invalid")
        key = canonical_jwk(proof.public_key)
        installation, now = str(proof.installation), self._clock.now().timestamp()
        self._challenges.spend(_new(installation), proof.challenge, now)
        if not verifies(key, str(proof.challenge).encode(), proof.sig):
            raise Problem("signature_wrong")
        return installation, key

    async def enrol_with_password(
        self, username: object, password: object, proof: Proof, app: object, *, network: str = ""
    ) -> Enrolled:
        """Enrol an office device; ``network``: whence (``network_of``).

        Raises ``password_*``, and those of ``_proven``.
        """
        installation, key = self._proven(proof)
        account = await self.check_password(username, password, network=network)
        return await self._admit(account, installation, key, app)

    async def check_password(
        self, username: object, password: object, *, network: str = "", browser: str | None = None
    ) -> Account:
        """The account behind a user and password. Raises ``password_wrong`` or ``password_locked``.

        ``network``: whence; ``browser``: the id of a browser that has entered as this user before.
        """
        if not isinstance(username, str) or not isinstance(password, str):
            raise Problem("bad_request", "username and password must be texts")
        name = username.strip().lower()[:64]
        await self._lockouts.reserve(name, network, browser)
        account = self._directory.account(name)
        standing = await self._sessions.standing(account)
        usable = account is not None and account.role in PASSWORD_ROLES and standing == "in_office"
        stored = (
            account.doc["password"] if account and account.doc and usable and account.has_password else None
        )
        if not await password_matches(stored, password) or account is None:
            raise Problem("password_wrong")
        await self._lockouts.clear(name, network, browser)
        return account

    async def _admit(self, account: Account, installation: str, key: Jwk, app: object) -> Enrolled:
        device = device_id(account.id, installation)
        doc: DeviceDoc = {
            "_id": f"device:{device}",
            "account": account.id,
            "installation": installation,
            "public_key": key,
            "enrolled_at": say_instant(self._clock.now()),
            "app": app if isinstance(app, str) and len(app) <= 32 else None,
            "orders": [],
            "password_turn": account.password_turn,
        }
        repeated = False
        try:
            await self._directory.create(doc)
        except Conflict:
            await self._directory.refresh()
            known = self._directory.device(device)
            if known is None or known.public_key != key or known.revoked_at:
                raise Problem("installation_taken") from None
            repeated = True
        token, expires, _ = await self._sessions.open(account.id, device, "device", self._life)
        return Enrolled(account, device, token, expires, repeated)

    def enrolment_challenge(self, installation: object) -> tuple[str, datetime]:
        """A challenge for a new key of an installation. Raises ``installation_invalid``."""
        if not is_installation(installation):
            raise Problem("installation_invalid")
        return self.challenge(_new(str(installation)))

    # -- passwords -----------------------------------------------------------------------------------

    async def set_password(self, account: Account, chosen: str) -> None:
        """A new password. What entered with the old one ends: page sessions at once, known browsers, and
        phones, which still deliver what they hold.

        Raises ``password_not_for_role``, ``password_weak``, ``account_unknown``.
        """
        if account.role not in PASSWORD_ROLES:
            raise Problem("password_not_for_role")
        check_strength(chosen, account.id, account.name)
        stored = await hash_password(chosen)

        def change(doc: AccountDoc) -> AccountDoc:
            # Counted, not dated: whoever entered with the old password while this was written is out too.
            return {**doc, "password": stored, "password_turn": Account.from_doc(doc).password_turn + 1}

        try:
            await self._directory.update(f"account:{account.id}", change)
        except NotFound:
            raise Problem("account_unknown") from None
        await self._sessions.end_all(account.id, "page")

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
        doc: DeviceDoc | None = await self._directory.find(f"device:{device}")
        if doc is None:
            raise Problem("device_unknown")
        known = Device.from_doc(doc)
        if not verifies(known.public_key, challenge.encode(), sig):
            raise Problem("signature_wrong")
        return await self._sessions.open(known.account, known.id, "device", self._life, limited=hand_over)

    # -- revocation ----------------------------------------------------------------------------------

    async def revoke(self, device: str, by: str, *, wipe: bool = True) -> None:
        """Revoke a device: from now its sessions are limited and it is told to hand over and wipe.

        Raises ``device_unknown``. Repeating changes nothing.
        """
        now = say_instant(self._clock.now())

        def change(doc: DeviceDoc) -> DeviceDoc | None:
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


def _new(installation: str) -> str:
    """What a challenge for an enrolment is made out to: no device has such an id."""
    return f"new {installation}"
