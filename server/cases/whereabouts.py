"""Where a worker stood when saving: which events say it exactly, and what is left of it once it is too old.

Law: what a report is about stays, who was there goes. The place of a report (a capture's position, a
corrected place's) is never a worker's whereabouts, whoever gave it. What was judged of a position stands in
the record beside the event and does not rest on it any more. Pure: values in, values out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.documents.shapes import Position

#: Whose positions are of a person at work in the street (design: workers' privacy).
WORKERS = frozenset({"brigade", "civil_protection"})

#: The name under which the exact position is taken out of an event: its source stays.
EXACT = "exact_position"

_PARTS = frozenset({"lat", "lon", "accuracy", "taken_at"})
_SOURCES = frozenset({"gps", "pin", "block", "address"})


def is_exact(event: Mapping[str, Any]) -> bool:
    """Whether the event says where exactly a worker stood. The event may be malformed: what is held is."""
    position, payload = event.get("position"), event.get("payload")
    if event.get("role") not in WORKERS or not isinstance(position, dict) or _PARTS.isdisjoint(position):
        return False
    corrects = isinstance(payload, dict) and "place_corrected" in payload
    return event.get("kind") != "captured" and not (event.get("kind") == "amended" and corrects)


def without_exact(position: Any) -> Position:
    """What is left of a position: its source."""
    source = position.get("source") if isinstance(position, dict) else None
    return {"source": source if source in _SOURCES else "none"}


def is_faded(event: Mapping[str, Any]) -> bool:
    """Whether a worker's event has what ``without_exact`` leaves of a position: a source, and nowhere."""
    position = event.get("position")
    nowhere = isinstance(position, dict) and position.get("source") in _SOURCES and len(position) == 1
    return nowhere and event.get("role") in WORKERS
