"""Instants as documents write them: RFC 3339, UTC, milliseconds, ``Z``.

Law: what ``say`` writes, ``parse`` reads back equal, and the text sorts as time does.
"""

from __future__ import annotations

from datetime import UTC, datetime


def say(instant: datetime) -> str:
    """``2026-11-22T16:05:09.123Z``. ``instant`` must be aware."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse(text: str) -> datetime:
    """An aware UTC datetime. Raises ``ValueError`` for what is no instant."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return instant.astimezone(UTC)
