"""Dates and times as people and systems here write them.

Law: the day comes first unless the year does, or the operator says the month does; a month may be a word. A
date without a time has none: the caller decides what that means. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

Order = Literal["day", "month"]


class Written(NamedTuple):
    """``timed``: whether a time of day was written. ``at`` is aware only where the text says an offset."""

    at: datetime
    timed: bool


_MONTHS = {
    "enero": 1, "febrero": 2, "marzo": 3, "abril": 4, "mayo": 5, "junio": 6, "julio": 7, "agosto": 8,
    "septiembre": 9, "setiembre": 9, "octubre": 10, "noviembre": 11, "diciembre": 12,
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8,
    "september": 9, "october": 10, "november": 11, "december": 12,
}  # fmt: skip
_SHORTEST = 3
_WEEKDAY = re.compile(
    r"(?:lun(?:es)?|mar(?:tes)?|mie(?:rcoles)?|jue(?:ves)?|vie(?:rnes)?|sab(?:ado)?|dom(?:ingo)?|"
    r"mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
    r"\b\.?,? +(?=\w)"
)
_CLOCK = re.compile(
    r"(\d{1,2})(?:[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?)? ?(?:([ap])\.? ?m\b\.?)? ?"
    r"(?:h|hs|hr|hrs|hora|horas)?\.?\Z"
)
_AS_ISO = re.compile(r"\d{4}-?\d\d-?\d\d(?:t\d\d|[t ]\d\d.*(?:z|[+-]\d\d:?\d\d)\Z)")
_YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?!\d)")
_TOGETHER = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
_NUMBERS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?!\d)")
_DAY_WORD = re.compile(
    r"(\d{1,2})(?:°|o\b\.?)?[-/. ]*(?:de )?([a-z]{3,10})\b\.?,?[-/. ]*(?:del? )?(?:ano )?(\d{4}|\d{2})(?!\d)"
)
_WORD_DAY = re.compile(r"([a-z]{3,10})\b\.? (\d{1,2}),? (\d{4})(?!\d)")
_BETWEEN = re.compile(r"(?:,? ?(?:t|a las?|a la|-|–)? ?)")
#: A number of days, as a spreadsheet keeps a date (day 1 is 1 January 1900, and it believes in a 29 February
#: 1900). Only those from 1980 to 2064: a smaller one is a number of something else.
_SERIAL = re.compile(r"([2-5]\d{4})(?:\.(\d+))?\Z")
_FIRST_SERIAL, _LAST_SERIAL = 29_221, 60_000
_EPOCH = datetime(1899, 12, 30)
#: Two-digit years from here on are of the last century.
_CENTURY = 80


def read(text: str, order: Order = "day") -> Written:
    """The moment a text says. Raises ``ValueError`` where it says none."""
    raw = _plain(text)
    if serial := _SERIAL.match(raw):
        days = float(raw)
        if _FIRST_SERIAL <= days <= _LAST_SERIAL:
            # To the second: a spreadsheet's fraction of a day is no nearer.
            seconds = round(days * 86_400)
            return Written(_EPOCH + timedelta(seconds=seconds), serial[2] is not None)
        raise ValueError("no date's number")
    if _AS_ISO.match(raw):
        return Written(datetime.fromisoformat(raw.upper().replace(" ", "T", 1)), True)
    try:
        year, month, day, rest = _date(raw, order)
    except ValueError:
        year, month, day, rest = _date(_WEEKDAY.sub("", raw, count=1), order)
    if not rest:
        return Written(datetime(year, month, day), False)
    between = _BETWEEN.match(rest)
    clock = _CLOCK.match(rest[between.end() :] if between else rest)
    if clock is None or rest[0].isdigit():
        raise ValueError("no time of day")
    hour, minute, second = (int(part or 0) for part in clock.groups()[:3])
    half = clock[4]
    if half is None and clock[2] is None and "h" not in rest:
        raise ValueError("no time of day")
    if half is not None:
        if not 1 <= hour <= 12:
            raise ValueError("no hour of a half day")
        hour = hour % 12 + (12 if half == "p" else 0)
    return Written(datetime(year, month, day, hour, minute, second), True)


def leading(text: str) -> set[Order]:
    """Which orders of day and month a date in figures can have; empty where the question does not arise."""
    numbers = _NUMBERS.match(_WEEKDAY.sub("", _plain(text), count=1))
    if numbers is None:
        return set()
    first, second = int(numbers[1]), int(numbers[2])
    found: set[Order] = set()
    if first <= 31 and second <= 12:
        found.add("day")
    if first <= 12 and second <= 31:
        found.add("month")
    return found


def _plain(text: str) -> str:
    """Lower case, no accents, single plain spaces."""
    letters = unicodedata.normalize("NFKD", text.lower())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


def _date(raw: str, order: Order) -> tuple[int, int, int, str]:
    """Year, month, day, and what follows."""
    for form in (_YEAR_FIRST, _TOGETHER):
        if found := form.match(raw):
            return int(found[1]), int(found[2]), int(found[3]), raw[found.end() :]
    if found := _NUMBERS.match(raw):
        first, second = int(found[1]), int(found[2])
        day, month = (first, second) if order == "day" else (second, first)
        return _year(found[3]), month, day, raw[found.end() :]
    if found := _DAY_WORD.match(raw):
        return _year(found[3]), _month(found[2]), int(found[1]), raw[found.end() :]
    if found := _WORD_DAY.match(raw):
        return _year(found[3]), _month(found[1]), int(found[2]), raw[found.end() :]
    raise ValueError("no date")


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (1900 if year >= _CENTURY else 2000)


def _month(word: str) -> int:
    found = {number for name, number in _MONTHS.items() if len(word) >= _SHORTEST and name.startswith(word)}
    if len(found) != 1:
        raise ValueError("no month")
    return found.pop()
