"""Lives of an intake that ends where it meets one word, and the municipality between them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sync.embedded import open_engine
from tests.faults.dying import STATUS
from tests.server.intake.municipality import Municipality


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Municipality]:
    """The municipality of a folder, while no life goes on there."""
    async with await open_engine(folder / "engine") as engine, Municipality(engine, folder) as town:
        yield town


def lives(folder: Path, where: str, minutes: int = 0, count: int = 5) -> list[int]:
    """The statuses of so many lives, one after another (``dying.py``)."""
    script = str(Path(__file__).with_name("dying.py"))
    command = [sys.executable, script, str(folder), where, str(minutes), str(count)]
    # Numpy would start threads at its import, and a process with threads is none to fork from.
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    ended = subprocess.run(command, capture_output=True, check=False, env=alone)
    statuses = [int(line) for line in ended.stdout.split()]
    assert ended.returncode == 0, ended.stderr.decode()[-2000:]
    assert len(statuses) == count
    assert set(statuses) <= {0, STATUS}, ended.stderr.decode()[-2000:]
    return statuses


def moves_on(folder: Path, where: str, minutes: int = 0) -> None:
    """Three lives that end, a fourth that goes on, and one to see that it stays so."""
    assert lives(folder, where, minutes) == [STATUS, STATUS, STATUS, 0, 0]
