"""Who had seen what."""

from __future__ import annotations

from typing import Any

from server.cases.lineage import Lineage


def event(n: str, *saw: str, device: str | None = None, seq: int = 1) -> dict[str, Any]:
    return {"_id": n, "based_on": list(saw), "device": device or f"device-{n}", "device_seq": seq}


def lineage(*events: dict[str, Any]) -> Lineage:
    known = Lineage()
    for one in events:
        known.add(one)
    return known


def test_what_it_names_was_seen() -> None:
    assert lineage(event("a")).saw(event("b", "a"), "a")
    assert not lineage(event("a")).saw(event("b"), "a")


def test_what_those_had_seen_was_seen() -> None:
    known = lineage(event("a"), event("b", "a"), event("c", "b"))
    assert known.saw(event("d", "c"), "a")
    assert not known.saw(event("d", "a"), "c")


def test_a_device_knows_its_own_earlier_work_and_what_that_had_seen() -> None:
    known = lineage(event("a"), event("b", "a", device="x", seq=4))
    assert known.saw(event("c", device="x", seq=5), "b")
    assert known.saw(event("c", device="x", seq=5), "a")
    assert not known.saw(event("c", device="x", seq=3), "b"), "its later work it cannot have known"


def test_what_is_unknown_ends_the_search_and_circles_do_not_hang_it() -> None:
    known = lineage(event("a", "b"), event("b", "a"), event("c", "gone"))
    assert not known.saw(event("d", "a", "c"), "z")
    assert known.saw(event("d", "c"), "gone")
