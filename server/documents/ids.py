"""Ids of documents: their forms, how they are made, and what they say.

Law: nobody else spells a uuid's pattern or takes an id apart. Whoever calls knows that an id is well formed,
but where a function says otherwise. Pure.
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

#: Where the records of one report begin, and those of all.
RECORDS = "record:"


def is_uuid(text: str) -> bool:
    return UUID.match(text) is not None


def event_parts(event_id: str) -> tuple[str, str]:
    """The uuids of an event: its subject's and its own."""
    _, subject, own = event_id.split(":")
    return subject, own


def subject_of(event_id: str) -> str:
    """The report, incident or proposal an event is about; a record's id (``record:…``) says it in the same
    place.
    """
    return event_id.split(":")[1]


def subject_if_event(text: object) -> str | None:
    """The subject of what may be an event's id; None for anything else that was written in its place."""
    parts = str(text).split(":")
    return parts[1] if len(parts) == 3 and is_uuid(parts[1]) else None


def record_of(event_id: str) -> str:
    """The id of an event's record."""
    return RECORDS + event_id.removeprefix("event:")


def records_of(subject: str) -> str:
    """What the ids of a subject's records begin with."""
    return f"{RECORDS}{subject}:"


def report_id(report: str) -> str:
    """The id of a report's document, of its uuid."""
    return f"report:{report}"


def uuid_of(report_id: str) -> str:
    """The uuid of a report's document."""
    return report_id.removeprefix("report:")


def citizen_uuid(citizen_id: str) -> str:
    """The uuid of a citizen's document; behind it stands the hash that covers the content."""
    return citizen_id.split(":")[1]


def event_id(subject: str, own: str) -> str:
    """The id of an event, of its subject's uuid and its own."""
    return f"event:{subject}:{own}"


def incident_id(incident: str) -> str:
    return f"incident:{incident}"


def chain_id(device: str) -> str:
    """The id of what ``cases`` knows of a device (``<account>~<installation>``)."""
    return f"chain:{device}"


def device_of(chain_id: str) -> str:
    """The device of a chain, or of one of its pages."""
    return chain_id.split(":")[1]


def blob_id(sha256: str) -> str:
    """The id of a photo's document."""
    return f"blob:{sha256}"


def kind_of(doc_id: str) -> str:
    """What stands before the first colon."""
    return doc_id.partition(":")[0]


def key_of(doc_id: str) -> str:
    """What stands behind the kind: an account, a device, a block, a hash …"""
    return doc_id.partition(":")[2]
