"""Until when a report is owed an answer and a solution.

Law: deadlines are decided once, at admission, and recorded; nobody computes them again. The clock starts
when the municipality received the report, because nobody can attend what has not arrived; an import's, when
the old system took it in. That day does not count: the first day is the next one that counts (as in the Ley
Federal de Procedimiento Administrativo, art. 38), and the last ends at its local midnight. Working days
leave out Saturdays, Sundays, Mexico's official holidays (Ley Federal del Trabajo, art. 74) and the
municipality's own.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from server.documents.shapes import Deadlines, PetitionType
from server.instants import parse, say

_DAY = timedelta(days=1)
_SATURDAY = 5


@lru_cache(maxsize=256)
def official_holidays(year: int) -> Mapping[str, str]:
    """Mexico's official holidays of a year: ``YYYY-MM-DD`` to its name in Spanish."""
    days = holidays.country_holidays("MX", years=year, language="es")
    return {day.isoformat(): name for day, name in sorted(days.items())}


def is_working_day(day: date, own: Container[str] = ()) -> bool:
    """``own``: the municipality's days without work, ``YYYY-MM-DD``."""
    text = day.isoformat()
    return day.weekday() < _SATURDAY and text not in own and text not in official_holidays(day.year)


def _move(day: date, count: int, step: timedelta, working: bool, own: Container[str]) -> date:
    """``count`` counting days from ``day``; where that leaves a day without work, on to the next with it."""
    while count > 0 or (working and not is_working_day(day, own)):
        day += step
        if not working or is_working_day(day, own):
            count -= 1
    return day


def _midnight(day: date, timezone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone).astimezone(UTC)


def clock_start(received_at: str, effective_at: str, *, trusted: bool = False) -> str:
    """The instant a report's clock starts: reception, or for a trusted import when it happened.

    A change of type keeps the clock of the capture; a reopening starts a new one at its own reception.
    """
    return effective_at if trusted else received_at


def deadlines(
    petition_type: PetitionType | None,
    start: str,
    timezone: ZoneInfo,
    own: Iterable[str] = (),
    *,
    answer_hours: float | None = 24,
) -> Deadlines:
    """``{clock_start, answer_due_at, amber_at, due_at}`` for a clock started at ``start``.

    ``petition_type`` gives ``days``, ``working_days`` and ``amber_days``; without days there is no
    ``due_at`` and no ``amber_at``. ``answer_hours`` run by the clock, nights and holidays included (None:
    no such policy). The semáforo turns amber at the local midnight that begins the day ``amber_days``
    counting days before the last, or at the start where that is earlier.
    """
    began = parse(start)
    own = frozenset(own)
    found: Deadlines = {"clock_start": start, "answer_due_at": None, "amber_at": None, "due_at": None}
    if answer_hours is not None:
        found["answer_due_at"] = say(began + timedelta(hours=answer_hours))
    days = petition_type.get("days") if petition_type else None
    if petition_type is None or days is None:
        return found
    working = bool(petition_type.get("working_days"))
    day = began.astimezone(timezone).date()
    amber_at, due_at = _bounds(day, days, petition_type.get("amber_days", 0), working, own, timezone)
    found["due_at"] = due_at
    found["amber_at"] = max(say(began), amber_at)
    return found


@lru_cache(maxsize=4096)
def _bounds(
    day: date, days: int, amber_days: int, working: bool, own: frozenset[str], timezone: ZoneInfo
) -> tuple[str, str]:
    """Amber and due instants of a clock started on ``day``: the same for all of a day's reports of a type."""
    last = _move(day, days, _DAY, working, own)
    amber = _move(last, amber_days, -_DAY, working, own)
    return say(_midnight(amber, timezone)), say(_midnight(last + _DAY, timezone) - timedelta(milliseconds=1))


def month_of(instant: str, timezone: ZoneInfo) -> str:
    """``YYYY-MM`` of an instant in the municipality's time zone."""
    return parse(instant).astimezone(timezone).strftime("%Y-%m")
