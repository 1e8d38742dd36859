"""Runs ``manzana`` in processes forked from this one, which has imported the libraries it stands on.

Law: each command is a process with an environment, a folder, streams and a status of its own; it begins where
``python -m server`` begins, and imports this project's code itself, as it would alone. Only the libraries are
there before it: importing them is most of what a short command costs.

Run as ``python -m tests.forking`` with numpy's threads off: a process with threads is none to fork from. Each
line of standard input asks for one command (``words``, ``env``, ``cwd``, and the files ``input`` and
``output``); each line of standard output is its status.
"""

from __future__ import annotations

import importlib
import os
import runpy
import signal
import sys
from typing import Any

import orjson

#: What one that is missing here costs is time, not truth.
LIBRARIES = (
    "anyio",
    "apsw",
    "argon2",
    "asyncio",
    "click",
    "cryptography.hazmat.primitives.asymmetric.ec",
    "cryptography.hazmat.primitives.ciphers.aead",
    "cryptography.x509",
    "holidays",
    "httptools",
    "httpx2",
    "jinja2",
    "jsonschema_rs",
    "PIL.Image",
    "prometheus_client",
    "python_calamine",
    "python_multipart",
    "rfc8785",
    "rich.progress",
    "segno",
    "shapely",
    "starlette.applications",
    "starlette.routing",
    "structlog",
    "trustme",
    "uvicorn",
    "uvloop",
)

#: Seconds after which a command that hangs is ended.
PATIENCE = 120


def command(words: list[str], env: dict[str, str], cwd: str, **files: str) -> None:
    """Become the command; does not return."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    for stream, opened in (
        (0, os.open(files["input"], os.O_RDONLY)),
        (1, os.open(files["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)),
    ):
        os.dup2(opened, stream)
        os.close(opened)
    os.dup2(1, 2)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.argv = ["server", *words]
    signal.alarm(PATIENCE)
    runpy.run_module("server", run_name="__main__", alter_sys=True)
    sys.exit()


def status(asked: dict[str, Any]) -> int:
    child = os.fork()
    if child == 0:
        command(**asked)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    for name in LIBRARIES:
        importlib.import_module(name)
    assert not [name for name in sys.modules if name.partition(".")[0] in {"server", "sync"}]
    for line in sys.stdin:
        print(status(orjson.loads(line)), flush=True)
