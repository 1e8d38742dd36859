"""Work that fails is begun again, and is seen while it does not go."""

from __future__ import annotations

import asyncio

import pytest

from server.worker import Worker

pytestmark = pytest.mark.anyio


async def test_what_fails_is_begun_again() -> None:
    begun: asyncio.Queue[int] = asyncio.Queue()

    async def work() -> None:
        begun.put_nowait(begun.qsize())
        if worker.failures < 2:
            raise ZeroDivisionError
        await asyncio.Event().wait()

    worker = Worker("work", work, pause=0.0)
    assert worker.working()
    worker.start()
    for _ in range(3):
        await begun.get()
    assert worker.failures == 2
    assert worker.working()
    await worker.stop()


@pytest.mark.parametrize("way", ["fails", "ends"])
async def test_it_is_seen_while_it_does_not_go(way: str) -> None:
    async def work() -> None:
        if way == "fails":
            raise KeyError(way)

    worker = Worker("work", work, pause=600.0)
    worker.start()
    while worker.working():  # noqa: ASYNC110 - a few turns of the loop
        await asyncio.sleep(0)
    assert worker.failures == 1
    await worker.stop()
    assert worker.working()
