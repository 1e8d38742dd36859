"""What judging some events needs to have been read, besides what they are about.

Law: an event may be malformed; what it names is looked for only where it is a name. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from server.documents.ids import EVENT_ID, subject_of
from server.intake.judging.receipt import Raw
from server.intake.memory.casefile import CaseFiles


def referenced(files: CaseFiles, events: Iterable[Raw]) -> list[str]:
    """Reports and incidents that these events, or the reports they are about, point at."""
    found: list[str] = []
    for event in events:
        payload = event.get("payload")
        for name in ("of", "incident"):
            named = payload.get(name) if isinstance(payload, dict) else None
            if isinstance(named, str) and event.get("kind") in ("marked_duplicate", "incident_joined"):
                found.append(named)
        file = files.get(subject_of(event["_id"]))
        report = file.report if file else None
        if report is not None:
            found += [entry for entry in (report["duplicate_of"], report["incident"]) if entry]
    return found


def bases(files: CaseFiles, events: Iterable[Raw]) -> list[str]:
    """The events that these name as seen and that are no records of their reports."""
    found: list[str] = []
    for event in events:
        file = files.get(subject_of(event["_id"]))
        listed = event.get("based_on")
        for seen in listed if isinstance(listed, list) else []:
            known = file is not None and isinstance(seen, str) and file.admission_of(seen) is not None
            if isinstance(seen, str) and EVENT_ID.match(seen) and not known:
                found.append(seen)
    return found
