"""Effects one at a time, where a history would hide which of them did it."""

from __future__ import annotations

from typing import Any

import pytest

from server.cases.assignments import made
from server.cases.case import Case
from server.cases.effects import EFFECTS, KEPT
from tests.histories import records, report_id
from tests.tables import table

Json = Any

CAPTURE: Json = table("fold")["cases"][0]["given"]["records"][0]


def after(*shorts: Json) -> tuple[Case, Json]:
    """A captured case, and the last record of the history, not applied yet."""
    numbered = [{**short, "n": n} for n, short in enumerate([CAPTURE, *shorts], start=1)]
    history = records({"records": numbered})
    case = Case(report_id(1))
    for record in history:
        case.lineage.add(record["event"])
    EFFECTS["capture"](case, history[0], history[0]["event"])
    return case, history[-1]


def apply(effect: str, short: Json) -> tuple[Case, tuple[list[str], bool]]:
    case, record = after(short)
    return case, EFFECTS[effect](case, record, record["event"])


def test_merging_into_itself_asks_for_nothing() -> None:
    case, answer = apply("merge", {"kind": "marked_duplicate", "by": "mesa", "payload": {"of": "#1"}})
    assert answer == (["duplicate_of_itself"], True)
    assert case.duplicate_of is None


def test_merging_crosswise_is_kept_out_by_intake_s_flag() -> None:
    short = {"kind": "marked_duplicate", "by": "mesa", "payload": {"of": "#2"}, "flags": ["duplicate_cycle"]}
    case, answer = apply("merge", short)
    assert answer == KEPT
    assert case.duplicate_of is None


def test_a_return_that_leaves_open_orders_keeps_the_status() -> None:
    payload = {"reason": "other", "brigade": "luz-1"}
    case, record = after({"kind": "returned", "by": "mesa", "payload": payload})
    for brigade in ("luz-1", "luz-2"):
        case.assignments.append(made("alumbrado", None, brigade, "t0", None))
    assert EFFECTS["return"](case, record, record["event"]) == ([], True)
    case.assignments[1]["status"] = case.assignments[0]["status"] = "assigned"
    case.assignments.pop()
    assert EFFECTS["return"](case, record, record["event"]) == ([], False)


@pytest.mark.parametrize(
    ("priority", "seen", "stands"), [(1, 4, 1), (3, 3, 3), (4, 3, 4), (4, 4, 3), (2, 1, 2)]
)
def test_priority_from_three(priority: int, seen: int, stands: int) -> None:
    short = {"kind": "prioritized", "by": "pc1", "payload": {"priority": priority, "seen_priority": seen}}
    case, (flags, kept) = apply("prioritize", short)
    assert case.priority == stands
    assert flags == ([] if stands == priority else ["priority_disputed"])
    assert not kept


@pytest.mark.parametrize(
    ("kind", "effect"),
    [("amended", "amend"), ("assigned", "assign"), ("visited", "visit"), ("finished", "finish")],
)
def test_an_effect_never_touches_the_record(kind: str, effect: str) -> None:
    histories = [case["given"]["records"] for case in table("fold")["cases"]]
    example = next(short for history in histories for short in history if short.get("kind") == kind)
    case, record = after(example)
    before = repr(record)
    EFFECTS[effect](case, record, record["event"])
    assert repr(record) == before
