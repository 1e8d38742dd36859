"""One thread that does what it is handed, in the order given.

Law: nothing is waited for here and nothing is answered: who hands a piece of work over sees to it that the
work itself tells how it went. An executor would make a future with a lock and two queues for each.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue


class Hand:
    """``close`` lets it finish what it has; without it the thread ends with the process, like a crash."""

    def __init__(self, name: str) -> None:
        self._line: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def give(self, work: Callable[[], None]) -> None:
        """``work`` must not raise: nobody would hear of it."""
        self._line.put(work)

    def close(self) -> None:
        self._line.put(None)

    def _work(self) -> None:
        while (work := self._line.get()) is not None:
            work()
