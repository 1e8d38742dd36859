"""The laws are held on the embedded engine; the intake's own tests run on CouchDB too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.embedded import open_engine
from tests.server.intake.municipality import Municipality


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Municipality]:
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        yield town
