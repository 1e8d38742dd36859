"""What can be said of a receipt without judging it: whether it names an event, which, and what it says.

Law: anything may stand where an event belongs; these answer all the same. Pure.
"""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from server.intake.judge import EVENT_ID

Json = dict[str, Any]


def digest_of(event: Json) -> str:
    """Names an event's content: equal for equal JSON."""
    return hashlib.sha256(orjson.dumps(event, option=orjson.OPT_SORT_KEYS)).hexdigest()


def key_of(receipt: Json) -> str:
    """The uuid by which a receipt's failures are counted: its event's, where it has one."""
    return str(receipt["event"]["_id"] if has_id(receipt) else receipt["_id"])[-36:]


def has_id(receipt: Json) -> bool:
    """Whether its event has a well formed id: without one there is nothing to judge or to list."""
    event = receipt.get("event")
    return isinstance(event, dict) and EVENT_ID.match(str(event.get("_id"))) is not None
