"""The shapes of the accounts' own documents: the server alone reads them, so no schema is published.

Law: what a phone may know of an account is in its mailbox's ``profile``; nothing of these leaves the server.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from server.documents import shapes


class Jwk(TypedDict):
    """A public key on P-256 (RFC 7518 §6.2.1): ``x`` and ``y`` are base64url without padding."""

    kty: str
    crv: str
    x: str
    y: str


class AccountDoc(shapes.Account):
    """``account:<id>``; ``password_turn`` counts its passwords."""

    password_turn: NotRequired[int]


class LastSeen(TypedDict, total=False):
    """What a device said of itself when it last checked in. ``oldest`` is in seconds, ``storage`` in
    bytes.
    """

    seq: int
    pending: int
    oldest: float | None
    oldest_age: float | None
    storage: shapes.CheckInStorage | None
    version: str | None
    at: str
    photos_pending: int | None


class DeviceDoc(TypedDict):
    """``device:<account>~<installation>``; ``skew_ms``: its clock minus the server's."""

    _id: str
    _rev: NotRequired[str]
    schema: NotRequired[str]
    account: str
    installation: str
    public_key: Jwk
    enrolled_at: str
    app: NotRequired[str | None]
    revoked_at: NotRequired[str]
    revoked_by: NotRequired[str]
    orders: NotRequired[list[str]]
    skew_ms: NotRequired[int | None]
    last: NotRequired[LastSeen]
    password_turn: NotRequired[int]
    #: Whether it is the installation by which pages act, and no phone.
    pen: NotRequired[bool]


class SessionDoc(TypedDict):
    """``session:<SHA-256 of the token>``."""

    _id: str
    _rev: NotRequired[str]
    account: str
    device: str | None
    kind: Literal["device", "page"]
    created_at: str
    expires_at: str
    limited: bool
    password_turn: NotRequired[int]


class CodeDoc(TypedDict):
    """``code:<scrypt of the code>``; ``device`` and ``key`` are those that used it."""

    _id: str
    _rev: NotRequired[str]
    account: str
    issued_by: str
    issued_at: str
    expires_at: str
    used_at: NotRequired[str]
    device: NotRequired[str]
    key: NotRequired[Jwk]


class AccessLine(TypedDict):
    """``access:<uuid7>``: who looked at what is restricted, or changed it."""

    _id: str
    _rev: NotRequired[str]
    account: str
    what: str
    subject: str
    at: str
