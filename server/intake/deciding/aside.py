"""Putting aside what is not admitted, and taking away what was put aside before.

Law: one event is listed once, as what it is now. Whose document it is, and what another one may not touch, is
said by ``judging/held.py``. Pure, but for the draft.
"""

from __future__ import annotations

from server.cases.canonical import Seal, seal
from server.documents.ids import key_of, kind_of
from server.documents.trouble import Trouble
from server.intake.deciding.draft import Draft
from server.intake.deciding.telling import tell
from server.intake.judging import held
from server.intake.judging.outcome import UNSIGNED, Quarantined, Refused, document
from server.intake.judging.receipt import Raw
from server.intake.memory.waiting import WAITING


def earlier(event: Raw, sealed: Seal, draft: Draft) -> Trouble | None:
    """What became of this event when it came before, where it was not admitted."""
    for name in held.places(event, sealed, shared=draft.is_shared(held.uuid_of(event))):
        doc = draft.stands(name)
        if held.is_known_by(doc, event, sealed):
            return doc
    return None


def lift(
    event: Raw, sealed: Seal, draft: Draft, *, unsigned: bool = False, own: Trouble | None = None
) -> None:
    """An admitted event is no longer refused or quarantined; ``unsigned``: it lifts but its own bytes.
    Where ``own`` stands for it now, whatever else did does no longer.
    """
    for name in held.places(event, sealed, shared=draft.is_shared(held.uuid_of(event))):
        doc = draft.stands(name)
        if doc is None or not held.is_of(doc, event) or doc["code"] == "event_content":
            continue
        if own is not None:
            alike = held.fits(doc, event, sealed, unsigned=own["code"] in UNSIGNED)
            if name == own["_id"] or not alike:
                continue
        if unsigned and not held.fits(doc, event, sealed, unsigned=True):
            continue
        draft.truth.pop(name, None)
        stored = draft.memory.known.get(name)
        if stored is not None:
            draft.truth[name] = {"_id": name, "_rev": stored["_rev"], "_deleted": True}
        draft.troubles.add(name)


def put(trouble: Refused, event: Raw, receipt: Raw, draft: Draft, sealed: Seal | None = None) -> None:
    """Refuse or hold an event."""
    memory, sealed = draft.memory, sealed or seal(event)
    # Whose signature it is was not found: what another signature turns it into is another matter.
    unsigned = trouble.code in UNSIGNED
    doc = document(trouble, event, receipt, sealed.whole if unsigned else sealed.digest, draft.now)
    kind, own = kind_of(doc["_id"]), key_of(doc["_id"])
    names = (doc["_id"], f"{kind}:{held.beside(event, sealed, unsigned=unsigned)}")
    for name in names:
        stored = draft.stands(name)
        if stored is None or not held.fits(stored, event, sealed, unsigned=unsigned):
            continue
        if stored["code"] == doc["code"] and stored["digest"] in sealed.names:
            if trouble.code in WAITING:
                draft.waiting.append({**doc, "_id": name})
            if memory.recovering:
                lift(event, sealed, draft, own=stored)
            tell(stored, receipt, draft)
            return
    if trouble.code != "event_content":
        # Held before and refused now, or the other way: it is listed once.
        lift(event, sealed, draft, unsigned=unsigned)
    there = [draft.stands(f"{other}:{own}") for other in held.KINDS]  # the desk asks by uuid alone
    theirs = [known for known in there if known is not None and not known.get("_deleted")]
    if not all(held.fits(known, event, sealed, unsigned=unsigned) for known in theirs):
        doc["_id"] = names[1]
        draft.shared.add(own)
    if trouble.code in WAITING:
        draft.waiting.append(doc)
    stored = memory.known.get(doc["_id"])
    if stored is not None:
        doc["_rev"] = stored["_rev"]
    draft.truth[doc["_id"]] = doc
    draft.troubles.add(doc["_id"])
    if isinstance(trouble, Quarantined):
        draft.quarantined += 1
    else:
        draft.refused += 1
    tell(doc, receipt, draft)
