"""The databases of a municipality on the embedded engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.store.databases import Databases
from sync.embedded import open_engine


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def databases(tmp_path: Path) -> AsyncIterator[Databases]:
    async with await open_engine(tmp_path) as engine:
        yield await Databases.open(engine)
