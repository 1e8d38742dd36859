"""A disk that takes nothing is found out by writing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from server.disk import Disk

#: No file of this process may grow, as on a full disk or over a quota.
FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
from server.disk import Disk
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
disk = Disk(Path(sys.argv[1]), kept=0.0)
print(asyncio.run(disk.trouble()))
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
disk = Disk(Path(sys.argv[1]), kept=0.0)
print(asyncio.run(disk.trouble()))
"""


def test_a_process_that_may_write_nothing_knows_it(tmp_path: Path) -> None:
    run = [sys.executable, "-c", FULL, str(tmp_path)]
    root = Path(__file__).parents[2]
    done = subprocess.run(run, cwd=root, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[0] == "None"
    assert done.stdout.splitlines()[1] not in ("None", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.anyio
async def test_an_answer_stays_for_a_while(tmp_path: Path) -> None:
    disk = Disk(tmp_path, kept=600.0)
    assert await disk.trouble() is None
    tmp_path.rmdir()
    assert await disk.trouble() is None
    assert await Disk(tmp_path).trouble() is not None
