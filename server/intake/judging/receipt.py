"""What can be said of a receipt without judging it: whether it names an event, which, and where it was.

Law: anything may stand where an event belongs; these answer all the same. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from server.documents.ids import EVENT_ID

#: What was brought: a receipt of the inbox, or the event in it; nothing is known of it before it is judged.
Raw = Mapping[str, Any]
T = TypeVar("T", bound=Raw)


def key_of(receipt: Raw) -> str:
    """The uuid by which a receipt's failures are counted: its event's, where it has one."""
    return str(receipt["event"]["_id"] if has_id(receipt) else receipt["_id"])[-36:]


def has_id(receipt: Raw) -> bool:
    """Whether its event has a well formed id: without one there is nothing to judge or to list."""
    event = receipt.get("event")
    return isinstance(event, dict) and EVENT_ID.match(str(event.get("_id"))) is not None


def point_of(event: Raw) -> tuple[float, float] | None:
    """(longitude, latitude) of a capture's position, where it says one that is on earth."""
    position = event.get("position")
    if event.get("kind") != "captured" or not isinstance(position, dict):
        return None
    lon: Any = position.get("lon")
    lat: Any = position.get("lat")
    if not (type(lon) in _NUMBERS and type(lat) in _NUMBERS and abs(lon) <= 180 and abs(lat) <= 90):
        return None
    return lon, lat


_NUMBERS = (int, float)


def in_turn(receipts: Sequence[T]) -> list[T]:
    """The same receipts, those of each device in the order of their numbers, in the places they had together.

    CouchDB tells of one push in no order: a phone's second event may come before its first.
    """
    places: dict[str, list[int]] = {}
    for place, receipt in enumerate(receipts):
        event = receipt.get("event")
        if isinstance(event, dict) and type(event.get("device_seq")) is int:
            device = event.get("device")
            if isinstance(device, str):
                places.setdefault(device, []).append(place)
    sorted_out = list(receipts)
    for own in places.values():
        turns = sorted((receipts[place] for place in own), key=lambda receipt: receipt["event"]["device_seq"])
        for place, receipt in zip(own, turns, strict=True):
            sorted_out[place] = receipt
    return sorted_out
