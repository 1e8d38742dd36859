"""Where it is kept what became of an event that was not admitted, and whose that is.

Law HELD-1: a refusal or a held event belongs to its event's id and device, and where nobody has found who
signed it, to those very bytes too: whatever else comes under the same uuid is kept beside it and neither
replaces nor lifts it. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from server.cases.canonical import Seal
from server.documents.trouble import Trouble
from server.intake.judging.outcome import UNSIGNED, text_of
from server.intake.judging.receipt import Raw

KINDS = ("refusal", "quarantine")


def uuid_of(event: Raw) -> str:
    return str(event["_id"]).rpartition(":")[2]


def beside(event: Raw, sealed: Seal, *, unsigned: bool) -> str:
    """What a document is named by, after its kind, where another event has the uuid's own name."""
    words = [event["_id"], text_of(event.get("device")) or "", sealed.whole if unsigned else ""]
    return f"{uuid_of(event)}:{hashlib.sha256(chr(10).join(words).encode()).hexdigest()[:16]}"


def places(event: Raw, sealed: Seal, *, shared: bool = True) -> Iterator[str]:
    """Every id under which a document of this event may stand. ``shared``: whether another event's has stood
    under its uuid; else nothing stands beside.
    """
    for kind in KINDS:
        yield f"{kind}:{uuid_of(event)}"
        if shared:
            for unsigned in (False, True):
                yield f"{kind}:{beside(event, sealed, unsigned=unsigned)}"


def is_of(doc: Trouble | None, event: Raw) -> bool:
    """Whether a document is there and of an event of this id and device."""
    if doc is None or doc.get("_deleted"):
        return False
    return bool(doc["event"] == event["_id"] and doc["device"] == text_of(event.get("device")))


def is_known_by(doc: Trouble | None, event: Raw, sealed: Seal) -> bool:
    """Whether this event, met now, may be what the document is about."""
    if doc is None or not is_of(doc, event):
        return False
    return doc["code"] not in UNSIGNED or doc["digest"] in sealed.names


def fits(doc: Trouble | None, event: Raw, sealed: Seal, *, unsigned: bool) -> bool:
    """Whether a document is this event's own, to be written anew; ``unsigned``: nobody knows who signed."""
    if doc is None or not is_known_by(doc, event, sealed):
        return False
    return (doc["code"] in UNSIGNED) == unsigned
