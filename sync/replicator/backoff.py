"""How long to wait before trying again: doubling, bounded, spread so that many do not meet again. Pure."""

from __future__ import annotations

from collections.abc import Callable

#: Seconds: the first wait, and the most; CouchDB's replicator too looks again about every minute at last.
FIRST = 0.5
MOST = 60.0


def delay(failures: int, rand: Callable[[], float]) -> float:
    """Seconds after the ``failures``-th failure in a row: between half and all of the doubled wait."""
    most: float = min(MOST, FIRST * 2 ** min(failures - 1, 16))
    return most * (0.5 + rand() / 2)
