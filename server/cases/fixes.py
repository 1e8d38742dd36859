"""What a position says of itself, compared with what else is known before it is believed.

Law: no receiver's word is taken alone. A fix at the equator off Africa is a phone that had none; a fix's own
time beside the act's says whether it shows where the person was then. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from server.documents.shapes import Event, Position
from server.instants import parse

#: Degrees around 0, 0 that are no place: rounding leaves 0.0001, and no municipality lies in that sea.
NOWHERE = 0.01
#: How far a fix's time may be from the act's: the app keeps the best fix while a form is open and nobody
#: moves, and the longest forms take a quarter of an hour.
FRESH = timedelta(minutes=30)
#: Receivers count weeks in ten bits (IS-GPS-200, 20.3.3.3.1.1): old ones are whole spans of 1,024 weeks off,
#: and right in everything else.
ROLLOVER = timedelta(weeks=1024)


def is_nowhere(position: Position) -> bool:
    """Whether it is the 0, 0 of a phone without a fix."""
    lat, lon = position.get("lat"), position.get("lon")
    return lat is not None and lon is not None and abs(lat) < NOWHERE and abs(lon) < NOWHERE


def located(position: Position) -> Position:
    """The position, or ``{"source": "none"}`` where it is nowhere."""
    return {"source": "none"} if is_nowhere(position) else position


def corrects_place(event: Event) -> bool:
    """Whether the event's position replaces the report's."""
    return "place_corrected" in event["payload"] and not is_nowhere(event["position"])


def is_of(position: Position, instants: Iterable[str]) -> bool:
    """Whether the fix was taken at one of these instants: the act's by the phone's clock, or by the server's.

    One that does not say when it was taken shows nothing.
    """
    if position.get("taken_at") is None:
        return False
    taken = parse(position["taken_at"])
    return any(_offset(taken - parse(instant)) <= FRESH for instant in instants)


def _offset(difference: timedelta) -> timedelta:
    """How far apart two clocks are, whole rollovers of a receiver's calendar aside."""
    if difference > FRESH:
        return difference  # Calendars fall back, never ahead.
    return abs(difference + round(-difference / ROLLOVER) * ROLLOVER)
