"""Some 1,500 generated requests to a CouchDB and to ``python -m sync``: the same statuses and bodies.

Law: a difference is declared with its reason (``generated.DECLARED``), or the test fails. What CouchDB
answers with a 500, or breaks off, is compared only by our refusing it.
"""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest

from tests.conformance.asked import Ask
from tests.conformance.generated import DECLARED, TOPICS
from tests.conformance.test_against_couchdb import Server, both, mask

pytestmark = pytest.mark.couchdb

__all__ = ["both"]

#: Seconds after which a server is taken not to answer: a feed that waits.
PATIENCE = 5


def answer(server: Server, asked: Ask) -> tuple[int, Any]:
    try:
        status, value, _ = server.ask(asked)
    except (httpx2.TransportError, KeyError):
        return 599, None
    return status, mask(value, server.name)


@pytest.mark.parametrize("topic", TOPICS)
def test_generated(both: tuple[Server, Server], topic: str) -> None:
    wrong = []
    for server in both:
        server.client.timeout = httpx2.Timeout(PATIENCE)
    for asked in TOPICS[topic]:
        ours, theirs = (answer(server, asked) for server in both)
        if ours == theirs or (theirs[0] >= 500 and 400 <= ours[0] < 500):
            continue
        words = " ".join(str(word) for word in asked) + " "
        if not any(re.search(pattern, words) for pattern, _ in DECLARED):
            wrong.append(f"{words}\n  ours    {str(ours)[:300]}\n  CouchDB {str(theirs)[:300]}")
    assert not wrong, "\n".join(wrong)
