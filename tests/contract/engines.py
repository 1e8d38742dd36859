"""The engines that the contract is held against, each as an async context manager over a new, empty engine.

To add one: give it a name and an opener here. An opener may skip with its reason.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from sync.couchdb import open_couchdb
from sync.embedded import open_engine
from sync.http import create_app
from sync.interface import Engine
from tests.sync.serving import served

Opener = Callable[[Path], AbstractAsyncContextManager[Engine]]


@asynccontextmanager
async def embedded(folder: Path) -> AsyncIterator[Engine]:
    async with await open_engine(folder) as engine:
        yield engine


@asynccontextmanager
async def http(folder: Path) -> AsyncIterator[Engine]:
    """The embedded engine, served over HTTP and reached through the CouchDB client."""
    async with (
        await open_engine(folder) as engine,
        served(create_app(engine, admin=("ana", "secreto"))) as url,
        await open_couchdb(url.replace("//", "//ana:secreto@")) as client,
    ):
        yield client


@asynccontextmanager
async def couchdb(folder: Path) -> AsyncIterator[Engine]:
    """A real CouchDB. Only databases named ``test-<uuid>-…`` are made there."""
    url = os.environ.get("COUCHDB_URL")
    if not url:
        pytest.skip("COUCHDB_URL names no CouchDB")
    # One shard: only then has a feed one order, and the descending one is its reverse.
    async with await open_couchdb(url, shards=lambda name: 1) as client:
        yield client


ENGINES: dict[str, Opener] = {"embedded": embedded, "http": http, "couchdb": couchdb}
