"""Review flags: raised, reviewed, raised again."""

from __future__ import annotations

from server.cases.flags import Flags


def test_a_flag_stands_until_reviewed() -> None:
    flags = Flags()
    flags.raise_(["late", "after_closing"], 3)
    assert flags.codes() == ["after_closing", "late"]
    flags.review(["late"], 4)
    assert flags.codes() == ["after_closing"]


def test_only_admission_numbers_decide() -> None:
    flags = Flags()
    flags.review(["late"], 4)
    flags.raise_(["late"], 3)
    assert flags.codes() == []
    flags.raise_(["late"], 5)
    flags.raise_(["late"], 2)
    assert flags.codes() == ["late"]
    flags.review(["late"], 4)
    assert flags.codes() == ["late"], "an older review does not lower it"


def test_what_follows_from_the_state_can_be_reviewed_too() -> None:
    flags = Flags()
    assert flags.codes({"returned": 7}) == ["returned"]
    flags.review(["returned"], 8)
    assert flags.codes({"returned": 7}) == []
    assert flags.codes({"returned": 9}) == ["returned"]


def test_a_flag_goes_with_its_last_reason_and_no_other() -> None:
    flags = Flags()
    flags.explain(["sequence_gap"], 3)
    flags.raise_(["sequence_gap", "late"], 3)
    assert flags.codes() == ["late"]
    flags.raise_(["sequence_gap"], 5)
    assert flags.codes() == ["late", "sequence_gap"]
    flags.explain(["sequence_gap"], 5)
    assert flags.codes() == ["late"]
