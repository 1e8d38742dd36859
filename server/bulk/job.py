"""A bulk job as documents of the office: what was chosen, and what became of each report.

Law: the list is fixed when it is confirmed, and every report's event has its id from then on, told by job and
report alone; so a job that is begun again, by whomever, does nothing twice. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from server.clock import uuid7
from server.documents.shapes import BulkJob, BulkJobAct, BulkJobState, BulkPart
from server.instants import parse

State = BulkJobState

#: Reports of one job: what a person can still be said to have looked over.
MOST = 5_000
#: Reports of one part: a part is written again with each fifty results.
PART = 200
#: The acts that mean the same for many reports. A closing documents one intervention, so none is here.
ACTS: tuple[BulkJobAct, ...] = (
    "asignar",
    "prioridad",
    "responder",
    "anotar",
    "clasificar",
    "devolver",
    "iniciar",
)
#: Fields of the form that hold words: gone when the job has ended, for they stand in each event, where an
#: erasure finds them.
_WORDS = ("texto",)
#: Members of a filter that name a person; a job does not keep them.
_PERSONS = ("persona", "telefono")


class Item(NamedTuple):
    """A report (uuid) as whoever confirmed had seen it."""

    report: str
    version: int
    priority: int


class Result(NamedTuple):
    """``done``, ``refused`` with its sentence, or ``waiting`` for intake's word."""

    state: Literal["done", "refused", "waiting"]
    sentence: str | None = None

    @property
    def final(self) -> bool:
        return self.state != "waiting"


@dataclass(frozen=True, slots=True)
class Counts:
    """``left``: not begun."""

    done: int
    refused: int
    waiting: int
    left: int

    @property
    def settled(self) -> int:
        return self.done + self.refused


def own_of(job: str, at: str, report: str) -> str:
    """The uuid7 of the event that ``job``, confirmed ``at``, makes for a report."""
    bits = int.from_bytes(hashlib.sha256(f"{job} {report}".encode()).digest()[:10])
    return uuid7(parse(at), bits)


def digest_of(items: Iterable[Item]) -> str:
    """What a preview says of its list, so that a confirmation of another list is seen."""
    return hashlib.sha256("\n".join(sorted(item.report for item in items)).encode()).hexdigest()[:24]


def part_id(job: str, number: int) -> str:
    return f"bulk_part:{job}:{number:04d}"


def documents(
    job: str,
    items: Sequence[Item],
    *,
    by: str,
    at: str,
    installation: str,
    act: BulkJobAct,
    form: dict[str, str],
    chosen: Sequence[tuple[str, str]],
) -> tuple[BulkJob, list[BulkPart]]:
    """The job's head and its parts. ``chosen``: the filter's pairs; those that name a person are left out."""
    parts: list[BulkPart] = [
        {
            "_id": part_id(job, number),
            "schema": "bulk_part.v1",
            "items": [list(item) for item in items[start : start + PART]],
            "results": [None] * len(items[start : start + PART]),
        }
        for number, start in enumerate(range(0, len(items), PART))
    ]
    head: BulkJob = {
        "_id": f"bulk:{job}",
        "schema": "bulk.v1",
        "by": by,
        "at": at,
        "installation": installation,
        "act": act,
        "form": form,
        "chosen": [list(pair) for pair in chosen if pair[0] not in _PERSONS],
        "found": len(items),
        "parts": len(parts),
        "state": "running",
        "ended_at": None,
    }
    return head, parts


def items_of(part: BulkPart) -> list[Item]:
    return [Item(str(report), int(version), int(priority)) for report, version, priority in part["items"]]


def results_of(part: BulkPart) -> list[Result | None]:
    return [None if result is None else _result(*result) for result in part["results"]]


def _result(state: Any, sentence: str | None = None) -> Result:
    return Result(state, sentence)


def with_results(part: BulkPart, results: Sequence[Result | None]) -> BulkPart:
    return {**part, "results": [None if result is None else list(result) for result in results]}


def counted(parts: Iterable[BulkPart]) -> Counts:
    """How far a job is."""
    states = [result.state if result else "left" for part in parts for result in results_of(part)]
    return Counts(*(states.count(state) for state in ("done", "refused", "waiting", "left")))


def ended(head: BulkJob, state: State, at: str) -> BulkJob:
    """A job that ends: its words go with it."""
    form = {name: value for name, value in head["form"].items() if name not in _WORDS}
    return {**head, "state": state, "ended_at": at, "form": form}
