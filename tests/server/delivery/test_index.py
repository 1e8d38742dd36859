"""Reports by key, accounts by key, and what a full mailbox keeps."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.cases.scope import WIDTH
from server.delivery.index import Entry, Holders, ReportIndex, entry_of, keep

Json = Any


def entry(
    closed_at: str | None = None, priority: int = 3, captured_at: str = "2026-01-01", **keys: Any
) -> Entry:
    return Entry(keys or {"k": "full"}, closed_at, priority, captured_at)


def test_views_are_the_widest_and_what_is_replaced_is_gone() -> None:
    index = ReportIndex()
    index.put("r1", entry(a="card", b="full"))
    index.put("r2", entry(a="own"))
    assert index.views(["a"]) == {"r1": "card", "r2": "own"}
    assert index.views(["a", "b"]) == {"r1": "full", "r2": "own"}
    assert index.at_most(["a", "b"]) == 3
    before = index.put("r1", entry(c="full"))
    assert before is not None
    assert dict(before.keys) == {"a": "card", "b": "full"}
    assert index.views(["a", "b"]) == {"r2": "own"}
    index.put("r1", None)
    index.put(
        "r2", entry_of(stored(status="finished", finished_at="2026-01-01"), {"a": "full"}, "2026-02-01")
    )
    assert index.entries == {}


NAMES = st.sampled_from("abcd")
KEYS = st.dictionaries(NAMES, st.sampled_from(["full", "card", "own"]), max_size=3)


@given(st.lists(st.tuples(st.sampled_from("123"), KEYS), max_size=12), st.sets(NAMES))
def test_reports_under_equal_keys_are_held_together_and_told_apart(
    puts: list[tuple[str, Any]], asked: set[str]
) -> None:
    index, plain = ReportIndex(), dict[str, Any]()
    for report, keys in puts:
        index.put(report, Entry(keys, None, 3, "2026-01-01"))
        plain[report] = keys
    expected: Json = {}
    for report, keys in plain.items():
        view = max((keys[key] for key in asked if key in keys), key=WIDTH.__getitem__, default=None)
        if view is not None:
            expected[report] = view
    assert index.views(asked) == expected
    assert index.at_most(asked) == sum(key in asked for keys in plain.values() for key in keys)
    assert {report: dict(entry.keys) for report, entry in index.entries.items()} == {
        report: keys for report, keys in plain.items() if keys
    }
    shared = {id(entry.keys) for entry in index.entries.values()}
    assert len(shared) == len({frozenset(keys.items()) for keys in plain.values() if keys})


def stored(**members: Any) -> Json:
    base = {"status": "captured", "finished_at": None, "priority": 3, "captured_at": "2026-01-01"}
    return {**base, "timeline": [{"at": "2026-01-05"}], **members}


def test_what_closed_before_the_horizon_keeps_only_the_desks_key() -> None:
    keys: Any = {"sector:s": "full", "desk": "full"}
    assert dict(entry_of(stored(), keys, "2026-02-01").keys) == keys
    closed = stored(status="finished", finished_at="2026-01-10")
    assert dict(entry_of(closed, keys, "2026-01-10").keys) == keys
    assert dict(entry_of(closed, keys, "2026-01-11").keys) == {"desk": "full"}
    assert entry_of(stored(status="withdrawn"), keys, "2026-02-01").closed_at == "2026-01-05"


@pytest.mark.parametrize(
    ("cap", "kept", "alarm"),
    [
        (6, ["card", "low", "new", "old", "urgent", "older"], False),
        (5, ["card", "low", "new", "urgent", "older"], False),
        (4, ["card", "low", "urgent", "older"], False),
        (3, ["low", "urgent", "older"], True),
        (1, ["urgent"], True),
    ],
)
def test_oldest_closed_leave_first_then_cards_then_the_least_urgent(
    cap: int, kept: list[str], alarm: bool
) -> None:
    entries = {
        "old": entry("2026-01-02"),
        "new": entry("2026-01-03"),
        "card": entry(priority=1),
        "urgent": entry(priority=1, captured_at="2026-03-01"),
        "older": entry(captured_at="2026-01-01"),
        "low": entry(captured_at="2026-01-02"),
    }
    views: Any = {name: "card" if name == "card" else "full" for name in entries}
    found = keep(views, entries, cap)
    assert sorted(found.views) == sorted(kept)
    assert found.alarm is alarm


def scope(account: str, **members: Any) -> Json:
    return {"account": account, "role": "block_leader", "blocks": [], "in_office": True, **members}


def test_holders_follow_scopes() -> None:
    holders = Holders()
    assert holders.put("lucia", scope("lucia", blocks=["b1", "b2"])) is True
    assert holders.put("lucia", scope("lucia", blocks=["b2", "b1"])) is False
    holders.put("marta", scope("marta", blocks=["b2"]))
    assert holders.audience({"block:b2": "card", "author:marta": "own"}) == {"lucia": "card", "marta": "card"}
    assert holders.of("block:b2") == {"lucia", "marta"}
    holders.put("lucia", scope("lucia", blocks=["b1"], in_office=False))
    assert holders.audience({"block:b1": "full", "block:b2": "full"}) == {"marta": "full"}
