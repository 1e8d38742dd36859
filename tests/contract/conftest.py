"""Each contract test runs on every engine, in a database of its own that is dropped afterwards."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from sync.errors import DatabaseNotFound
from sync.interface import Database, Engine
from tests.contract.engines import ENGINES

Make = Callable[[], Awaitable[Database]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=list(ENGINES))
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Engine]:
    async with ENGINES[request.param](tmp_path / "data") as opened:
        yield opened


@pytest.fixture
async def make(engine: Engine) -> AsyncIterator[Make]:
    """Makes further databases, all named ``test-<uuid>-…``."""
    made: list[str] = []

    async def one() -> Database:
        made.append(f"test-{uuid.uuid4()}-contract")
        return await engine.create(made[-1])

    yield one
    for name in made:
        try:
            await engine.delete(name)
        except DatabaseNotFound:
            continue


@pytest.fixture
async def db(make: Make) -> Database:
    return await make()
