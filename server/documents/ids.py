"""Ids of documents: their forms, and what they say.

Law: nobody else spells a uuid's pattern or takes an id apart. Pure.
"""

from __future__ import annotations

import re

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
#: Any uuid in lower case (RFC 9562 §4), of whatever version.
UUID = re.compile(rf"{_UUID}\Z")
#: An event's id: its subject's uuid7 and its own.
EVENT_ID = re.compile(rf"event:({_UUID7}):({_UUID7})\Z")
#: A photo's name: the SHA-256 of its bytes.
SHA256 = re.compile(r"[0-9a-f]{64}\Z")


def is_uuid(text: str) -> bool:
    return UUID.match(text) is not None


def subject_of(event_id: str) -> str:
    """The report, incident or proposal an event is about. The caller knows the id is well formed."""
    return event_id.split(":")[1]
