"""Whoever waits is told of what is committed after its look, however soon after."""

from __future__ import annotations

import asyncio

import pytest

from sync.embedded import waiting
from sync.embedded.waiting import Waiting

pytestmark = pytest.mark.anyio


async def test_a_commit_right_after_the_first_look_is_told_by_its_ring(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting, "LOOK_SECONDS", 3600.0)
    seq, version = 1, 1

    def look(numbers: list[int]) -> dict[int, int]:
        nonlocal seq, version
        found = dict.fromkeys(numbers, seq)
        if version == 1:  # Another process commits, before anything else is run here.
            seq, version = 2, 2
        return found

    bench = Waiting(lambda: version, look)
    waits = asyncio.create_task(bench.wait(7, 1, 30))
    for _ in range(3):
        await asyncio.sleep(0)
    bench.rung()
    assert await waits
    await bench.close()
