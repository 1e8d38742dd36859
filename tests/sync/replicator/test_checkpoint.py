"""Where two logs agree, and how entries are added."""

from __future__ import annotations

from typing import Any

import pytest

from sync.replicator.checkpoint import HISTORY, VERSION, common_sequence, replication_id, with_entry


def log(*entries: tuple[str, str]) -> dict[str, Any]:
    built: dict[str, Any] = {}
    for session, seq in reversed(entries):
        built = with_entry(built, {"session_id": session, "recorded_seq": seq})
    return built


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ({}, {}, "0"),
        (log(("a", "5")), {}, "0"),
        (log(("a", "5")), log(("a", "5")), "5"),
        (log(("a", "9"), ("a", "5")), log(("a", "5")), "5"),
        (log(("a", "5")), log(("a", "9"), ("a", "5")), "5"),
        (log(("b", "9"), ("a", "5")), log(("c", "9"), ("a", "5")), "5"),
        (log(("b", "9")), log(("a", "9")), "0"),
        (log(("a", "9")), log(("a", "5")), "0"),
        ({**log(("a", "5")), "replication_id_version": VERSION - 1}, log(("a", "5")), "0"),
        ({"replication_id_version": VERSION, "history": "?"}, log(("a", "5")), "0"),
        ({"replication_id_version": VERSION, "history": [1, {"session_id": 2}]}, log(("a", "5")), "0"),
    ],
)
def test_the_newest_sequence_that_both_recorded(
    source: dict[str, Any], target: dict[str, Any], expected: str
) -> None:
    assert common_sequence(source, target) == expected


def test_a_log_keeps_its_newest_entries() -> None:
    built: dict[str, Any] = {}
    for n in range(HISTORY + 10):
        built = with_entry(built, {"session_id": "a", "recorded_seq": str(n)})
    newest = [str(n) for n in range(HISTORY + 9, 9, -1)]
    assert [entry["recorded_seq"] for entry in built["history"]] == newest
    assert built["source_last_seq"] == str(HISTORY + 9)


def test_the_id_depends_on_the_databases_and_the_filter() -> None:
    ids = {
        replication_id("a", "b", None, None),
        replication_id("b", "a", None, None),
        replication_id("a", "b", ["x"], None),
        replication_id("a", "b", None, {"n": 1}),
    }
    assert len(ids) == 4
    assert replication_id("a", "b", ["x", "y"], None) == replication_id("a", "b", ["y", "x"], None)
