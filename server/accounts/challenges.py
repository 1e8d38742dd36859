"""Challenges a device signs to renew its session, without a store.

Law: a challenge is good for one device, once, for two minutes. It carries its own proof: 4 bytes of expiry
(seconds of the epoch), 12 random bytes, and 16 bytes of HMAC-SHA-256 over the device, the expiry and the
random bytes under a secret that all processes of an installation share. Asking for one writes nothing, so
asking for many fills nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from server.accounts.keys import decode, encode
from server.problems import Problem

#: Seconds a challenge lives: a slow phone on a bad network, not more.
LIFE = 120
#: Spent challenges remembered in this process at most; with none expired among them the oldest leave.
_REMEMBERED = 20_000


class Challenges:
    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._spent: dict[bytes, int] = {}

    def make(self, device: str, now: float) -> tuple[str, int]:
        """A challenge (base64url, 32 bytes) and its expiry in seconds of the epoch."""
        expiry = int(now) + LIFE
        head = expiry.to_bytes(4) + secrets.token_bytes(12)
        return encode(head + self._proof(device, head)), expiry

    def spend(self, device: str, challenge: object, now: float) -> None:
        """Use a challenge up. Raises ``challenge_invalid``."""
        try:
            raw = decode(challenge, 32)
        except ValueError as error:
            raise Problem("challenge_invalid", str(error)) from None
        head, proof = raw[:16], raw[16:]
        if not hmac.compare_digest(proof, self._proof(device, head)):
            raise Problem("challenge_invalid")
        expiry = int.from_bytes(head[:4])
        if now >= expiry:
            raise Problem("challenge_invalid", "the challenge expired")
        if raw in self._spent:
            raise Problem("challenge_invalid", "the challenge was used")
        if len(self._spent) >= _REMEMBERED:
            self._spent = {key: end for key, end in self._spent.items() if end > now}
            if len(self._spent) >= _REMEMBERED:
                self._spent.pop(next(iter(self._spent)))
        self._spent[raw] = expiry

    def _proof(self, device: str, head: bytes) -> bytes:
        return hmac.digest(self._secret, head + device.encode(), hashlib.sha256)[:16]
