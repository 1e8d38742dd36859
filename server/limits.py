"""Rate limits: buckets that refill, by network or account.

Law: a limit never touches a push or a check-in; it guards the doors where guessing pays (codes, passwords,
challenges). Buckets live in memory and are bounded; the oldest leave first. Pure: ``now`` is passed in.
"""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict

from server.problems import Problem

#: Buckets kept per limit: an attacker with many addresses costs memory, never more than this.
_KEPT = 50_000


def network_of(address: str) -> str:
    """The key of whoever asks from ``address``: an IPv4 address, an IPv6 network of 64 bits.

    One subscriber has 2^64 addresses of such a network and can use another for each try.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


class Limit:
    """``burst`` tries at once, then ``per_minute`` more each minute, for each key."""

    def __init__(self, name: str, burst: int, per_minute: float) -> None:
        self.name = name
        self._burst = float(burst)
        self._rate = per_minute / 60
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, now: float, cost: float = 1.0) -> None:
        """Spend from ``key``'s bucket; ``now`` in seconds, monotonic. Raises ``too_many_requests``."""
        level, then = self._buckets.pop(key, (self._burst, now))
        level = min(self._burst, level + max(0.0, now - then) * self._rate)
        if level < cost:
            self._buckets[key] = (level, now)
            wait = math.ceil((cost - level) / self._rate)
            raise Problem(
                "too_many_requests", f"limit {self.name}", headers={"Retry-After": str(max(1, wait))}
            )
        self._buckets[key] = (level - cost, now)
        if len(self._buckets) > _KEPT:
            self._buckets.popitem(last=False)

    def give_back(self, key: str, cost: float = 1.0) -> None:
        """Undo a ``take``: what succeeded is no guess."""
        level, then = self._buckets.get(key, (self._burst, 0.0))
        self._buckets[key] = (min(self._burst, level + cost), then)
