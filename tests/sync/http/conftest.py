"""An application over a fresh engine, with a database ``db``, and a client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest

from sync.embedded import EmbeddedEngine
from sync.http import App, Limits, create_app
from sync.interface import Database
from tests.sync.http.client import client_of

#: Small, so that tests of limits stay small.
LIMITS = Limits(body=300_000, document=20_000, attachment=100_000)


@pytest.fixture
def app(engine: EmbeddedEngine) -> App:
    ids = iter(range(10**6))
    return create_app(engine, limits=LIMITS, uuid="f" * 32, new_id=lambda: f"{next(ids):032x}")


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(app) as client:
        yield client


@pytest.fixture
async def db(engine: EmbeddedEngine) -> Database:
    return await engine.create("db")
