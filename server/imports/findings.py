"""What an import found wrong, row by row, for the person who sends the file back to be mended.

Law: every row is either taken or listed here with its number, the column and a sentence; none is silent.
Only the first thousand are kept in memory; all of them go to the file, as they are found.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any

#: Findings kept for the screen; the rest are counted and written.
_KEPT = 1_000
#: A cell shown in the report is cut here: enough to find it, not enough to spread personal data.
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """``row`` counts from 1, the header being row 1 in tables; 0 means the file itself."""

    row: int
    column: str
    value: str
    problem: str


class RowRefused(Exception):
    """The row at hand cannot be taken: its column, the value and a sentence."""

    def __init__(self, column: str, value: Any, problem: str) -> None:
        super().__init__(f"{column}: {problem}")
        self.column = column
        self.value = "" if value is None else str(value)[:_SHOWN]
        self.problem = problem


class Findings:
    """Collects findings; with ``path`` also writes them as CSV (row, column, value, problem)."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._file: TextIOWrapper | None = None
        self._rows: Any = None
        self.first: list[Finding] = []
        self.count = 0
        #: Sentences on how the files were read and what was made of them, each once.
        self.notes: list[str] = []
        self.by_problem: Counter[str] = Counter()

    def __enter__(self) -> Findings:
        if self._path is not None:
            self._file = self._path.open("w", encoding="utf-8", newline="")
            self._rows = csv.writer(self._file)
            self._rows.writerow(["row", "column", "value", "problem"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def add(self, row: int, refused: RowRefused) -> None:
        self.count += 1
        self.by_problem[f"{refused.column}: {refused.problem}"] += 1
        if len(self.first) < _KEPT:
            self.first.append(Finding(row, refused.column, refused.value, refused.problem))
        if self._rows is not None:
            self._rows.writerow([row, refused.column, _plain(refused.value), refused.problem])


def _plain(value: str) -> str:
    """A cell a spreadsheet will not run as a formula (OWASP, CSV injection)."""
    return "'" + value if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
