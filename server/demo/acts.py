"""What the people of the demonstration do, as signed events of their devices.

Law: acts are planned in any order and sealed in the order their device did them: numbered without gaps,
chained and signed exactly as a phone does, so that intake judges them as it judges any other. The same seed
gives the same bytes: keys come from it, and signatures are deterministic (RFC 6979).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from server.accounts.documents import Jwk
from server.accounts.keys import encode
from server.cases.canonical import canonical
from server.clock import uuid7
from server.documents.shapes import Event, Kind, Payload, Photo, Position, Receipt
from server.instants import say

#: Order of the group of P-256 (SEC 2, §2.4.2): private keys are below it.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

#: How long a phone that finds signal takes until everything it held is in.
_DRAIN = timedelta(minutes=6)


def _nowhere() -> Position:
    return {"source": "none"}


@dataclass(slots=True)
class Act:
    """One thing done. ``at``: the device's time, ``received``: the server's, ``subject``: a uuid."""

    id: str
    kind: Kind
    subject: str
    account: str
    at: datetime
    received: datetime
    payload: Payload
    position: Position = field(default_factory=_nowhere)
    photos: list[Photo] = field(default_factory=list)
    based_on: list[str] = field(default_factory=list)


class DemoDevice:
    """One person's phone: its key, its numbering, its chain."""

    def __init__(self, account: str, role: str, enrolled: datetime, rng: Random) -> None:
        self.account, self.role, self.enrolled = account, role, enrolled
        self.installation = uuid7(enrolled, rng.getrandbits(74))
        self._key = ec.derive_private_key(rng.randrange(1, _ORDER), ec.SECP256R1())
        self._seq = 0
        self._prev: str | None = None
        # Afternoons without signal: what is done then reaches the municipality when they end.
        days = rng.sample(range(75), 9)
        self._dark = [enrolled + timedelta(days=day, hours=rng.uniform(18, 22)) for day in days]
        self._dark_for = timedelta(hours=rng.uniform(1, 5))
        self._lag = rng.uniform(0.4, 6.0)

    @property
    def id(self) -> str:
        return f"{self.account}~{self.installation}"

    @property
    def public_key(self) -> Jwk:
        numbers = self._key.public_key().public_numbers()
        x, y = (encode(n.to_bytes(32, "big")) for n in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def reception(self, at: datetime) -> datetime:
        """When something done ``at`` reaches the server: in order, and never before it was done."""
        for start in self._dark:
            light = start + self._dark_for
            if start <= at < light + _DRAIN:
                # A minute per hour in the dark keeps the order of what was done in it and just after.
                return light + _DRAIN + (at - start) / 60
        return at + timedelta(seconds=self._lag)

    def seal(self, act: Act, notice: str) -> Event:
        """The signed event (docs/documents.md, Event) of the device's next act."""
        role: Any = self.role  # Whether it may act is intake's to judge.
        event: Event = {
            "_id": act.id,
            "schema": "event.v1",
            "kind": act.kind,
            "actor": self.account,
            "role": role,
            "device": self.id,
            "device_seq": self._seq + 1,
            "prev": self._prev,
            "based_on": act.based_on[-64:],
            "occurred_at": say(act.at),
            "position": act.position,
            "payload": act.payload,
            "photos": act.photos,
            "app": "0.1.0",
            "privacy_notice": notice,
        }
        signed = self._key.sign(canonical(event), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(signed)
        event["sig"] = encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        self._seq += 1
        self._prev = hashlib.sha256(canonical(event)).hexdigest()
        return event


def receipts(acts: Iterable[Act], devices: dict[str, DemoDevice], notice: str, rng: Random) -> list[Receipt]:
    """The inbox documents of all acts, in the order in which the server received them."""
    sealed = []
    for act in sorted(acts, key=lambda act: (act.at, act.id)):
        device = devices[act.account]
        sealed.append((act.received, act.id, device, device.seal(act, notice)))
    made: list[Receipt] = []
    for received, _, device, event in sorted(sealed, key=lambda row: (row[0], row[1])):
        made.append(
            {
                "_id": uuid7(received, rng.getrandbits(74)),
                "schema": "receipt.v1",
                "received_at": say(received),
                "session": {"account": device.account, "device": device.id},
                "event": event,
            }
        )
    return made
