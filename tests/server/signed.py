"""Whether an event is signed by a key, asked as intake asks it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from server.cases.canonical import seal
from server.cases.signature import PublicKey, verify_bytes


def verify_event(key: PublicKey, event: Mapping[str, Any]) -> bool:
    """What ``judge.authenticate`` finds of the event's seal and signature; False for what has no form."""
    try:
        message = seal(event).message
    except TypeError:  # A lone surrogate: no JSON reader lets it in.
        return False
    return message is not None and verify_bytes(key, event.get("sig"), message)


def as_written(event: Mapping[str, Any]) -> str:
    """Hex SHA-256 of an event as it was written, members sorted: how earlier versions named its content."""
    return hashlib.sha256(orjson.dumps(event, option=orjson.OPT_SORT_KEYS)).hexdigest()
