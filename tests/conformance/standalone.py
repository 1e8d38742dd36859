"""``python -m sync`` as a process of its own, for clients that block."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]

NAME, PASSWORD = "ana", "secreto"


@contextmanager
def standalone(folder: Path) -> Iterator[str]:
    """The base URL of a server over ``folder`` with one administrator."""
    command = [
        sys.executable,
        "-m",
        "sync",
        "--data",
        str(folder),
        "--port",
        "0",
        "--admin",
        f"{NAME}:{PASSWORD}",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, "python -m sync did not start"
            yield url
        finally:
            process.terminate()
            process.wait(20)
