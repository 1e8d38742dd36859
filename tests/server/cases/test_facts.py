"""The server's facts: recorded once, the same whenever they come."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from server.cases.case import Case
from server.cases.facts import apply_fact, redacted, redactions

FACTS: Any = [
    (2, {"kind": "folio", "folio": "HMO-000001"}),
    (5, {"kind": "folio", "folio": "HMO-000002"}),
    (3, {"kind": "duplicate_joined", "report": "r2"}),
    (4, {"kind": "duplicate_left", "report": "r2"}),
]


def test_any_order_of_facts_gives_the_same_report() -> None:
    found = []
    for order in permutations(FACTS):
        case = Case("0192f3a0-0001-7000-8000-000000000001")
        for admission, fact in order:
            apply_fact(case, fact, admission)
        found.append(case.document())
    assert found[0]["folio"] == "HMO-000001"
    assert found[0]["aliases"] == ["HMO-000002"]
    assert found[0]["duplicates"] == []
    assert all(document == found[0] for document in found)


@pytest.mark.parametrize("kind", ["month_closed", "escalated", "redaction", "of_a_later_version"])
def test_facts_of_the_timeline_change_nothing_else(kind: str) -> None:
    case, same = Case("0192f3a0-0001-7000-8000-000000000001"), Case("0192f3a0-0001-7000-8000-000000000001")
    fact: Any = {"kind": kind}
    apply_fact(case, fact, 2)
    assert case.document() == same.document()


def test_redaction_removes_what_it_names_and_nothing_else() -> None:
    event: Any = {
        "_id": "e1",
        "payload": {"text": "Don Pepe", "type": "leak"},
        "photos": [{"sha256": "a"}],
        "position": {"source": "gps", "lat": 1, "lon": 2},
    }
    fact: Any = {"kind": "redaction", "event": "e1"}
    facts: Any = [{"fact": {**fact, "members": [member]}} for member in ("text", "photos")] + [
        {"event": event}
    ]
    assert redactions(facts) == {"e1": {"text", "photos"}}
    masked = redacted(event, {"text", "photos"})
    assert masked["payload"] == {"type": "leak"}
    assert masked["photos"] == []
    assert masked["position"] == event["position"]
    assert redacted(event, {"position"})["position"] == {"source": "none"}
    assert event["payload"]["text"] == "Don Pepe", "the record itself is not touched"
