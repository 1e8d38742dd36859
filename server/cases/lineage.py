"""Who had seen what: the order of knowledge among the events of one report.

Law: an event saw everything in its ``based_on``, everything its own device wrote before, and whatever those
saw. It is judged from signed events alone; clocks have no say in it.
"""

from __future__ import annotations

from server.documents.shapes import Event


class Lineage:
    """The events folded so far, by id."""

    __slots__ = ("_by_device", "_events")

    def __init__(self) -> None:
        self._events: dict[str, Event] = {}
        self._by_device: dict[str, list[Event]] = {}

    def add(self, event: Event) -> None:
        self._events[event["_id"]] = event
        self._by_device.setdefault(event["device"], []).append(event)

    def saw(self, event: Event, other: str) -> bool:
        """Whether whoever made ``event`` had seen the event with id ``other``.

        Linear in the report's events: of a device whose later event was looked at, earlier ones are not
        looked at again, so thousands of them cannot hold up whoever folds.
        """
        if other in event["based_on"]:
            return True
        sought, visited = [event], {event["_id"]}
        below: dict[str, int] = {}  # of each device, all numbers below this one are sought already
        while sought:
            known = sought.pop()
            seen: list[str] = known["based_on"]
            device, seq, done = known["device"], known["device_seq"], below.get(known["device"], 0)
            if seq > done:
                own = (e for e in self._by_device.get(device, ()) if done <= e["device_seq"] < seq)
                seen = [*seen, *(e["_id"] for e in own)]
                below[device] = seq
            for name in seen:
                if name == other:
                    return True
                if name not in visited:
                    visited.add(name)
                    if name in self._events:
                        sought.append(self._events[name])
        return False
