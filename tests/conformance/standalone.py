"""``python -m sync`` as a process of its own, for clients that block.

Nothing of this project is imported here: a client's Python may be another one, and hold the client alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Names the Python that has the server, where it is not the one that runs the test.
SERVER_PYTHON = "MANZANA_SERVER_PYTHON"

NAME, PASSWORD = "ana", "secreto"


@contextmanager
def standalone(folder: Path) -> Iterator[str]:
    """The base URL of a server over ``folder`` with one administrator."""
    command = [
        os.environ.get(SERVER_PYTHON, sys.executable),
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
