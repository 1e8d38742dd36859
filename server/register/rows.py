"""A report's row in the register, from its document.

Law: the same document, areas and time zone give the same row; nothing else is asked. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from server.documents.ids import uuid_of
from server.documents.shapes import Report, ReportPlace
from server.instants import parse
from server.register.fields import STRINGS

_EPOCH_DAY = date(1970, 1, 1).toordinal()
#: Seconds of a quarter of an hour, and the last second that a column of 32 bits holds.
_QUARTER, _INT32 = 900, 2**31 - 1
#: Where the street stands in a row.
_STREET = STRINGS.index("street")
_TRAILING_NUMBER = re.compile(r"(\d{1,9})\Z")


Value = str | int | None


@dataclass(frozen=True, slots=True)
class Rows:
    """``row``: the values of ``STRINGS`` and ``FIELDS``, in their order, as the file holds them: sets joined
    by spaces, degrees in millionths. ``words`` for the word index.
    """

    row: tuple[Value, ...]
    actors: list[str]
    old_folios: list[str]
    words: str

    @property
    def id(self) -> str:
        return str(self.row[0])

    @property
    def street(self) -> str:
        return str(self.row[_STREET] or "")


def day_of(instant: str | None, zone: ZoneInfo) -> int | None:
    """Days since 1970-01-01 of an instant, by the municipality's calendar."""
    seconds = seconds_of(instant)
    if seconds is None:
        return None
    return (seconds + _offset(zone, seconds // _QUARTER)) // 86_400


@lru_cache(maxsize=100_000)
def _offset(zone: ZoneInfo, quarter: int) -> int:
    """Seconds east of UTC in a quarter of an hour since 1970; no zone changes within one."""
    offset = datetime.fromtimestamp(quarter * _QUARTER, zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def day_number(text: str) -> int:
    """Days since 1970-01-01 of ``YYYY-MM-DD``. Raises ``ValueError``."""
    return date.fromisoformat(text).toordinal() - _EPOCH_DAY


def seconds_of(instant: str | datetime | None) -> int | None:
    """Whole seconds since 1970 in UTC; what lies beyond 2038-01-19 or before 1902 counts as those ends."""
    if instant is None:
        return None
    if isinstance(instant, str):
        # As documents write them (``server/instants.py``): millions are read where a town grows anew.
        if len(instant) == 24 and instant[-1] == "Z":
            hours, minutes, seconds = instant[11:13], instant[14:16], instant[17:19]
            whole = _midnight(instant[:10]) + int(hours) * 3600 + int(minutes) * 60 + int(seconds)
            return max(-_INT32, min(whole, _INT32))
        instant = parse(instant)
    return max(-_INT32, min(int(instant.timestamp()), _INT32))


@lru_cache(maxsize=20_000)
def _midnight(day: str) -> int:
    return day_number(day) * 86_400


def rows_of(report: Report, zone: ZoneInfo, delegations: Mapping[str, str]) -> Rows:
    """The row of a ``report.v1``. ``delegations``: the delegación of each sector that has one."""
    place: ReportPlace = report.get("place") or {"source": "none"}
    timeline = report.get("timeline") or ()
    assignments = report.get("assignments") or ()
    assigned = [entry["at"] for entry in timeline if entry["kind"] == "assigned"]
    agencies: set[str] = {entry["agency"] for entry in assignments if entry.get("agency")}
    if agency := report.get("agency"):
        agencies.add(agency)
    brigades = {brigade for entry in assignments if (brigade := entry.get("brigade"))}
    taken = report.get("taken_by") or ()
    sector = place.get("sector")
    folio = report.get("folio")
    number = _TRAILING_NUMBER.search(folio) if folio else None
    verified = report.get("verified")
    text = report.get("text") or ""
    street = " ".join(part for part in (place.get("street"), place.get("between")) if part)
    captured, due, finished = report["captured_at"], report.get("due_at"), report.get("finished_at")
    row = (
        uuid_of(report["_id"]),
        folio,
        report.get("provisional_folio"),
        street,
        text,
        report.get("citizen"),
        report.get("duplicate_of"),
        report["version"],
        int(number[1]) if number else None,
        report["type"],
        report.get("family"),
        report.get("channel"),
        report["status"],
        report["priority"],
        int(bool(report.get("urgent"))),
        int(bool(report.get("danger"))),
        int(bool(report.get("confidential"))),
        report.get("agency"),
        report.get("department"),
        " ".join(sorted(agencies)),
        " ".join(sorted(brigades)),
        taken[-1]["account"] if taken else None,
        seconds_of(captured),
        day_of(captured, zone),
        report.get("captured_by"),
        seconds_of(report.get("answer_due_at")),
        seconds_of(report.get("answered_at")),
        seconds_of(report.get("amber_at")),
        seconds_of(due),
        day_of(due, zone),
        seconds_of(finished),
        day_of(finished, zone),
        day_of(max(assigned), zone) if len(assigned) > 1 else None,
        _small(len(assigned) - 1 if assigned else 0),
        _small(sum(1 for entry in timeline if entry["kind"] == "reopened")),
        int(bool(verified["solved"])) if verified else None,
        place.get("colonia"),
        sector,
        delegations.get(sector) if sector else None,
        place.get("block"),
        _millionths(place.get("lat")),
        _millionths(place.get("lon")),
        int(bool(place.get("outside"))),
        " ".join(sorted(report.get("flags") or ())),
        int(report.get("duplicate_of") is not None),
        _small(len(report.get("duplicates") or ())),
        _small(report.get("supports") or 0),
        report.get("for_whom"),
        int(report.get("citizen") is not None),
        int(report.get("incident") is not None),
        report.get("month"),
    )
    said = [entry["payload"]["text"] for entry in timeline if (entry.get("payload") or {}).get("text")]
    words = "\n".join(
        part for part in (text, street, place.get("reference"), place.get("colonia"), *said) if part
    )
    return Rows(
        row=row,
        actors=sorted({actor for entry in timeline if (actor := entry.get("actor"))}),
        old_folios=list(report.get("aliases") or ()),
        words=words,
    )


def _millionths(degrees: float | None) -> int | None:
    return None if degrees is None else round(degrees * 1_000_000)


def _small(count: int) -> int:
    return min(count, 2**15 - 1)
