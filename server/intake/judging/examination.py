"""What can be found out about an event from itself and its device's key alone: its bytes, and who signed.

Law: the same answer whoever asks, when and where; so it may be found beside the loop, of many events at once,
while memory is read. Verifying lets other threads run. Pure.
"""

from __future__ import annotations

from typing import NamedTuple

from server.cases.canonical import Seal, seal
from server.cases.signature import PublicKey, verify_bytes
from server.intake.judging.receipt import Raw


class Examined(NamedTuple):
    """``signed``: whether the signature is ``key``'s over the event's canonical form; False without a key."""

    seal: Seal
    key: PublicKey | None
    signed: bool


def examine(event: Raw, key: PublicKey | None) -> Examined:
    """``key``: of the device the event names, where it is enrolled. The event has an ``_id``."""
    sealed = seal(event)
    if key is None or sealed.message is None:
        return Examined(sealed, key, False)
    return Examined(sealed, key, verify_bytes(key, event.get("sig"), sealed.message))
