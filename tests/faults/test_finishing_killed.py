"""SIGKILL at each step of finishing a photo, in a process of its own: the next one delivers it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server.context import open_context
from server.evidence.lifecycle import Event, State, Step, steps
from server.settings import Settings
from tests.faults.finishing import DEVICE, EVENT, PHOTO
from tests.server.evidence.pictures import sha256

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", steps(State.FULL, Event.FINISH))
async def test_photo_1_the_next_process_delivers_it(tmp_path: Path, step: Step, moment: str) -> None:
    script = str(Path(__file__).with_name("finishing.py"))
    command = [sys.executable, script, str(tmp_path), step.value, moment]
    killed = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: ASYNC221
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2_000:]
    async with open_context(Settings(data_dir=tmp_path)) as context:
        await context.examination.settled()
        doc = await context.databases.evidence.get(f"blob:{sha256(PHOTO)}")
        assert doc["deliveries"] == [{"device": DEVICE, "event": EVENT}]
        assert doc["verdict"] == "ok"
        assert await context.blobs.size(sha256(PHOTO)) == len(PHOTO)
        found = await context.uploads.find(killed.stdout.strip().splitlines()[0], DEVICE)
        assert await context.uploads.offset(found) == len(PHOTO)
