"""Waits double up to a minute and are spread."""

from __future__ import annotations

import pytest

from sync.replicator.backoff import FIRST, MOST, delay


@pytest.mark.parametrize(("failures", "most"), [(1, FIRST), (2, 1.0), (5, 8.0), (8, MOST), (10_000, MOST)])
def test_between_half_and_all_of_the_doubled_wait(failures: int, most: float) -> None:
    assert delay(failures, lambda: 0.0) == most / 2
    assert delay(failures, lambda: 1.0) == most
