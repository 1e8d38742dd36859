"""Work that goes on as long as the service does: begun again when it fails, and seen while it does not go.

Law: no failure ends a worker silently. It is logged with its trace, counted, and the work begins anew after a
pause; while it pauses, and where its task ended all the same, the worker is not ``working``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger("manzana.workers")

#: Seconds between a failure and the next beginning.
PAUSE = 5.0


class Worker:
    """``start()`` in a running loop, ``await stop()`` at the end. ``work`` runs for ever by itself."""

    def __init__(self, name: str, work: Callable[[], Awaitable[None]], pause: float = PAUSE) -> None:
        self.name = name
        self.failures = 0
        self._work = work
        self._pause = pause
        self._task: asyncio.Task[None] | None = None
        self._pausing = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def working(self) -> bool:
        """Whether it goes, or was never asked to."""
        return self._task is None or not (self._pausing or self._task.done())

    async def _run(self) -> None:
        while True:
            try:
                await self._work()
                log.error("worker_ended", worker=self.name)
            except Exception as error:
                log.error("worker_failed", worker=self.name, exc_info=error)
            self.failures += 1
            self._pausing = True
            await asyncio.sleep(self._pause)
            self._pausing = False
