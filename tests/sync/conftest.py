"""Fixtures of the tests of sync/: an engine in a folder of its own, and asyncio for coroutines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sync.embedded import EmbeddedEngine, open_engine

# How long an example takes says something about the machine and nothing about the code.
settings.register_profile("sync", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sync")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[EmbeddedEngine]:
    async with await open_engine(tmp_path / "data") as opened:
        yield opened
