"""What is left of an event when the law had something removed from it, and how it is known again.

Law: of a redacted event there remain its id, kind, author, numbering and what was not asked for, and the
SHA-256 of what it was, so that the phone that still holds it is met as before and brings nothing back.
Its signature stays and no longer verifies; that it did is what the record's admission says. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from server.cases.canonical import content_digest, seal
from server.cases.facts import redacted
from server.cases.whereabouts import EXACT, is_faded
from server.documents.redacted import Redacted
from server.documents.shapes import Event
from server.intake.judging.receipt import Raw


def mask(event: Raw, members: Collection[str]) -> Event:
    """The event without these members; whatever stands where a payload belongs is taken out whole."""
    if not isinstance(event.get("payload"), dict):
        event = {**event, "payload": {}}
    whole: Any = event  # Its form was judged when it came, or it is held for what it is.
    return redacted(whole, set(members))


def redaction(event: Raw, members: Iterable[str], at: str, known: Redacted | None, *, held: bool) -> Redacted:
    """The ``redacted:`` document of an event as it is stored now; ``known``: the one there is, completed.

    ``held``: it has no record. Then the receipt, once written again, comes by as any other, and by ``masked``
    it is known for what is left.
    """
    gone = sorted({*members, *(known["members"] if known else ())})
    name = event["_id"]
    doc: Redacted = {
        "_id": f"redacted:{name[-36:]}",
        "schema": "redacted.v1",
        "event": name,
        "members": gone,
        "at": at,
        "digest": known["digest"] if known else content_digest(event),
    }
    if held:
        doc["masked"] = content_digest(mask(event, gone))
    if known is not None:
        doc["_rev"], doc["at"] = known["_rev"], known["at"]
    return doc


def met_again(event: Raw, kept: Raw, gone: Redacted | None) -> tuple[bool, list[str]]:
    """Whether an event that comes is the one a record keeps, and what must leave its receipt again.

    ``gone`` is what ``load`` knows of it. Of a record whose exact position went by age, everything but that
    position must be the same; the chain's next event still names the hash of the whole.
    """
    names, left = seal(event).names, content_digest(kept)
    if left in names:
        return True, []
    members = list(gone["members"] if gone else ())
    if is_faded(kept):
        members.append(EXACT)
        names |= seal(mask(event, [EXACT])).names
    return left in names or (gone is not None and gone["digest"] in names), members
