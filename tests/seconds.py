"""Where a run's time went: seconds per folder of tests, and the slowest tests (pytest's ``--durations``)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

#: Folders are told to this depth: ``tests/server/web``.
_DEPTH = 3


class Seconds:
    """Sums what each test took, with what it prepared and cleaned up."""

    def __init__(self) -> None:
        self._took: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: Any) -> None:
        parts = report.nodeid.partition("::")[0].split("/")[:-1]
        self._took["/".join(parts[:_DEPTH]) or "."] += report.duration

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self._took:
            return
        terminalreporter.section("seconds per folder (of all workers together)")
        for folder, took in self._took.most_common():
            terminalreporter.write_line(f"{took:8.1f}  {folder}")


def register(config: pytest.Config) -> None:
    """With xdist only the process that collects the reports tells."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Seconds(), "manzana-seconds")
