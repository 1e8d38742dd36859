"""fold, by the shared histories: in any order, doubled, and one record at a time."""

from __future__ import annotations

import random
from typing import Any

from server.cases.fold import FoldState, fold
from server.cases.validation import reasons
from tests.histories import expand, mismatch, records
from tests.tables import cases, table

Json = Any


@cases("fold")
def test_a_history(given: Json, expect: Json | None) -> None:
    report = fold(records(given))
    assert mismatch(expand(expect), report) is None, mismatch(expand(expect), report)


@cases("fold")
def test_any_order_and_doubled(given: Json, expect: Json | None) -> None:
    history = records(given)
    wanted = fold(history)
    chance = random.Random(7)
    assert fold(reversed(history)) == wanted
    for _ in range(5):
        shuffled = [*history, *history]
        chance.shuffle(shuffled)
        assert fold(shuffled) == wanted


@cases("fold")
def test_one_record_at_a_time(given: Json, expect: Json | None) -> None:
    history = records(given)
    state = FoldState()
    for taken, record in enumerate(history, start=1):
        state.add(record)
        assert state.report() == fold(history[:taken])
    backwards = FoldState()
    for record in reversed(history):
        backwards.add(record)
        backwards.report()
    assert backwards.report() == fold(history)


@cases("fold")
def test_every_record_and_report_has_its_schema(given: Json, expect: Json | None) -> None:
    history = records(given)
    report = fold(history)
    if report is not None:
        found = [why for why in reasons("report.v1", report) if "citizen" not in why]
        assert found == []


def test_there_are_enough_histories() -> None:
    assert len(table("fold")["cases"]) >= 80


def test_adding_a_record_twice_says_so() -> None:
    history = records(table("fold")["cases"][0]["given"])
    state = FoldState(history)
    assert state.add(history[0]) is False


def test_the_report_is_a_copy() -> None:
    """What a caller does to a report cannot reach the next one."""
    state = FoldState(records(table("fold")["cases"][1]["given"]))
    first = state.report()
    assert first is not None
    first["assignments"][0]["status"] = "finished"
    first["timeline"].clear()
    first["place"]["street"] = "otra"
    assert state.report() == fold(records(table("fold")["cases"][1]["given"]))
