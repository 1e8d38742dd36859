"""Cells of municipal tables as values: yes and no, dates, numbers, slugs, lists.

Law: a cell is understood or refused with a sentence; what is ambiguous (03/04/2024) is read as people here
write it, day first. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from server.imports.dates import Order, read
from server.imports.findings import RowRefused

_YES = frozenset({"si", "sí", "s", "1", "true", "verdadero", "x", "yes", "y"})
_NO = frozenset({"no", "n", "0", "false", "falso", ""})
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
#: Systems write the zero of their calendar for no date: 1899, 1900, 1904, 1970. No system's report is older.
_RECORDS_BEGIN = 1980
_NO_DATE = frozenset({"0", "0.0", "00/00/0000", "0000-00-00", "0000-00-00 00:00:00", "1", "-"})
#: A whole number as table tools write it where a column has gaps (GDAL, pandas), and as a spreadsheet shows
#: one
#: that is too long for its column.
_FLOAT = re.compile(r"(\d+)[.,]0+\Z")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{2,3}\Z")


def boolean(column: str, value: Any) -> bool:
    text = str(value).strip().lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise RowRefused(column, value, "write si or no")


def integer(column: str, value: Any, least: int, most: int) -> int:
    try:
        number = int(identifier(column, value))
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
    found = to_slug(identifier(column, value))
    if not _SLUG.match(found):
        raise RowRefused(column, value, "must hold at least one letter or digit")
    return found


def slugs(column: str, value: Any) -> list[str]:
    """Ids separated by commas, semicolons, bars or line feeds."""
    return [slug(column, part) for part in re.split(r"[,;|\n]+", str(value)) if part.strip()]


def identifier(column: str, value: Any) -> str:
    """A key, folio or telephone that may have passed through a column of numbers.

    ``5512345678.0`` and ``5.512345678E+09`` are 5512345678; refuses a number that lost its last digits.
    """
    raw = str(value).strip()
    if found := _FLOAT.match(raw):
        return found[1]
    if _SCIENTIFIC.match(raw):
        number = Decimal(raw.replace(",", "."))
        if number != number.to_integral_value() or number.adjusted() >= len(number.as_tuple().digits):
            why = "is a number cut short by a spreadsheet: make the column text and write it whole"
            raise RowRefused(column, value, why)
        return str(int(number))
    return raw


def phone(column: str, value: Any) -> str:
    """A telephone as it is dialled, digits and their usual separators."""
    return text(column, identifier(column, value), 40, lines=False)


def moment(column: str, value: Any, zone: tzinfo, order: Order = "day") -> datetime:
    """An aware UTC instant; a date without a time is that day's noon in ``zone``."""
    try:
        found = read(str(value), order)
    except (ValueError, OverflowError):
        raise RowRefused(column, value, "is no date (YYYY-MM-DD or DD/MM/YYYY)") from None
    at = found.at if found.timed else found.at.replace(hour=12)
    return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)


def happened(column: str, value: Any, zone: tzinfo, now: datetime, order: Order = "day") -> datetime:
    """When something happened, as ``moment`` reads it; refuses the future, and what stands for no date."""
    if str(value).strip() in _NO_DATE:
        raise RowRefused(column, value, "is what systems write for no date; leave it empty")
    found = moment(column, value, zone, order)
    if found > now:
        raise RowRefused(column, value, "lies in the future")
    if found.year < _RECORDS_BEGIN:
        raise RowRefused(column, value, "is what systems write for no date; leave it empty")
    return found


def day(column: str, value: Any, order: Order = "day") -> str:
    """``YYYY-MM-DD``."""
    found = moment(column, value, UTC, order)
    return date(found.year, found.month, found.day).isoformat()
