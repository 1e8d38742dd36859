"""Time and new ids, handed in where they are needed.

Law: pure modules never ask for either; an edge asks its ``Clock`` once and passes the value on.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Whoever tells the time: the system, or a test."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def uuid7(moment: datetime, randomness: int) -> str:
    """A version 7 UUID (RFC 9562 §5.7) in canonical lower case.

    ``randomness`` supplies the 74 random bits; higher bits are ignored.
    """
    value = (int(moment.timestamp() * 1000) & (2**48 - 1)) << 80
    value |= 7 << 76
    value |= ((randomness >> 62) & 0xFFF) << 64
    value |= 2 << 62
    value |= randomness & (2**62 - 1)
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def new_uuid7(clock: Clock) -> str:
    """A fresh id, ordered by the time it was made."""
    return uuid7(clock.now(), secrets.randbits(74))
