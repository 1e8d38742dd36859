"""Days and instants as people here say them (es-MX).

Law: the year is said unless it is this one; a clock has 24 hours. Pure: local times in, words out.
"""

from __future__ import annotations

from datetime import date, datetime

MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
    "noviembre", "diciembre",
)  # fmt: skip


def day_in_words(day: date, this_year: int | None = None) -> str:
    """``28 de noviembre``; with its year where that is not ``this_year``."""
    said = f"{day.day} de {MONTHS[day.month - 1]}"
    return said if day.year == this_year else f"{said} de {day.year}"


def moment_in_words(moment: datetime, this_year: int | None = None) -> str:
    """``28 de noviembre, 10:32``; ``moment`` in the municipality's time."""
    return f"{day_in_words(moment, this_year)}, {moment:%H:%M}"


def brief(moment: datetime, this_year: int | None = None) -> str:
    """``28 nov, 10:32``, for lists."""
    said = f"{moment.day} {MONTHS[moment.month - 1][:3]}"
    return f"{said}, {moment:%H:%M}" if moment.year == this_year else f"{said} {moment.year}, {moment:%H:%M}"
