"""Who had seen what."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.cases.lineage import Lineage


def event(n: str, *saw: str, device: str | None = None, seq: int = 1) -> Any:
    return {"_id": n, "based_on": list(saw), "device": device or f"device-{n}", "device_seq": seq}


def lineage(*events: Any) -> Lineage:
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


def plainly(known: list[dict[str, Any]], one: dict[str, Any]) -> set[str]:
    """Everything ``one`` saw, by saying the rule again and again until nothing is new."""
    by_id, seen, news = {e["_id"]: e for e in known}, set[str](), [one]
    while news:
        now = news.pop()
        same = [e for e in known if e["device"] == now["device"]]
        for name in [*now["based_on"], *(e["_id"] for e in same if e["device_seq"] < now["device_seq"])]:
            if name not in seen:
                seen.add(name)
                news += [by_id[name]] if name in by_id else []
    return seen


NAMES = "abcdefgh"
EVENTS = st.builds(
    lambda saw, device, seq: (saw, device, seq),
    st.lists(st.sampled_from(NAMES), max_size=2),
    st.sampled_from("xyz"),
    st.integers(1, 5),
)


@given(st.lists(EVENTS, min_size=1, max_size=8))
def test_it_is_the_rule_said_plainly(drawn: list[tuple[list[str], str, int]]) -> None:
    events = [event(NAMES[n], *saw, device=device, seq=seq) for n, (saw, device, seq) in enumerate(drawn)]
    known = lineage(*events[:-1])
    seen = plainly(events[:-1], events[-1])
    for name in NAMES:
        if name != events[-1]["_id"]:
            assert known.saw(events[-1], name) == (name in seen)


def test_a_thousand_events_of_one_device_are_looked_at_once() -> None:
    known = lineage(*(event(f"e{n}", device="x", seq=n) for n in range(1, 5001)))
    assert not known.saw(event("last", device="x", seq=5001), "nobody")
