"""A report's rows in the register, from its document.

Law: the same document, areas and time zone give the same rows; nothing else is asked. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from server.documents.ids import uuid_of
from server.documents.shapes import Report, ReportPlace
from server.instants import parse

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_TRAILING_NUMBER = re.compile(r"(\d{1,9})\Z")


@dataclass(frozen=True, slots=True)
class Rows:
    """``values`` by the names of ``FIELDS``; texts by those of ``STRINGS``; ``words`` for the word index."""

    values: dict[str, str | int | float | tuple[str, ...] | None]
    strings: dict[str, str | int | None]
    assignments: list[tuple[str, str | None, str | None, str, str | None]]
    actors: list[str]
    old_folios: list[str]
    words: str


def day_of(instant: str | None, zone: ZoneInfo) -> int | None:
    """Days since 1970-01-01 of an instant, by the municipality's calendar."""
    if instant is None:
        return None
    return parse(instant).astimezone(zone).date().toordinal() - _EPOCH_DAY


def day_number(text: str) -> int:
    """Days since 1970-01-01 of ``YYYY-MM-DD``. Raises ``ValueError``."""
    return date.fromisoformat(text).toordinal() - _EPOCH_DAY


def seconds_of(instant: str | datetime | None) -> int | None:
    """Whole seconds since 1970 in UTC."""
    if instant is None:
        return None
    moment = instant if isinstance(instant, datetime) else parse(instant)
    return int(moment.timestamp())


def rows_of(report: Report, zone: ZoneInfo, delegations: Mapping[str, str]) -> Rows:
    """The rows of a ``report.v1``. ``delegations``: the delegación of each sector that has one."""
    place: ReportPlace = report.get("place") or {"source": "none"}
    timeline = report.get("timeline") or ()
    assignments = report.get("assignments") or ()
    assigned = [entry["at"] for entry in timeline if entry["kind"] == "assigned"]
    agencies = {entry["agency"] for entry in assignments if entry.get("agency")}
    if agency := report.get("agency"):
        agencies.add(agency)
    sector = place.get("sector")
    folio = report.get("folio")
    number = _TRAILING_NUMBER.search(folio or "")
    verified = report.get("verified")
    values: dict[str, str | int | float | tuple[str, ...] | None] = {
        "folio_number": int(number[1]) if number else None,
        "type": report["type"],
        "family": report.get("family"),
        "channel": report.get("channel"),
        "status": report["status"],
        "priority": report["priority"],
        "urgent": int(bool(report.get("urgent"))),
        "danger": int(bool(report.get("danger"))),
        "confidential": int(bool(report.get("confidential"))),
        "agency": report.get("agency"),
        "department": report.get("department"),
        "agencies": tuple(sorted(agencies)),
        "captured_at": seconds_of(report["captured_at"]),
        "captured_on": day_of(report["captured_at"], zone),
        "captured_by": report.get("captured_by"),
        "answer_due_at": seconds_of(report.get("answer_due_at")),
        "answered_at": seconds_of(report.get("answered_at")),
        "amber_at": seconds_of(report.get("amber_at")),
        "due_at": seconds_of(report.get("due_at")),
        "due_on": day_of(report.get("due_at"), zone),
        "finished_at": seconds_of(report.get("finished_at")),
        "finished_on": day_of(report.get("finished_at"), zone),
        "reassigned_on": day_of(max(assigned), zone) if len(assigned) > 1 else None,
        "reassigned": max(0, len(assigned) - 1),
        "reopened": sum(1 for entry in timeline if entry["kind"] == "reopened"),
        "solved": int(bool(verified["solved"])) if verified else None,
        "colonia": place.get("colonia"),
        "sector": sector,
        "delegation": delegations.get(sector) if sector else None,
        "block": place.get("block"),
        "lat": place.get("lat"),
        "lon": place.get("lon"),
        "outside": int(bool(place.get("outside"))),
        "flags": tuple(report.get("flags") or ()),
        "duplicate": int(report.get("duplicate_of") is not None),
        "duplicates": len(report.get("duplicates") or ()),
        "supports": report.get("supports") or 0,
        "for_whom": report.get("for_whom"),
        "has_person": int(report.get("citizen") is not None),
        "incident": int(report.get("incident") is not None),
        "month": report.get("month"),
    }
    text = report.get("text") or ""
    street = " ".join(part for part in (place.get("street"), place.get("between")) if part)
    strings: dict[str, str | int | None] = {
        "id": uuid_of(report["_id"]),
        "folio": folio,
        "provisional": report.get("provisional_folio"),
        "street": street,
        "text": text,
        "citizen": report.get("citizen"),
        "duplicate_of": report.get("duplicate_of"),
        "version": report["version"],
    }
    said = [entry["payload"]["text"] for entry in timeline if (entry.get("payload") or {}).get("text")]
    words = "\n".join(
        part for part in (text, street, place.get("reference"), place.get("colonia"), *said) if part
    )
    return Rows(
        values=values,
        strings=strings,
        assignments=[
            (
                entry["agency"],
                entry.get("department"),
                entry.get("brigade"),
                entry["status"],
                entry.get("assigned_at"),
            )
            for entry in assignments
            if entry.get("agency")
        ],
        actors=sorted({actor for entry in timeline if (actor := entry.get("actor"))}),
        old_folios=list(report.get("aliases") or ()),
        words=words,
    )
