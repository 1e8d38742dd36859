"""The transition table: what an event of a kind does to a report of a status.

Law TRANSITION-1: the table is data (``schemas/transitions.v1.json``), the same file on server and phone; a
cell that is not there is an error at start, never a silent "nothing happens".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import orjson

from server.documents.contracts import contract
from server.documents.shapes import Status

# How a cell names the next status when it is not a status itself.
KEEP: Final = "keep"
BY_ASSIGNMENTS: Final = "by_assignments"
BY_PROGRESS: Final = "by_progress"

To = Status | Literal["keep", "by_assignments", "by_progress"]


@dataclass(frozen=True, slots=True)
class Cell:
    """``to``: a status, or ``keep``, ``by_assignments``, ``by_progress``; ``apply``: an effect; ``flag``."""

    to: To
    apply: str | None = None
    flag: str | None = None


_DATA = orjson.loads(contract("transitions.v1.json"))

STATUSES: tuple[Status, ...] = tuple(_DATA["statuses"])
OPEN: frozenset[Status] = frozenset(_DATA["open"])
CLOSED: frozenset[Status] = frozenset(_DATA["closed"])
FLAGS: dict[str, dict[str, str]] = orjson.loads(contract("flags.v1.json"))["flags"]
TABLE: dict[tuple[str, str], Cell] = {
    (kind, status): Cell(**cells[status]) for kind, cells in _DATA["table"].items() for status in STATUSES
}
KINDS: tuple[str, ...] = tuple(_DATA["table"])
