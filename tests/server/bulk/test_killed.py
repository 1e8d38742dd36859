"""A bulk job killed −9 at any of its steps goes on: each report is acted on once, and each result is told."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ACTING = Path(__file__).with_name("acting.py")


def run(folder: Path, point: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ACTING), str(folder), point], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("point", ["begun", "sealed", "appended", "decided", "told"])
def test_bulk_1_killed_and_begun_again_it_is_done_once(tmp_path: Path, point: str) -> None:
    first = run(tmp_path, point)
    assert first.returncode == -signal.SIGKILL, first.stderr
    second = run(tmp_path, "-")
    assert second.returncode == 0, second.stderr
    assert second.stdout.strip() == "done 12 [1] 12"
