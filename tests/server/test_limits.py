"""Buckets refill with time, per key, and stay bounded."""

from __future__ import annotations

import pytest

from server.limits import Limit, network_of
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


def test_an_address_counts_as_its_network() -> None:
    assert network_of("203.0.113.9") == "203.0.113.9"
    assert network_of("2001:db8:1:2:3::1") == network_of("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")
    assert network_of("::ffff:203.0.113.9") == "203.0.113.9"
    assert network_of("fe80::1%eth0") == "fe80::/64"
    assert network_of("no address") == "no address"
