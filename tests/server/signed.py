"""Whether an event is signed by a key, asked as intake asks it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.cases.canonical import seal
from server.cases.signature import PublicKey, verify_bytes


def verify_event(key: PublicKey, event: Mapping[str, Any]) -> bool:
    """What ``judge.authenticate`` finds of the event's seal and signature; False for what has no form."""
    try:
        message = seal(event).message
    except TypeError:  # A lone surrogate: no JSON reader lets it in.
        return False
    return message is not None and verify_bytes(key, event.get("sig"), message)
