"""Which reports are asked about: a draw that anybody repeats with the published seed and list.

Law DRAW-1: the reports are those with the smallest SHA-256 of ``<seed>:<folio>``, as many as the share asks
for, rounded up. Neither the order of the list nor anything else matters. Pure.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass

#: Of a hundred, as the municipality's rule has it.
SHARE = 10
#: Two-sided 95 %.
_Z = 1.959964


def key(seed: str, folio: str) -> str:
    """What folios are ordered by: 64 hex digits."""
    return hashlib.sha256(f"{seed}:{folio}".encode()).hexdigest()


def drawn(seed: str, folios: Iterable[str], share: int = SHARE) -> list[str]:
    """The folios that are drawn, in the order of the draw."""
    ordered = sorted(set(folios), key=lambda folio: key(seed, folio))
    return ordered[: math.ceil(len(ordered) * share / 100)]


@dataclass(frozen=True, slots=True)
class Estimate:
    """``share``, ``low`` and ``high`` in a hundred, of ``answered`` answers of a ``population``."""

    share: float
    low: float
    high: float
    answered: int
    population: int

    @property
    def margin(self) -> float:
        """Half of the interval's width, in points."""
        return (self.high - self.low) / 2


def estimate(yes: int, answered: int, population: int) -> Estimate | None:
    """Wilson's interval at 95 %, narrowed for a sample of a small whole; None without an answer."""
    if answered == 0:
        return None
    share = yes / answered
    if answered >= population:
        return Estimate(100 * share, 100 * share, 100 * share, answered, population)
    # What a sample without replacement is worth of one with it.
    worth = answered * (population - 1) / (population - answered)
    z2 = _Z * _Z
    middle = (share + z2 / (2 * worth)) / (1 + z2 / worth)
    half = _Z * math.sqrt(share * (1 - share) / worth + z2 / (4 * worth * worth)) / (1 + z2 / worth)
    return Estimate(
        100 * share, 100 * max(0.0, middle - half), 100 * min(1.0, middle + half), answered, population
    )
