"""Accounts, devices and roles as values read from their documents.

Law: a device's id is its account and its installation, joined by ``~``; a role outside this table does not
exist. Pure: no store, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from server.accounts.documents import AccountDoc, DeviceDoc, Jwk, LastSeen
from server.cases.authorization import table
from server.documents.ids import is_uuid, key_of
from server.documents.shapes import AccountRole
from server.documents.words import texts

#: Roles that work in the street: they enrol by code and never have a password.
FIELD_ROLES = frozenset({"block_leader", "sector_leader", "brigade", "civil_protection"})
#: Roles that enter pages with a password.
PASSWORD_ROLES = frozenset({"desk", "agency", "auditor", "admin"})
#: Doors that no person sits behind (web, WhatsApp): they have no session and act by the server's pen alone.
CHANNEL = "channel"
ROLES = FIELD_ROLES | PASSWORD_ROLES | {CHANNEL}
#: Roles that may have the right ``supervisor``.
SUPERVISED = frozenset(table()["rights"]["supervisor"])
#: Roles that work on a device and sign events; each of their accounts has a mailbox, if only to be
#: acknowledged in.
MAILBOX_ROLES = FIELD_ROLES | {"desk", "agency"}

#: Role names as people read them (es-MX).
ROLE_NAMES = texts("role")

_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")


def role_of(text: str) -> AccountRole | None:
    """The role of that name; None where there is none."""
    found: AccountRole | None = next((role for role in get_args(AccountRole) if role == text), None)
    return found


def is_slug(text: object) -> bool:
    """Whether ``text`` may be the id of a person, agency or type."""
    return isinstance(text, str) and _SLUG.match(text) is not None


def is_installation(text: object) -> bool:
    return isinstance(text, str) and is_uuid(text)


def device_id(account: str, installation: str) -> str:
    return f"{account}~{installation}"


@dataclass(frozen=True, slots=True)
class Account:
    """A person's or brigade's account. ``term_from`` and ``term_until`` are dates (inclusive) or None."""

    id: str
    name: str
    role: AccountRole
    blocks: tuple[str, ...] = ()
    sector: str | None = None
    agency: str | None = None
    department: str | None = None
    brigade: str | None = None
    active: bool = True
    term_from: str | None = None
    term_until: str | None = None
    generation: int = 1
    phone: str | None = None
    has_password: bool = False
    #: How often its password was changed: what entered with an earlier one has a lower number.
    password_turn: int = 0
    #: The right to act on many reports at once and to share views (``schemas/authorization.v1.json``).
    supervisor: bool = False
    #: The delegación whose desk it is; its lists begin there, and read no less than any desk's.
    delegation: str | None = None
    doc: AccountDoc | None = field(default=None, repr=False, compare=False)

    @classmethod
    def from_doc(cls, doc: AccountDoc) -> Account:
        term = doc.get("term")
        return cls(
            id=key_of(doc["_id"]),
            name=doc["name"],
            role=doc["role"],
            blocks=tuple(doc.get("blocks") or ()),
            sector=doc.get("sector"),
            agency=doc.get("agency"),
            department=doc.get("department"),
            brigade=doc.get("brigade"),
            active=doc.get("active", True),
            term_from=term.get("from") if term else None,
            term_until=term.get("until") if term else None,
            generation=int(doc.get("generation", 1)),
            phone=doc.get("phone"),
            has_password=bool(doc.get("password")),
            password_turn=int(doc.get("password_turn", 0)),
            supervisor=doc.get("supervisor") is True and doc["role"] in SUPERVISED,
            delegation=doc.get("delegation"),
            doc=doc,
        )

    def in_office(self, today: str) -> bool:
        """Active and within its term; ``today`` is the municipality's date, ``YYYY-MM-DD``."""
        if not self.active:
            return False
        if self.term_from is not None and today < self.term_from:
            return False
        return self.term_until is None or today <= self.term_until


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled installation of an account, with the public key its events are judged by."""

    id: str
    account: str
    installation: str
    public_key: Jwk
    enrolled_at: str
    revoked_at: str | None = None
    orders: tuple[str, ...] = ()
    skew_ms: int | None = None
    last: LastSeen = field(default_factory=LastSeen)
    #: The account's when it enrolled.
    password_turn: int = 0
    doc: DeviceDoc | None = field(default=None, repr=False, compare=False)

    @classmethod
    def from_doc(cls, doc: DeviceDoc) -> Device:
        return cls(
            id=key_of(doc["_id"]),
            account=doc["account"],
            installation=doc["installation"],
            public_key=doc["public_key"],
            enrolled_at=doc["enrolled_at"],
            revoked_at=doc.get("revoked_at"),
            orders=tuple(doc.get("orders") or ()),
            skew_ms=doc.get("skew_ms"),
            last=doc.get("last") or {},
            password_turn=int(doc.get("password_turn", 0)),
            doc=doc,
        )


def check_account(doc: Mapping[str, Any]) -> str | None:
    """Why an account document cannot be stored, or None. Scope must fit the role (docs/documents.md)."""
    account = str(doc.get("_id", "")).removeprefix("account:")
    if not is_slug(account) or "~" in account:
        return "the account id must be a lower-case slug"
    role = doc.get("role")
    if role not in ROLES:
        return "unknown role"
    name = doc.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > 200:
        return "a name of at most 200 characters is needed"
    blocks = doc.get("blocks") or []
    if not isinstance(blocks, list) or not all(isinstance(block, str) for block in blocks):
        return "blocks must be a list of block ids"
    needed = {"sector_leader": "sector", "brigade": "brigade", "agency": "agency"}.get(role)
    if needed and not doc.get(needed):
        return f"a {role} needs its {needed}"
    if doc.get("supervisor") and role not in SUPERVISED:
        return "supervisor is a right of a desk or agency account"
    if doc.get("delegation") and role != "desk":
        return "a delegación's desk is an account of the desk"
    if role not in PASSWORD_ROLES and doc.get("password"):
        return "field roles and channels have no password"
    return None
