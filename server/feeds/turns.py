"""Overload: pulls take turns, and those that would wait too long are told to come back.

Law: a push never comes through here. What is shed loses nothing: the phone asks again, each at another
moment.
"""

from __future__ import annotations

import asyncio
import random

from server.problems import Problem

#: Answers made at once, so that a storm of pulls leaves the processor to pushes; and how many may wait
#: for that.
AT_ONCE = 4
WAITING = 2_000
#: Seconds a pull waits for its turn before it is told to come back.
PATIENCE = 20.0


class Turns:
    """Admits pulls a few at a time (``async with``) and sheds what would wait too long."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING, patience: float = PATIENCE) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._most = waiting
        self._patience = patience
        self.waiting = 0

    async def __aenter__(self) -> None:
        """Raises ``unavailable`` with a ``Retry-After`` that differs from phone to phone."""
        if self.waiting >= self._most:
            raise self.shed()
        if not self._free.locked():
            await self._free.acquire()
            return
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            raise self.shed() from None
        finally:
            self.waiting -= 1

    async def __aexit__(self, *_: object) -> None:
        self._free.release()

    def shed(self) -> Problem:
        # Spread over half a minute: phones that come back together would meet the same crowd.
        return Problem("unavailable", "too many pulls", headers={"Retry-After": str(random.randint(5, 35))})
