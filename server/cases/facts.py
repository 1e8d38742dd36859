"""What the server's own facts do to a report's state.

Law: a fact is recorded once and read many times; whether it comes before or after the events it speaks of,
the report is the same.
"""

from __future__ import annotations

from typing import Any

from server.cases.case import Case, PhotoVerdict
from server.cases.whereabouts import EXACT, without_exact
from server.documents.shapes import Event, Fact, Record


def apply_fact(case: Case, fact: Fact, admission: int) -> None:
    """Take a fact in. Kinds that only belong in the timeline change nothing here."""
    match fact["kind"]:
        case "folio":
            folio = fact["folio"]
            case.folios[folio] = min(admission, case.folios.get(folio, admission))
        case "photo_verdict":
            before = case.photo_verdicts.get(fact["sha256"])
            if before is None or before[0] < admission:
                verdict: PhotoVerdict = {"verdict": fact["verdict"]}
                if "code" in fact:
                    verdict["code"] = fact["code"]
                if "width" in fact:
                    verdict["width"] = fact["width"]
                if "height" in fact:
                    verdict["height"] = fact["height"]
                case.photo_verdicts[fact["sha256"]] = (admission, verdict)
        case "photo_missing":
            case.photos_missing[fact["sha256"]] = max(admission, case.photos_missing.get(fact["sha256"], 0))
        case "duplicate_joined" | "duplicate_left":
            before_ = case.duplicates.get(fact["report"])
            if before_ is None or before_[0] < admission:
                case.duplicates[fact["report"]] = (admission, fact["kind"] == "duplicate_joined")
        case "reviewed":
            case.flags.review(fact["flags"], admission)
        case "explained":
            case.flags.explain(fact["flags"], fact["admission"])


def redactions(records: list[Record]) -> dict[str, set[str]]:
    """Event id to the members the law had removed from it."""
    found: dict[str, set[str]] = {}
    for record in records:
        fact = record.get("fact")
        if fact and fact["kind"] == "redaction":
            found.setdefault(fact["event"], set()).update(fact["members"])
    return found


def redacted(event: Event, members: set[str]) -> Event:
    """A copy without those members of the payload, and without ``photos`` and ``position`` where named;
    of ``EXACT`` the position's source is left.
    """
    payload: Any = {name: value for name, value in event["payload"].items() if name not in members}
    masked: Event = {**event, "payload": payload}
    if "photos" in members:
        masked["photos"] = []
    if "position" in members:
        masked["position"] = {"source": "none"}
    elif EXACT in members:
        masked["position"] = without_exact(event.get("position"))
    return masked
