"""Days, months and spans as documents say them (es-MX). Pure; never the process's locale."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from server.instants import parse

DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
    "noviembre", "diciembre",
)  # fmt: skip


def long_day(day: date, *, weekday: bool = True) -> str:
    """``viernes 27 de noviembre de 2026``."""
    said = f"{day.day} de {MONTHS[day.month - 1]} de {day.year}"
    return f"{DAYS[day.weekday()]} {said}" if weekday else said


def month_words(month: str) -> str:
    """``noviembre de 2026`` of ``2026-11``."""
    year, _, number = month.partition("-")
    return f"{MONTHS[int(number) - 1]} de {year}"


def moment(instant: str | None, zone: ZoneInfo) -> str | None:
    """``23/11/2026 10:05`` in the municipality's time."""
    return local(instant, zone).strftime("%d/%m/%Y %H:%M") if instant else None


def day(instant: str | None, zone: ZoneInfo) -> str:
    """``23/11/2026``; empty for none."""
    return local(instant, zone).strftime("%d/%m/%Y") if instant else ""


def span(since: str, until: str) -> str:
    """``4 min``, ``3 h 40 min``, ``2 días 3 h``."""
    minutes = max(0, int((parse(until) - parse(since)).total_seconds() // 60))
    hours, rest = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} {'día' if days == 1 else 'días'} {hours} h"
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def local(instant: str, zone: ZoneInfo) -> datetime:
    return parse(instant).astimezone(zone)
