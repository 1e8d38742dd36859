"""When somebody must be woken: an emergency that nobody has taken, a crew that left because it was not safe.

Law: an emergency is told again and again until a person takes it or it is closed, a crew's leaving once, at
once; each telling is a fact of the report. What is told is what and where, never who. Pure: values in,
decisions out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from server.cases.scope import is_open
from server.documents.shapes import Report, TimelineEntry
from server.instants import parse

#: Untaken for this long, an emergency is escalated (design, Urgency); so often it is repeated at first.
FIRST = timedelta(minutes=5)
#: Tellings at that pace: an hour. Then every half hour, lest the hook be silenced for good.
BRISK = 12
SLOW = timedelta(minutes=30)
#: Emergencies older than this were met otherwise: an import or a restore must not ring the night long.
STALE = timedelta(hours=24)

EMERGENCY = 1


def next_telling(report: Report) -> tuple[int, datetime] | None:
    """Number and instant of the next telling of a report, or None where there is nothing to tell."""
    risk = _left_for_risk(report)
    if risk is not None:
        attempts = [entry["payload"]["attempt"] for entry in _told(report)]
        return max(attempts, default=0) + 1, parse(risk)
    if report["priority"] != EMERGENCY or report["taken_by"] or not is_open(report):
        return None
    told = _told(report)
    began = parse(_became_urgent(report))
    if not told:
        return 1, began + FIRST
    last = max(told, key=lambda entry: entry["payload"]["attempt"])
    number = last["payload"]["attempt"]
    due = parse(last["at"]) + (FIRST if number < BRISK else SLOW)
    if due > began + STALE:
        return None
    return number + 1, due


def _told(report: Report) -> list[TimelineEntry]:
    return [entry for entry in report["timeline"] if entry["kind"] == "escalated"]


def _left_for_risk(report: Report) -> str | None:
    """When a crew last left an open report's place because it was not safe, where nobody was told since."""
    if not is_open(report):
        return None
    visits = [entry for entry in report["timeline"] if entry["kind"] == "visited" and not entry.get("late")]
    left = [entry["at"] for entry in visits if entry["payload"].get("outcome") == "unsafe"]
    latest: str | None = max(left, default=None)
    return latest if latest and all(entry["at"] < latest for entry in _told(report)) else None


def _became_urgent(report: Report) -> str:
    """Since when it waits as an emergency: its capture, or the act that made it one or opened it again."""
    latest: str = report["captured_at"]
    for entry in report["timeline"]:
        raised = entry["kind"] == "prioritized" and entry["payload"].get("priority") == EMERGENCY
        if raised or entry["kind"] in ("reopened", "amended", "released"):
            latest = max(latest, entry["at"])
    return latest


def is_stale(report: Report, now: datetime) -> bool:
    """Whether it is too old to begin telling."""
    return now - parse(_left_for_risk(report) or _became_urgent(report)) > STALE


def message(report: Report, number: int, type_name: str | None) -> dict[str, Any]:
    """What the operator's hook is given."""
    place: Mapping[str, Any] = report["place"]
    names = ("lat", "lon", "block", "colonia", "sector", "street", "between", "reference")
    return {
        "report": report["_id"].removeprefix("report:"),
        "folio": report["folio"] or report["provisional_folio"],
        "type": report["type"],
        "type_name": type_name,
        "priority": report["priority"],
        "danger": bool(report.get("danger")),
        "captured_at": report["captured_at"],
        "attempt": number,
        "reason": "left_for_risk" if _left_for_risk(report) else "untaken",
        "place": {name: place[name] for name in names if name in place},
    }
