"""A municipality in a temporary folder, its application, and a clock that moves when told to."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from server.accounts.enrolment import Proof
from server.context import Context, open_context, open_engine
from server.settings import Settings
from server.web.app import make_app
from sync.interface import Engine
from tests.device import Pen
from tests.server.serving import Served, serve


class SetClock:
    """Stands still until ``advance``."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, **duration: float) -> None:
        self._now += timedelta(**duration)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> SetClock:
    # A Monday, 10:05 in Mexico City.
    return SetClock(datetime(2026, 11, 23, 16, 5, 9, 123000, tzinfo=UTC))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", app_dir=tmp_path / "dist")


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[Engine]:
    engine = await open_engine(settings)
    yield engine
    await engine.close()


@pytest.fixture
async def context(settings: Settings, clock: SetClock, engine: Engine) -> AsyncIterator[Context]:
    async with open_context(settings, clock=clock, engine=engine) as context:
        yield context


@pytest.fixture
async def http(context: Context) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=make_app(context), client=("127.0.0.1", 50_000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
async def couch_prefix() -> AsyncIterator[str]:
    """A prefix on the CouchDB of COUCHDB_URL; every database under it is dropped at the end."""
    url = os.environ.get("COUCHDB_URL")
    if not url:
        pytest.skip("needs a real CouchDB named by COUCHDB_URL")
    from sync.couchdb import open_couchdb

    prefix = f"test-{uuid.uuid4()}-"
    yield prefix
    async with await open_couchdb(url, prefix=prefix) as engine:
        for name in await engine.names():
            await engine.delete(name)


async def add_account(context: Context, account: str, role: str, **members: Any) -> None:
    """Store an account document as the registry would."""
    doc = {
        "_id": f"account:{account}",
        "schema": "account.v1",
        "name": account.title(),
        "role": role,
        "blocks": [],
        "active": True,
        "term": None,
        "generation": 1,
        **members,
    }
    await context.directory.create(doc)


def proof(context: Context, pen: Pen) -> Proof:
    """A fresh proof that ``pen`` holds its key, for ``Enrolment`` without HTTP."""
    challenge, _ = context.enrolment.enrolment_challenge(pen.installation)
    return Proof(**pen.proof(challenge))


async def proof_over(http: httpx2.AsyncClient, pen: Pen) -> dict[str, Any]:
    """The same, as members of the body that is posted."""
    answer = await http.post("/api/session/challenge", json={"installation": pen.installation})
    return pen.proof(answer.json()["challenge"])


@pytest.fixture
def served(settings: Settings, clock: SetClock) -> Iterator[Served]:
    with serve(settings, clock=clock) as served:
        yield served
