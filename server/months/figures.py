"""A month of one agency, counted from its reports: what came in, what was closed, what is open and overdue.

Law: a report counts in the month in which it was admitted, and its closing in the month in which that was
admitted, whenever the phone says it happened; what came later than its own month is listed apart.
Confidential reports are in no figure and in no list. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from server.cases.canonical import canonical
from server.cases.deadlines import month_of
from server.documents import reading
from server.documents.shapes import Figures, MonthClose, MonthCloseNames, MonthCloseType, Report, Row
from server.instants import parse

CLOSINGS = ("finished", "not_viable")
OPEN = ("captured", "in_progress", "reopened")


def is_of(report: Report, agency: str) -> bool:
    """Whether the report is the agency's: in its charge, or with an assignment that was not returned."""
    if report.get("confidential"):
        return False
    if report.get("agency") == agency:
        return True
    return any(
        entry.get("agency") == agency and entry.get("status") != "returned"
        for entry in report.get("assignments") or ()
    )


def closing_event(report: Report) -> str | None:
    """The event that closed a closed report: the one at ``finished_at``, else the last of its kind."""
    if report["status"] not in CLOSINGS:
        return None
    found = [e for e in report["timeline"] if e["kind"] == report["status"] and e.get("event")]
    exact = [e for e in found if e["at"] == report.get("finished_at")]
    return str((exact or found)[-1]["event"]) if found else None


def row_of(report: Report, month: str, zone: ZoneInfo) -> Row:
    """A report as a close lists it."""
    finished, due = report.get("finished_at"), report.get("due_at")
    closed = report["status"] in CLOSINGS
    return {
        "report": report["_id"].removeprefix("report:"),
        "folio": report.get("folio") or report["provisional_folio"],
        "type": report["type"],
        "colonia": report["place"].get("colonia"),
        "status": report["status"],
        "captured_at": report["captured_at"],
        "due_at": due,
        "closed_at": finished if closed else None,
        # Lateness against the deadline, and against the month: two things.
        "on_time": (finished <= due) if closed and finished and due else None,
        "came_late": month_of(report["captured_at"], zone) < month,
        "closed_late": bool(closed and finished and month_of(finished, zone) < month),
    }


def close_of(
    month: str,
    agency: str,
    reports: Iterable[Report],
    months: Mapping[str, str],
    zone: ZoneInfo,
    at: str,
    by: str,
    names: MonthCloseNames,
    before: Figures | None,
) -> MonthClose:
    """The ``close.v1``. ``months``: the month in which each closing event was admitted; ``at``: now.

    ``names``: what ids are called now, ``{municipality, timezone, agency, by, types, colonias}``, of which
    those that are listed are kept; ``before``: the figures of the month before, where it was closed.
    """
    received, finished, opened, overdue = [], [], 0, []
    for report in sorted(reports, key=lambda one: (one["captured_at"], one["_id"])):
        if not is_of(report, agency):
            continue
        row = row_of(report, month, zone)
        event = closing_event(report)
        if report["month"] == month:
            received.append(row)
        if event is not None and months.get(event) == month:
            finished.append(row)
        if report["status"] in OPEN and (report["month"] or "") <= month:
            opened += 1
            if (due := report["due_at"]) and due < at:
                overdue.append(row)
    close: dict[str, Any] = {
        "schema": "close.v1",
        "month": month,
        "agency": agency,
        "closed_at": at,
        "by": by,
        "figures": _figures(received, finished, opened, overdue),
        "types": _types(received, finished),
        "received": received,
        "finished": finished,
        "overdue": sorted(overdue, key=lambda row: str(row["due_at"])),
        "names": _kept(names, [*received, *finished, *overdue]),
        "before": before,
    }
    return reading.month_close({"_id": f"close:{month}:{agency}", **close, "hash": hash_of(close)})


def hash_of(close: Mapping[str, Any]) -> str:
    """Hex SHA-256 of a close without its id, revision and hash."""
    bare = {name: value for name, value in close.items() if name not in ("_id", "_rev", "hash")}
    return hashlib.sha256(canonical(bare)).hexdigest()


def _kept(names: MonthCloseNames, rows: list[Row]) -> MonthCloseNames:
    """The names of what the rows name, and no more of the catalogue."""
    return {
        **names,
        "types": {key: names["types"].get(key, key) for key in sorted({row["type"] for row in rows})},
        "colonias": {
            key: names["colonias"].get(key, key)
            for key in sorted({row["colonia"] for row in rows if row["colonia"]})
        },
    }


def _figures(received: list[Row], finished: list[Row], opened: int, overdue: list[Row]) -> Figures:
    took = sorted(
        (parse(row["closed_at"]) - parse(row["captured_at"])).total_seconds()
        for row in finished
        if row["closed_at"]
    )
    return {
        "received": len(received),
        "received_late": sum(row["came_late"] for row in received),
        "finished": sum(row["status"] == "finished" for row in finished),
        "not_viable": sum(row["status"] == "not_viable" for row in finished),
        "closed_late": sum(row["closed_late"] for row in finished),
        "on_time": sum(row["on_time"] is True for row in finished),
        "late": sum(row["on_time"] is False for row in finished),
        "undated": sum(row["on_time"] is None for row in finished),
        "open": opened,
        "overdue": len(overdue),
        "median_seconds": round(took[(len(took) - 1) // 2]) if took else None,
    }


def _types(received: list[Row], finished: list[Row]) -> list[MonthCloseType]:
    found: dict[str, MonthCloseType] = {}

    def of(row: Row) -> MonthCloseType:
        return found.setdefault(
            row["type"], {"type": row["type"], "received": 0, "finished": 0, "on_time": 0, "late": 0}
        )

    for row in received:
        of(row)["received"] += 1
    for row in finished:
        of(row)["finished"] += 1
        if row["on_time"] is not None:
            of(row)["on_time" if row["on_time"] else "late"] += 1
    return sorted(found.values(), key=lambda one: (-one["received"], one["type"]))
