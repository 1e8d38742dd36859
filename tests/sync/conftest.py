"""Fixtures of the tests of sync/: an engine in a folder of its own, and asyncio for coroutines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.embedded import EmbeddedEngine, open_engine


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[EmbeddedEngine]:
    async with await open_engine(tmp_path / "data") as opened:
        yield opened
