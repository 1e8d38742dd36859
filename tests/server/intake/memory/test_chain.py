"""Numbering, gaps and outcomes of one device."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.cases.validation import reasons
from server.delivery.acknowledgement import acknowledgement
from server.intake.memory import chain as chains

Json = Any
DEVICE = "lucia~018f0000-0000-7000-8000-000000000001"
AT = "2026-11-23T16:00:00.000Z"


def event_id(number: int) -> str:
    return f"event:018f0000-0000-7000-8000-000000000001:018f0000-0000-7000-8000-{number:012d}"


def after(*numbers: int) -> Json:
    chain = chains.new_chain(DEVICE)
    for number in numbers:
        chains.advance(chain, number, f"hash{number}", AT)
    return chain


@pytest.mark.parametrize(
    ("seen", "seq", "prev", "flags"),
    [
        ((), 1, None, []),
        ((), 1, "hash0", ["chain_broken"]),
        ((1,), 2, "hash1", []),
        ((1,), 2, "other", ["chain_broken"]),
        ((1,), 2, None, ["chain_broken"]),
        ((1,), 3, "hash2", ["sequence_gap"]),
        ((1, 2), 2, "hash1", ["sequence_reused"]),
        ((1, 4), 3, "hash2", []),
        ((1, 4), 5, "hash4", []),
        ((2,), 1, None, []),
    ],
)
def test_what_is_odd_about_a_number(
    seen: tuple[int, ...], seq: int, prev: str | None, flags: list[str]
) -> None:
    assert chains.flags_of(after(*seen), seq, prev) == flags


@given(st.lists(st.integers(1, 30), max_size=40))
def test_gaps_are_what_is_missing_whatever_the_order(numbers: list[int]) -> None:
    chain = after(*numbers)
    ack = acknowledgement(chain)
    missing = {n for low, high in ack["gaps"] for n in range(low, high + 1)}
    assert missing == set(range(1, max(numbers, default=0) + 1)) - set(numbers)
    assert ack["through"] == (min(missing) - 1 if missing else max(numbers, default=0))
    again = after(*numbers, *numbers)
    assert again["gaps"] == chain["gaps"]


def test_the_previous_effective_instant_is_the_heads() -> None:
    chain = chains.new_chain(DEVICE)
    assert chains.previous_effective(chain, 1) is None
    chains.advance(chain, 3, "h", AT)
    assert chains.previous_effective(chain, 4) == AT
    assert chains.previous_effective(chain, 2) is None


def test_outcomes_replace_each_other_and_are_told_once() -> None:
    chain = chains.new_chain(DEVICE)
    trouble: Any = {
        "event": event_id(1),
        "code": "report_unknown",
        "message": "Espera.",
        "reason": "r",
        "at": AT,
    }
    chains.quarantine(chain, trouble)
    refused: Any = {**trouble, "code": "event_invalid"}
    chains.refuse(chain, refused)
    assert chain["quarantined"] == []
    chains.accept(chain, event_id(1), 7, "VP-000001")
    chains.accept(chain, event_id(1), 7, "VP-000001")
    assert chain["refused"] == []
    ack = acknowledgement(chain)
    assert ack["items"] == [[event_id(1), 7, "VP-000001"]]
    assert reasons("ack.v1", ack) == []


def filled(items: int, photos: int = 0) -> Json:
    chain = chains.new_chain(DEVICE)
    for number in range(1, items + 1):
        chains.accept(chain, event_id(number), number, None)
    for number in range(photos):
        chains.judge_photo(chain, {"sha256": f"{number:064x}", "verdict": "ok"})
    return chain


@pytest.mark.parametrize(
    ("items", "photos"), [(0, 0), (50, 0), (51, 0), (0, 51), (30, 40), (49, 130), (400, 0), (140, 1)]
)
def test_an_acknowledgement_stays_small_and_pages_list_the_rest_once(items: int, photos: int) -> None:
    chain = filled(items, photos)
    pages = chains.close_pages(chain)
    assert all(len(page["items"]) + len(page["photos"]) == chains.PAGE for page in pages)
    assert len(chain["items"]) + len(chain["photos"]) <= chains.PAGE
    assert chain["pages"] == len(pages) == max(0, items + photos - 1) // chains.PAGE
    said = [acknowledgement(doc) for doc in (*pages, chain)]
    assert [item[1] for ack in said for item in ack["items"]] == list(range(1, items + 1))
    assert len({photo["sha256"] for ack in said for photo in ack["photos"]}) == photos
    for ack in said:
        assert reasons("ack.v1", ack) == []
        assert len(json.dumps(ack)) < 8_000
    assert [ack["_id"] for ack in said[:-1]] == [f"ack:{DEVICE}:{number + 1}" for number in range(len(pages))]


def test_what_a_page_lists_is_not_listed_again() -> None:
    chain = filled(120)
    chains.close_pages(chain)
    again: Any = dict(chain)
    for number in range(1, 121):
        chains.accept(again, event_id(number), number, None)
    assert chains.close_pages(again) == []
    assert again == chain


def test_the_newest_twenty_pages_are_kept() -> None:
    assert list(chains.kept(0)) == []
    assert list(chains.kept(3)) == [1, 2, 3]
    assert list(chains.kept(25)) == list(range(6, 26))


def test_a_photos_newest_verdict_stands() -> None:
    chain = chains.new_chain(DEVICE)
    chains.judge_photo(chain, {"sha256": "a" * 64, "verdict": "refused", "code": "photo_truncated"})
    chains.judge_photo(chain, {"sha256": "a" * 64, "verdict": "ok"})
    assert chain["photos"] == [{"sha256": "a" * 64, "verdict": "ok"}]


def covered(ack: Json, seq: int) -> bool:
    """As a phone reads it (pwa/src/app/sync/custody.ts)."""
    return seq <= ack["through"] and not any(low <= seq <= high for low, high in ack["gaps"])


@given(st.lists(st.integers(1, 700), min_size=150, max_size=350), st.booleans())
def test_what_an_acknowledgement_covers_has_come_however_much_is_missing(
    numbers: list[int], odd_only: bool
) -> None:
    came = [2 * number for number in (sorted(numbers) if odd_only else numbers)]
    chain = after(*came)
    ack = acknowledgement(chain)
    assert {n for n in range(1, 1500) if covered(ack, n)} <= set(came)
    assert len(chain["gaps"]) <= chains.GAPS
    missing = {n for low, high in ack["gaps"] for n in range(low, high + 1)}
    assert missing >= set(range(1, max(came) + 1)) - set(came)


def test_a_number_that_came_and_is_said_to_be_missing_is_no_new_trouble() -> None:
    chain = after(*range(2, 500, 2))
    assert len(chain["gaps"]) == chains.GAPS
    assert chains.flags_of(chain, 400, "whatever") == []
    chains.advance(chain, 400, "hash400", AT)
    assert len(chain["gaps"]) == chains.GAPS
    for number in range(1, 500):
        chains.advance(chain, number, f"hash{number}", AT)
    assert (chain["gaps"], acknowledgement(chain)["through"]) == ([], 499)


def test_what_came_and_is_said_to_be_missing_is_listed_again_when_it_comes_again() -> None:
    chain: Any = {**after(*range(2, 500, 2)), "paged": 300}
    chains.accept(chain, event_id(200), 100, None, 400)
    assert [item[1] for item in chain["items"]] == [100]
    chains.accept(chain, event_id(1), 1, None, 2)
    assert len(chain["items"]) == 1


def _joined(chain: Any, stored: Any) -> Any:
    return {**chain, **stored}


def test_a_chain_that_dropped_its_oldest_gaps_covers_them_no_longer() -> None:
    stored: Any = {**after(), "through": 302, "gaps": [[n, n] for n in range(103, 303, 2)]}
    del stored["merging"]
    chain = chains.healed(_joined(chains.new_chain(DEVICE), stored), stored)
    assert acknowledgement(chain)["through"] == 0
    assert chains.healed(chain, chain) is chain
    few: Any = {name: value for name, value in after(1, 3).items() if name != "merging"}
    assert acknowledgement(chains.healed(few, few))["through"] == 1


def trouble_of(number: int) -> Json:
    return {"event": event_id(number), "code": "event_invalid", "message": "No.", "reason": "r", "at": AT}


@pytest.mark.parametrize("put", [chains.refuse, chains.quarantine])
def test_a_trouble_that_finds_no_room_is_never_taken_for_admitted(put: Any) -> None:
    count = chains.TROUBLES + 30
    chain = after(*range(1, count + 1))
    for number in range(1, count + 1):
        put(chain, trouble_of(number), number)
    ack = acknowledgement(chain)
    assert reasons("ack.v1", ack) == []
    listed = {entry["event"] for entry in (*ack["refused"], *ack["quarantined"])}
    assert len(listed) == chains.TROUBLES
    assert not [n for n in range(1, count + 1) if covered(ack, n) and event_id(n) not in listed]
    for number in range(1, count + 1):  # all are admitted after all
        chains.accept(chain, event_id(number), number, None, number)
    assert acknowledgement(chain)["through"] == count


def test_troubles_that_earlier_versions_listed_are_counted_as_come_by_nobody() -> None:
    stored: Any = {**after(*range(1, 301)), "refused": [trouble_of(n) for n in range(101, 301)]}
    del stored["merging"]
    assert acknowledgement(chains.healed(stored, stored))["through"] == 0
    few: Any = {**stored, "refused": stored["refused"][:-1]}
    chain = chains.healed(few, few)
    chains.refuse(chain, trouble_of(400), None)
    chains.refuse(chain, trouble_of(401), None)
    assert acknowledgement(chain)["through"] == 0


def test_a_carried_trouble_is_no_number_of_who_carried_it() -> None:
    chain = after(1, 2)
    for number in range(chains.TROUBLES + 1):
        chains.refuse(chain, trouble_of(number), None)
    assert acknowledgement(chain)["through"] == 2


@given(st.lists(st.sampled_from("ABCD"), max_size=12))
def test_applying_an_outcome_again_moves_nothing_whatever_came_between(again: list[str]) -> None:
    def tell(chain: Json, names: list[str]) -> Json:
        for name in names:
            number = ord(name)
            if name == "A":
                chains.refuse(chain, trouble_of(1), 1)
                chains.refuse(chain, trouble_of(2), 2)
            elif name == "B":
                chains.quarantine(chain, trouble_of(number), number)
            else:
                chains.accept(chain, event_id(number), number, None, number)
                chains.judge_photo(chain, {"sha256": f"{number:064x}", "verdict": "ok"})
        return chain

    assert tell(tell(chains.new_chain(DEVICE), list("ABCD")), again) == tell(
        chains.new_chain(DEVICE), list("ABCD")
    )
