"""When an event is taken to have happened.

Law: ``effective_at`` is the earlier of reception and the device's time corrected by the skew the server
measured, and never before that device's previous event, its enrolment, nor anything the person had seen. So a
clock that runs fast cannot put an event after its reception, one that runs slow cannot put it before what it
answers, and the device's own word on its clock is never asked.

An enrolment may be lost in a restore and made again: it is sure to be earlier only than a device's first
event; of any other, what lies ``LIVED`` before the enrolment is no time at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from server.instants import parse, say

UNKNOWN_BASIS = "based_on_unknown"

#: No phone holds work so long, and nobody restores so old a backup and enrols anew.
LIVED = timedelta(days=90)


def effective_at(
    occurred_at: str,
    received_at: str,
    skew_ms: int | None,
    previous: str | None,
    based_on: Iterable[str] = (),
    known: Mapping[str, str] | None = None,
    enrolled_at: str | None = None,
    *,
    first: bool = False,
) -> tuple[str, list[str]]:
    """The instant, and flags.

    ``skew_ms`` is the device's clock minus the server's (None, never measured, counts as 0). ``previous``
    is the ``effective_at`` of that device's previous event, ``known`` maps event ids of the report to
    theirs; ids of ``based_on`` that are not in it are ignored and flagged ``based_on_unknown``.
    ``enrolled_at`` is the device's (None: an import has none), ``first`` whether it is its first event.
    """
    known = known or {}
    try:
        corrected = say(parse(occurred_at) - timedelta(milliseconds=skew_ms or 0))
    except OverflowError:  # a clock at the calendar's edge tells nothing
        corrected = received_at
    result = min(received_at, corrected)  # instants are fixed-width UTC text: they sort as time does
    if previous is not None:
        result = max(result, previous)
    if enrolled_at is not None and (first or result < say(parse(enrolled_at) - LIVED)):
        result = max(result, min(enrolled_at, received_at))
    flags: list[str] = []
    for event in based_on:
        seen = known.get(event)
        if seen is None:
            flags = [UNKNOWN_BASIS]
        else:
            result = max(result, seen)
    return result, flags
