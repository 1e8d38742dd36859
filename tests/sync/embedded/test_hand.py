"""What is handed over is done in its order, all of it before the thread ends."""

from __future__ import annotations

import threading

from sync.embedded.hand import Hand


def test_everything_handed_over_is_done_in_order_by_one_thread() -> None:
    hand = Hand("una-mano")
    done: list[int] = []
    by: set[str] = set()
    begin, through = threading.Event(), threading.Event()

    def work(number: int) -> None:
        assert begin.wait(10)
        done.append(number)
        by.add(threading.current_thread().name)

    for number in range(100):
        hand.give(lambda number=number: work(number))  # type: ignore[misc]
    hand.give(through.set)
    assert done == []
    hand.close()
    hand.give(lambda: done.append(-1))
    begin.set()
    assert through.wait(10)
    assert done == list(range(100))
    assert by == {"una-mano"}
