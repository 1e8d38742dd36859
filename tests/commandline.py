"""``manzana`` as an operator runs it: a process for each command, its words, its status."""

from __future__ import annotations

import atexit
import functools
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import orjson

ROOT = Path(__file__).resolve().parents[1]


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "DATA_DIR": str(folder), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **more}


@functools.cache
def _forking() -> subprocess.Popen[bytes]:
    """``tests/forking.py``, one for all the commands of this test process."""
    env = environment(ROOT, OPENBLAS_NUM_THREADS="1")
    command = [sys.executable, "-m", "tests.forking"]
    child = subprocess.Popen(command, env=env, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(child.communicate)
    return child


def manzana(
    folder: Path, *words: str, code: int = 0, text: str = "", more: Mapping[str, str] | None = None
) -> str:
    """Run a command; gives both its outputs."""
    forking = _forking()
    assert forking.stdin is not None
    assert forking.stdout is not None
    with tempfile.TemporaryDirectory() as files:
        typed, said = Path(files, "input"), Path(files, "output")
        typed.write_text(text)
        env = environment(folder, **(more or {}))
        asked = {"words": words, "env": env, "cwd": str(folder.parent), "input": str(typed)}
        forking.stdin.write(orjson.dumps({**asked, "output": str(said)}) + b"\n")
        forking.stdin.flush()
        status = int(forking.stdout.readline())
        output = said.read_text()
    assert status == code, output
    assert "Traceback" not in output
    return output


@contextmanager
def serving(folder: Path, *words: str, **more: str) -> Iterator[str]:
    """``manzana serve`` on a free port until the block ends; gives its address."""
    child = subprocess.Popen(
        [sys.executable, "-m", "server", "serve", "--port", "0", *words],
        env=environment(folder, **more),
        cwd=folder.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert child.stdout is not None
        line = child.stdout.readline()
        found = re.search(r"https?://\S+", line)
        assert found, line
        yield found[0]
    finally:
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=60)
    assert child.returncode in (0, -signal.SIGTERM)


def make(folder: Path, **more: str) -> None:
    where = ("--municipality", "Villa de Prueba", "--state", "Guanajuato")
    manzana(folder, "init", *where, "--prefix", "VP", more=more)
    manzana(folder, "account", "create", "lucia", "--role", "block_leader", "--name", "Lucía", more=more)
