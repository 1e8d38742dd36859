"""What an upload is, told from what is durable, and the steps that bring it on.

Law PHOTO-1: bytes are proven by their hash before the facts say so, the facts say so before the bytes leave
their place, and the document is written after the bytes are a blob. A missing file proves nothing. Every step
may be repeated, so whoever finds an upload half done takes the steps of its state from the beginning. Pure.
"""

from __future__ import annotations

from enum import Enum


class State(Enum):
    #: No facts: never begun, ended, or swept.
    GONE = "gone"
    #: Facts without bytes and without proof that they came: begins again at nothing.
    LOST = "lost"
    OPEN = "open"
    #: All bytes came; whether they are the declared ones is not known.
    FULL = "full"
    #: The declared bytes came, and were or are to be moved to their place.
    PROVEN = "proven"
    #: Bytes and document are durable: only now is the photo delivered.
    RECORDED = "recorded"


class Event(Enum):
    FINISH = "finish"
    DISCARD = "discard"


class Step(Enum):
    #: Compare the hash; other bytes than declared turn into ``DISCARD``.
    PROVE = "prove"
    MARK_PROVEN = "mark_proven"
    KEEP = "keep"
    RECORD = "record"
    MARK_RECORDED = "mark_recorded"
    RENEW = "renew"
    FORGET_FACTS = "forget_facts"
    FORGET_BYTES = "forget_bytes"


#: What the facts say of themselves.
RECEIVING, PROVEN, RECORDED = "receiving", "proven", "recorded"

_KEEPING = (Step.KEEP, Step.RECORD, Step.MARK_RECORDED)
_FINISH: dict[State, tuple[Step, ...]] = {
    State.LOST: (Step.RENEW,),
    State.FULL: (Step.PROVE, Step.MARK_PROVEN, *_KEEPING),
    State.PROVEN: _KEEPING,
}


def observe(said: str | None, part: int | None, blob: int | None, length: int) -> State:
    """The state of an upload. ``said``: the facts' own word, None without facts, ``""`` in facts of before
    there was such a word; ``part`` and ``blob``: bytes in either file, None where it is missing.
    """
    if said is None:
        return State.GONE
    if said == RECORDED:
        return State.RECORDED
    if said == PROVEN:
        return State.PROVEN if part is not None or blob is not None else State.LOST
    if part is None:
        # Of old, bytes left their place only after their hash was compared, and facts went before bytes did.
        return State.PROVEN if said == "" and blob == length else State.LOST
    return State.FULL if part >= length else State.OPEN


def steps(state: State, event: Event) -> tuple[Step, ...]:
    """What is to be done, in this order; nothing where nothing is left to do."""
    if event is Event.DISCARD:
        return (Step.FORGET_FACTS, Step.FORGET_BYTES)
    return _FINISH.get(state, ())
