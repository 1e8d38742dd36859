"""Peers of other makes: PouchDB under Node, express-pouchdb, a real CouchDB; and our own server for them."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sync.couchdb import open_couchdb
from sync.embedded import open_engine
from sync.errors import DatabaseNotFound
from sync.http import create_app
from sync.interface import Engine
from tests.sync.serving import served

HERE = Path(__file__).parent

#: A line of PouchDB's answer may hold attachments.
LINE = 64 << 20


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with await open_engine(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
async def server(engine: Engine) -> AsyncIterator[str]:
    """The base URL of ``engine``, served."""
    async with served(create_app(engine)) as url:
        yield url


def node() -> str:
    found = shutil.which("node")
    if found is None or not (HERE.parents[1] / "node_modules" / "pouchdb").exists():
        pytest.skip("Node or the JavaScript dependencies are not installed")
    return found


class PouchRefused(Exception):
    """PouchDB raised; ``args[0]`` is its error's name, status and message."""


class Pouch:
    """A PouchDB process. Commands are those of pouchdb.mjs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def __call__(self, op: str, **arguments: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"op": op, **arguments}).encode() + b"\n")
        line = await self._process.stdout.readline()
        assert line, "PouchDB's process ended"
        answer = json.loads(line)
        if "error" in answer:
            raise PouchRefused(answer["error"])
        return answer.get("ok")


@asynccontextmanager
async def running(*command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A child process that ends when its stdin does."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=HERE.parents[1],
        limit=LINE,
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()
        # Its transport is closed before the loop is, or it would warn.
        process._transport.close()  # type: ignore[attr-defined]


@pytest.fixture
async def pouch() -> AsyncIterator[Pouch]:
    async with running(node(), str(HERE / "pouchdb.mjs")) as process:
        yield Pouch(process)


@pytest.fixture
async def express(tmp_path: Path) -> AsyncIterator[str]:
    """The base URL of an express-pouchdb server."""
    async with running(node(), str(HERE / "express_pouchdb.mjs"), str(tmp_path / "log.txt")) as process:
        assert process.stdout is not None
        yield (await process.stdout.readline()).decode().strip()


Named = Callable[[], Awaitable[str]]


@pytest.fixture
async def couchdb() -> AsyncIterator[tuple[Engine, str, Named]]:
    """A real CouchDB: its engine, its URL, and a maker of databases ``test-<uuid>-…`` dropped afterwards."""
    url = os.environ.get("COUCHDB_URL")
    if not url:
        pytest.skip("COUCHDB_URL names no CouchDB")
    made: list[str] = []
    async with await open_couchdb(url) as engine:

        async def named() -> str:
            made.append(f"test-{uuid.uuid4()}-conformance")
            await engine.create(made[-1])
            return made[-1]

        yield engine, url.rstrip("/"), named
        for name in made:
            try:
                await engine.delete(name)
            except DatabaseNotFound:
                continue
