"""Who had seen what: the order of knowledge among the events of one report.

Law: an event saw everything in its ``based_on``, everything its own device wrote before, and whatever those
saw. It is judged from signed events alone; clocks have no say in it.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class Lineage:
    """The events folded so far, by id."""

    __slots__ = ("_by_device", "_events")

    def __init__(self) -> None:
        self._events: dict[str, Json] = {}
        self._by_device: dict[str, list[Json]] = {}

    def add(self, event: Json) -> None:
        self._events[event["_id"]] = event
        self._by_device.setdefault(event["device"], []).append(event)

    def _direct(self, event: Json) -> list[str]:
        own = [
            other["_id"]
            for other in self._by_device.get(event["device"], ())
            if other["device_seq"] < event["device_seq"]
        ]
        return own + list(event["based_on"])

    def saw(self, event: Json, other: str) -> bool:
        """Whether whoever made ``event`` had seen the event with id ``other``."""
        if other in event["based_on"]:
            return True
        sought, visited = [event], {event["_id"]}
        while sought:
            for seen in self._direct(sought.pop()):
                if seen == other:
                    return True
                if seen not in visited:
                    visited.add(seen)
                    known = self._events.get(seen)
                    if known is not None:
                        sought.append(known)
        return False
