"""The ``cloudant`` and ``couchdb`` clients on the Pythons that this run is not.

Law: both clients are held to the same tests on Python 3.11 and on 3.12, whichever runs the server. The
environments hold the clients alone and are made by ``scripts/clients``; the server stays in this one.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance.standalone import SERVER_PYTHON

ROOT = Path(__file__).parents[2]

CLIENTS = ("test_cloudant.py", "test_couchdb_python.py")


@pytest.mark.parametrize("version", ["3.11", "3.12"])
def test_the_clients_on_python(version: str, tmp_path: Path) -> None:
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        pytest.skip(f"this is Python {version}: test_cloudant and test_couchdb_python run here themselves")
    python = ROOT / ".venv" / f"clients-{version}" / "bin" / "python"
    if not python.exists():
        pytest.skip(f"scripts/clients found no Python {version} to make an environment with")
    here = Path(__file__).parent
    command = [str(python), "-m", "pytest", "--noconftest", "-q", "-rA", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [*command, f"--basetemp={tmp_path / 'run'}", *(str(here / name) for name in CLIENTS)],
        cwd=ROOT,
        env={**os.environ, SERVER_PYTHON: sys.executable},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    passed = re.search(r"(\d+) passed", run.stdout)
    assert passed is not None, run.stdout
    # All of them, none skipped: what runs here is what was counted in the files.
    written = sum(len(re.findall(r"^def test_", (here / name).read_text(), re.M)) for name in CLIENTS)
    assert int(passed[1]) == written
    assert "skipped" not in run.stdout
    said = subprocess.run([str(python), "-V"], capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"Python {version}.")
