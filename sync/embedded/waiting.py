"""Those who wait for a change.

Law: who waits is woken by any commit to the database, whichever process made it; a wake-up too many is
allowed, one too few is not. Commits of this process are told directly. Those of others are told by a bell
(``bell.py``), which may be missed, so SQLite is asked a few times a second too whether the file has changed,
and only while somebody waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

#: Seconds between two looks at the file: what another process writes arrives this late where no bell rang.
LOOK_SECONDS = 0.2
#: Seconds from a ring to the look: a busy neighbour rings after each commit, and one look serves several.
RUNG_SECONDS = 0.001


class Waiting:
    """``look`` gives, for database numbers, those still there with their last sequence; ``version`` the
    file's state.
    """

    def __init__(self, version: Callable[[], int], look: Callable[[list[int]], dict[int, int]]) -> None:
        self._version = version
        self._look = look
        self._waiters: dict[int, set[tuple[int, asyncio.Future[None]]]] = {}
        self._task: asyncio.Task[None] | None = None
        self._seen = 0
        self._soon: asyncio.TimerHandle | None = None

    async def wait(self, number: int, seq: int, timeout: float) -> bool:
        """Until the database has moved past ``seq`` or is gone. False after ``timeout`` seconds."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = (seq, future)
        self._waiters.setdefault(number, set()).add(waiter)
        if self._task is None or self._task.done():
            # Before the look below: what is committed after it is then news.
            self._seen = self._version()
            self._task = asyncio.get_running_loop().create_task(self._watch())
        try:
            # Between the caller's look and now somebody may have committed.
            self._tell(self._look([number]), [number])
            async with asyncio.timeout(timeout):
                await future
            return True
        except TimeoutError:
            return False
        finally:
            left = self._waiters.get(number)
            if left is not None:
                left.discard(waiter)
                if not left:
                    self._waiters.pop(number, None)

    def publish(self, touched: dict[int, int]) -> None:
        """This process has committed: each changed database with its last sequence."""
        for number, seq in touched.items():
            for since, future in self._waiters.get(number, ()):
                if seq > since and not future.done():
                    future.set_result(None)

    def _tell(self, found: dict[int, int], asked: list[int]) -> None:
        self.publish({number: found.get(number, 1 << 62) for number in asked})

    def rung(self) -> None:
        """Another process has committed something."""
        if self._waiters and self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(RUNG_SECONDS, self._look_now)

    def _look_now(self) -> None:
        self._soon = None
        now = self._version()
        if now != self._seen:
            self._seen = now
            asked = list(self._waiters)
            self._tell(self._look(asked), asked)

    async def _watch(self) -> None:
        while self._waiters:
            await asyncio.sleep(LOOK_SECONDS)
            self._look_now()

    async def close(self) -> None:
        """Everybody is woken and finds the engine closed."""
        self._tell({}, list(self._waiters))
        if self._soon is not None:
            self._soon.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
