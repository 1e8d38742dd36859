"""Which of intake's chores ended the process or met a defect, and how often: the twin of ``attempts``.

Law: a chore that fails three times is left undone and told in the log, and the line moves on. What was under
way when a process ended is accused by the next one. Written whole beside and renamed, never fsynced: a
killed process's word is found, a machine that lost power accuses nobody. Another version of the software
tries everything again.

Keys name what the chore is about: ``photo:<sha256>``, ``report:<uuid>`` for what its clock asks, and
``call:<uuid>`` for the operator's hook, which runs beside the line and is counted beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
import structlog

from server.intake.writing.attempts import FAILURES

log = structlog.get_logger("manzana.intake")

TROUBLED_FILE = "intake.troubled"


class Troubled:
    """Of one intake at a time: whoever holds the intake lock ``open``s it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / TROUBLED_FILE
        self._ends: dict[str, int] = {}
        self._under_way: set[str] = set()
        self._version = version("manzana")

    def open(self) -> None:
        """Read what an earlier process left, and count it."""
        self._ends, self._under_way = {}, set()
        left: dict[str, Any] = {}
        try:
            left = orjson.loads(self._path.read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            pass
        if left.get("version") == self._version:
            self._ends = dict(left["ends"])
            for key in left["under_way"]:
                self._accuse(key, "the process ended over it")
        if left:
            self._keep()

    def willing(self, key: str) -> bool:
        """Whether it has not failed three times."""
        return self._ends.get(key, 0) < FAILURES

    def suspect(self, key: str) -> bool:
        """Whether it failed before: then it is done alone, so that it accuses nobody else."""
        return key in self._ends

    def begin(self, keys: Iterable[str]) -> None:
        """These are under way now."""
        self._under_way.update(keys)
        self._keep()

    def idle(self, keys: Iterable[str]) -> None:
        """They are not any more, and nobody knows whether they can be done."""
        self._under_way.difference_update(keys)
        self._keep()

    def done(self, keys: Iterable[str]) -> None:
        """They were done."""
        for key in keys:
            self._ends.pop(key, None)
            self._under_way.discard(key)
        self._keep()

    def failed(self, keys: Iterable[str], reason: str) -> None:
        """They met a defect."""
        for key in keys:
            self._under_way.discard(key)
            self._accuse(key, reason)
        self._keep()

    def _accuse(self, key: str, reason: str) -> None:
        self._ends[key] = self._ends.get(key, 0) + 1
        if self._ends[key] == FAILURES:
            log.error("chore left undone", chore=key.partition(":")[0], reason=reason, file=str(self._path))

    def _keep(self) -> None:
        if not self._ends and not self._under_way:
            self._path.unlink(missing_ok=True)
            return
        doc = {"version": self._version, "ends": self._ends, "under_way": sorted(self._under_way)}
        beside = self._path.with_suffix(".troubled.new")
        beside.write_bytes(orjson.dumps(doc))
        beside.replace(self._path)
