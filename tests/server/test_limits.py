"""Buckets refill with time, per key, and stay bounded."""

from __future__ import annotations

import pytest

from server.limits import Limit
from server.problems import Problem


def test_a_burst_then_a_rate() -> None:
    limit = Limit("x", 3, 60)
    for _ in range(3):
        limit.take("a", 0.0)
    with pytest.raises(Problem) as caught:
        limit.take("a", 0.0)
    assert caught.value.headers["Retry-After"] == "1"
    limit.take("b", 0.0)
    limit.take("a", 1.0)
    with pytest.raises(Problem):
        limit.take("a", 1.5)


def test_what_was_no_guess_is_given_back_and_never_more() -> None:
    limit = Limit("x", 1, 1)
    limit.take("a", 0.0)
    limit.give_back("a")
    limit.give_back("a")
    limit.take("a", 0.0)
    with pytest.raises(Problem):
        limit.take("a", 0.0)


def test_clocks_that_go_back_give_nothing() -> None:
    limit = Limit("x", 1, 60)
    limit.take("a", 100.0)
    with pytest.raises(Problem):
        limit.take("a", 50.0)
