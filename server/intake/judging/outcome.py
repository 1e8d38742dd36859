"""What became of an event that was not admitted.

Law: a refusal is final and says why; what is quarantined waits for the desk. Neither loses anything:
the receipt stays in the inbox as it came, and ``retry`` judges it anew.
"""

from __future__ import annotations

from typing import Any

from server.documents import shapes
from server.documents.trouble import Trouble
from server.intake.judging.receipt import Raw
from server.problems import CATALOGUE

#: Refusals that an event its author had seen may yet turn into an admission: whether somebody may act on a
#: report rests on what became of it before.
EXPLICABLE = frozenset({"event_not_allowed", "event_actor"})

#: Codes of events that were held before their number was taken: nobody knew yet whose they were.
UNNUMBERED = frozenset({"event_signature", "event_device_unknown", "event_device_revoked", "event_failed"})

#: Codes of events of which nobody has found who signed them.
UNSIGNED = frozenset({"event_signature", "event_device_unknown", "event_failed", "event_content"})


class Refused(Exception):
    """The event is not admitted. ``code`` is of the catalogue; ``reason`` is for the developer.

    ``waits_for``: at whose coming the event is judged again: a report or incident (its uuid), a device, or
    events (their ids).
    """

    def __init__(
        self, code: str, reason: str | None = None, *, waits_for: str | list[str] | None = None
    ) -> None:
        entry = CATALOGUE[code]
        super().__init__(f"{code}: {reason or entry.reason}")
        self.code = code
        self.message = entry.message
        self.reason = reason or entry.reason
        self.waits_for = waits_for


class Quarantined(Refused):
    """The event waits for a person to look at it."""


def document(trouble: Refused, event: Raw, receipt: Raw, digest: str, now: str) -> Trouble:
    """``refusal:<event uuid>`` or ``quarantine:<event uuid>`` for ``cases`` and the desk."""
    kind = "quarantine" if isinstance(trouble, Quarantined) else "refusal"
    doc: Trouble = {
        "_id": f"{kind}:{event['_id'].rpartition(':')[2]}",
        "schema": f"{kind}.v1",
        "event": event["_id"],
        "kind": text_of(event.get("kind")),
        "code": trouble.code,
        "message": trouble.message,
        "reason": text_of(trouble.reason, 500),
        "at": now,
        "actor": text_of(event.get("actor")),
        "device": text_of(event.get("device")),
        "receipt": receipt["_id"],
        "digest": digest,
    }
    if trouble.waits_for:
        doc["waits_for"] = trouble.waits_for
    return doc


def request_document(trouble: Quarantined, request: Raw, now: str) -> Trouble:
    """``quarantine:<uuid>`` of an office's request that could not be done, listed like an event's."""
    asked = request.get("wanted")
    return {
        "_id": f"quarantine:{request['_id']}",
        "schema": "quarantine.v1",
        "event": f"request:{request['_id']}",
        "kind": text_of(asked.get("do")) if isinstance(asked, dict) else None,
        "code": trouble.code,
        "message": trouble.message,
        "reason": text_of(trouble.reason, 500),
        "at": now,
        "actor": text_of(request.get("by")),
        "device": None,
        "receipt": request["_id"],
        "digest": "",
    }


def listed(doc: Trouble) -> shapes.Refused:
    """The entry of an acknowledgement."""
    names = ("event", "code", "message", "reason", "at")
    told: Any = {name: value for name, value in doc.items() if name in names}
    entry: shapes.Refused = told
    return entry


def text_of(value: Any, most: int = 200) -> str | None:
    """A hostile event may hold anything where a name belongs: what cannot be shown is replaced."""
    if not isinstance(value, str):
        return None
    head = value[:most]
    if head.isprintable():
        return head
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in head)
