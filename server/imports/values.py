"""Cells of municipal tables as values: yes and no, dates, numbers, slugs, lists.

Law: a cell is understood or refused with a sentence; what is ambiguous (03/04/2024) is read as people here
write it, day first. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from server.imports.findings import RowRefused

_YES = frozenset({"si", "sí", "s", "1", "true", "verdadero", "x", "yes", "y"})
_NO = frozenset({"no", "n", "0", "false", "falso", ""})
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
#: Day first, as people write it here; or year first with slashes, as some systems do. With or without a time.
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\Z")
_YEAR_FIRST = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\Z")
#: Systems write the zero of their calendar for no date: 1899, 1900, 1904, 1970. No system's report is older.
_RECORDS_BEGIN = 1980
#: ``YYYY-MM-DD``: an ISO text no longer than this has no time of day.
_ISO_DATE = 10


def boolean(column: str, value: Any) -> bool:
    text = str(value).strip().lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise RowRefused(column, value, "write si or no")


def integer(column: str, value: Any, least: int, most: int) -> int:
    try:
        number = int(str(value).strip())
    except ValueError:
        raise RowRefused(column, value, "must be a whole number") from None
    if not least <= number <= most:
        raise RowRefused(column, value, f"must be between {least} and {most}")
    return number


def decimal(column: str, value: Any, least: float, most: float) -> float:
    """A number with a point or a comma; refuses what is not finite."""
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        raise RowRefused(column, value, "must be a number") from None
    if not least <= number <= most:
        raise RowRefused(column, value, f"must be between {least} and {most}")
    return number


def text(column: str, value: Any, most: int = 4000, *, lines: bool = True) -> str:
    """Text without control characters; ``lines`` False folds line feeds and tabs too."""
    clean = _CONTROL.sub(" ", str(value).replace("\r\n", "\n")).strip()
    if not lines:
        clean = re.sub(r"\s+", " ", clean)
    if len(clean) > most:
        raise RowRefused(column, clean, f"has {len(clean)} characters; at most {most} fit")
    return clean


def to_slug(value: Any) -> str:
    """The id a name or key gives: lower case, no accents, hyphens for the rest. May be empty."""
    plain = unicodedata.normalize("NFKD", str(value).strip().lower())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9._]+", "-", letters).strip("-._")[:64].rstrip("-._")


def slug(column: str, value: Any) -> str:
    """The slug of a cell. Refuses one that leaves nothing."""
    found = to_slug(value)
    if not _SLUG.match(found):
        raise RowRefused(column, value, "must hold at least one letter or digit")
    return found


def slugs(column: str, value: Any) -> list[str]:
    """Ids separated by commas, semicolons, bars or line feeds."""
    return [slug(column, part) for part in re.split(r"[,;|\n]+", str(value)) if part.strip()]


def moment(column: str, value: Any, zone: tzinfo) -> datetime:
    """An aware UTC instant; a date without a time is that day's noon in ``zone``."""
    raw = str(value).strip()
    try:
        found = _written(raw)
    except ValueError:
        raise RowRefused(column, value, "is no date (YYYY-MM-DD or DD/MM/YYYY)") from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone)
    return found.astimezone(UTC)


def happened(column: str, value: Any, zone: tzinfo, now: datetime) -> datetime:
    """When something happened, as ``moment`` reads it; refuses the future, and what stands for no date."""
    found = moment(column, value, zone)
    if found > now:
        raise RowRefused(column, value, "lies in the future")
    if found.year < _RECORDS_BEGIN:
        raise RowRefused(column, value, "is what systems write for no date; leave it empty")
    return found


def _written(raw: str) -> datetime:
    """The date and time a cell says. Raises ``ValueError``."""
    parts = _DAY_FIRST.match(raw)
    if parts:
        day_, month, year, *clock = parts.groups()
    else:
        parts = _YEAR_FIRST.match(raw)
        if parts is None:
            iso = datetime.fromisoformat(raw)
            return iso if len(raw) > _ISO_DATE else iso.replace(hour=12)
        year, month, day_, *clock = parts.groups()
    hour, minute, second = (int(part or 0) for part in clock) if clock[0] else (12, 0, 0)
    return datetime(int(year), int(month), int(day_), hour, minute, second)


def day(column: str, value: Any) -> str:
    """``YYYY-MM-DD``."""
    found = moment(column, value, UTC)
    return date(found.year, found.month, found.day).isoformat()
