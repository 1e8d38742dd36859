"""What was put aside until something comes that may explain it, by what it waits for.

Law: nothing waits unseen (its quarantine document is what the desk and the phone read), and nobody's waiting
holds anybody else's: what waits takes no place in the line, and a device has ``OF_DEVICE`` such events judged
anew by themselves. Beyond that a person judges them, or the phone by sending them again. Kept in memory, read
from the quarantine documents at the start. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Set

from server.documents.ids import subject_of
from server.documents.trouble import Trouble

Key = tuple[str, str]

#: More than a phone brings after a month without the server; each names at most 64 events, so what one device
#: can have judged in vain is bounded too.
OF_DEVICE = 1_000


#: Codes of events that only came before what explains them; they are judged again when it comes.
WAITING = frozenset({"report_unknown", "incident_unknown", "basis_unknown", "event_device_unknown"})


def awaited(doc: Trouble) -> list[Key]:
    """What a quarantine document's event waits for, each with the code; [] where it waits for a person."""
    code = doc.get("code")
    if code not in WAITING:
        return []
    fallback = doc["device"] if code == "event_device_unknown" else subject_of(doc["event"])
    named = doc.get("waits_for") or fallback
    return [(code, thing) for thing in (named if isinstance(named, list) else [named]) if thing]


class Waiting:
    """Receipts by what they lack: a code, and a uuid, an event's id or a device."""

    def __init__(self) -> None:
        self._by_key: dict[Key, dict[str, str]] = {}
        self._of_device: dict[str, set[str]] = {}

    def __bool__(self) -> bool:
        return bool(self._by_key)

    def note(self, doc: Trouble) -> None:
        """Take in a quarantine document; one that waits for a person is passed over."""
        keys = awaited(doc)
        if not keys:
            return
        device, receipt = str(doc.get("device")), doc["receipt"]
        own = self._of_device.setdefault(device, set())
        if receipt not in own and len(own) >= OF_DEVICE:
            return
        own.add(receipt)
        for key in keys:
            self._by_key.setdefault(key, {})[receipt] = device

    def take(self, arrived: Set[Key]) -> list[str]:
        """The receipts that waited for any of these, in the order they came; they wait no more."""
        found: set[str] = set()
        for key in arrived & self._by_key.keys():
            for receipt, device in self._by_key.pop(key).items():
                found.add(receipt)
                own = self._of_device.get(device, set())
                own.discard(receipt)
                if not own:
                    self._of_device.pop(device, None)
        return sorted(found)

    def things(self, code: str) -> Iterable[str]:
        """What is awaited under a code."""
        return [thing for known, thing in self._by_key if known == code]
