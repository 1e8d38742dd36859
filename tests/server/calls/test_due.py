"""A call is owed for what happened, once, and to nobody a third time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.calls.due import MOST_SPOKEN, matter_of, owed
from server.instants import say

Json = dict[str, Any]
NOW = datetime(2026, 11, 23, 16, 5, 9, tzinfo=UTC)


def ago(**span: float) -> str:
    return say(NOW - timedelta(**span))


def report(name: str = "a", **members: Any) -> Json:
    return {
        "_id": f"report:{name}",
        "status": "captured",
        "verified": None,
        "finished_at": None,
        "due_at": ago(days=-3),
        "answer_due_at": ago(hours=-3),
        "answered_at": None,
        "timeline": [],
        **members,
    }


def contact(report: str, outcome: str, **span: float) -> Json:
    return {"report": report, "outcome": outcome, "at": ago(**span)}


ANSWERED = {"kind": "answered", "at": ago(hours=1)}
MATTERS: list[tuple[Json, tuple[str, str] | None]] = [
    ({}, None),
    ({"answer_due_at": ago(hours=1)}, ("unanswered", ago(hours=-3))),
    ({"answer_due_at": ago(hours=1), "answered_at": ago(hours=2)}, None),
    ({"due_at": ago(hours=1), "answer_due_at": ago(days=3)}, ("overdue", ago(hours=-23))),
    ({"due_at": ago(days=61)}, None),
    ({"status": "finished", "finished_at": ago(days=2)}, ("closed", ago(days=-1))),
    ({"status": "not_viable", "finished_at": ago(days=2)}, ("closed", ago(days=-1))),
    ({"status": "finished", "finished_at": ago(days=2), "timeline": [ANSWERED]}, None),
    ({"status": "finished", "finished_at": ago(days=15)}, None),
    (
        {"status": "finished", "finished_at": ago(days=2), "verified": {"solved": True, "at": ago(days=1)}},
        None,
    ),
    (
        {"status": "finished", "finished_at": ago(days=2), "verified": {"solved": False, "at": ago(hours=1)}},
        ("not_solved", ago(hours=-23)),
    ),
    ({"status": "withdrawn", "due_at": ago(days=1)}, None),
    ({"status": "duplicate", "due_at": ago(days=1)}, None),
]


@pytest.mark.parametrize(("members", "wanted"), MATTERS, ids=range(len(MATTERS)))
def test_why_and_by_when(members: Json, wanted: tuple[str, str] | None) -> None:
    found = matter_of(report(**members), NOW)
    assert (found and (found.why, found.by)) == wanted


def test_a_person_with_several_reports_is_one_call() -> None:
    reports = [
        report("a", due_at=ago(days=2)),
        report("b", answer_due_at=ago(hours=1)),
        report("c", due_at=ago(days=1)),
    ]
    found = owed(reports, {"a": "p", "b": "p", "c": "q"}, [], NOW)
    assert [(one.person, [matter.report for matter in one.matters]) for one in found] == [
        ("p", ["a", "b"]),
        ("q", ["c"]),
    ]
    assert owed(reports, {}, [], NOW) == [], "without a telephone nobody can be called"


def test_a_call_is_owed_once_for_each_matter_and_three_times_tried() -> None:
    late = report("a", due_at=ago(days=2))
    whose = {"a": "p"}
    assert owed([late], whose, [contact("a", "reached", days=3)], NOW), (
        "that call was about something earlier"
    )
    assert not owed([late], whose, [contact("a", "reached", days=1)], NOW)
    tries = [contact("a", "no_answer", hours=n) for n in (1, 20, 40)]
    (one,) = owed([late], whose, tries[:2], NOW)
    assert one.tries == 2
    assert not owed([late], whose, tries, NOW)


def test_nobody_is_spoken_to_a_third_time() -> None:
    reports = [report(name, due_at=ago(days=2)) for name in "abcd"]
    whose = dict.fromkeys("abcdxyz", "p")
    spoken = [contact("x", "reached", days=20), contact("y", "reached", days=9)]
    assert len(spoken) == MOST_SPOKEN
    assert not owed(reports, whose, spoken, NOW)
    assert owed(reports, whose, spoken[:1], NOW)
    assert owed(reports, whose, [spoken[1], contact("x", "reached", days=31)], NOW), "a month ago"
    one_call = [contact("x", "reached", days=9), contact("y", "reached", days=9)]
    assert owed(reports, whose, one_call, NOW), "one call about two reports is one"
    for outcome in ("wrong_number", "refused"):
        assert not owed(reports, whose, [contact("z", outcome, days=40)], NOW)
