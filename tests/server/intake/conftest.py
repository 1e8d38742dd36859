"""A municipality on each engine: the embedded one always, a CouchDB where ``COUCHDB_URL`` names one."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.embedded import open_engine
from sync.interface import Engine
from tests.server.intake.municipality import Municipality


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Municipality]:
    """On the embedded engine."""
    async with await open_engine(tmp_path / "engine") as engine, Municipality(engine, tmp_path) as town:
        yield town


@pytest.fixture(params=["embedded", pytest.param("couchdb", marks=pytest.mark.couchdb)])
async def either_engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Engine]:
    if request.param == "embedded":
        async with await open_engine(tmp_path / "engine") as engine:
            yield engine
        return
    url = os.environ.get("COUCHDB_URL")
    if not url:
        pytest.skip("needs a real CouchDB named by COUCHDB_URL")
    from sync.couchdb import open_couchdb

    async with await open_couchdb(url, prefix=f"test-{uuid.uuid4()}-") as engine:
        yield engine
        for name in await engine.names():
            await engine.delete(name)


@pytest.fixture
async def any_town(either_engine: Engine, tmp_path: Path) -> AsyncIterator[Municipality]:
    """On each engine in turn."""
    async with Municipality(either_engine, tmp_path) as town:
        yield town
