"""The service under measurement, in processes of its own, and phones that wait for what it answers."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson

from server.settings import Settings
from tests.bench import town
from tests.bench.wire import Wire

ROOT = Path(__file__).parents[2]


class PhoneWire(Wire):
    """A connection with a phone's session."""

    def __init__(self, base: str, token: str) -> None:
        super().__init__(base)
        self._fixed += f"Authorization: Bearer {token}\r\n"


def processor(pid: int) -> float:
    """Seconds of processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def serving(settings: Settings, *, apart: bool = False) -> AsyncIterator[tuple[str, list[int]]]:
    """The service in a process of its own, or a gateway and an intake ``apart`` (on CouchDB always).

    Gives its address and the processes' ids.
    """
    environment = {**os.environ, "DATA_DIR": str(settings.data_dir), "PORT": "0", "LOG_LEVEL": "error"}
    environment.pop("COUCHDB_URL", None)
    commands = [[sys.executable, "-m", "server", "serve"]]
    if settings.couchdb_url:
        environment |= {"COUCHDB_URL": settings.couchdb_url, "COUCHDB_PREFIX": settings.couchdb_prefix}
    if apart or settings.couchdb_url:
        commands = [[*commands[0], "--no-intake"], [*commands[0], "--intake"]]
    started = [
        subprocess.Popen(  # noqa: ASYNC220  (nothing else runs while the service starts)
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        for command in commands
    ]
    try:
        assert started[0].stdout is not None
        line = await asyncio.to_thread(started[0].stdout.readline)
        yield line.split()[-1], [process.pid for process in started]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)


class Follower:
    """A phone that waits for its acknowledgements by longpoll."""

    def __init__(self, base: str, phone: town.Phone) -> None:
        self.wire = PhoneWire(base, phone.token)
        self.phone = phone
        self.seen: dict[str, float] = {}
        self.since = "0"
        self.news = asyncio.Event()

    async def follow(self) -> None:
        async with self.wire:
            while True:
                path = f"/sync/mailbox/_changes?since={self.since}&feed=longpoll&timeout=20000"
                page = orjson.loads(await self.wire.ask("GET", path))
                now = time.perf_counter()
                self.since = page["last_seq"]
                for row in page["results"]:
                    if row["id"].startswith(f"ack:{self.phone.pen.id}") and "doc" in row:
                        for item in row["doc"]["items"]:
                            self.seen.setdefault(item[0], now)
                        self.news.set()
