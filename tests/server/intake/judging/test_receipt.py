"""The order of receipts within a batch."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.intake.judging.receipt import in_turn

Json = dict[str, Any]

devices = st.sampled_from(["lucia~1", "marta~2", "pedro~3", None, 7])
numbers = st.one_of(st.integers(-3, 9), st.sampled_from([None, "2", 1.5, True]))
events = st.one_of(
    st.none(), st.just("no event"), st.fixed_dictionaries({"device": devices, "device_seq": numbers})
)


def stands_alone(receipt: Json) -> bool:
    event = receipt["event"]
    if not isinstance(event, dict):
        return True
    return not isinstance(event["device"], str) or type(event["device_seq"]) is not int


@given(st.lists(events, max_size=30))
def test_each_devices_receipts_stand_in_the_order_of_their_numbers(made: list[Any]) -> None:
    given_ = [{"_id": number, "event": event} for number, event in enumerate(made)]
    turns = in_turn(given_)
    assert sorted(receipt["_id"] for receipt in turns) == list(range(len(made)))
    for place, receipt in enumerate(given_):
        if stands_alone(receipt):
            assert turns[place] is receipt
        else:
            # The places of a device stay its own, so nobody else waits longer.
            assert turns[place]["event"]["device"] == receipt["event"]["device"]
    for device in ("lucia~1", "marta~2", "pedro~3"):
        own = [r for r in turns if not stands_alone(r) and r["event"]["device"] == device]
        # Equal numbers keep the order in which they came.
        assert own == sorted(own, key=lambda receipt: (receipt["event"]["device_seq"], receipt["_id"]))
    assert in_turn(turns) == turns
