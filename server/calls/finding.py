"""The reports that may be a reason to call, and whose they are, out of the register.

Law: only what the asker may read is a reason; how often a person was called is counted over all reports, for
the telephone that rings is one. No telephone leaves here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import apsw
import numpy as np

from server.calls.due import FRESH
from server.clock import uuid7
from server.instants import say
from server.register.choosing import is_open
from server.register.columns import Columns
from server.register.fields import NONE
from server.register.rows import seconds_of
from server.register.scope import Scope, visible
from server.store.scan import scan
from sync.interface import Database

Json = dict[str, Any]

#: Reports looked at for one page of calls: more than a desk calls in a week.
MOST = 1_000
_PART = 500
#: Months whose surveys may still have been asked in these sixty days.
_SURVEYED = 5
#: What a survey calls otherwise.
_OUTCOMES = {"answered": "reached"}


def candidates(db: apsw.Connection, columns: Columns, scope: Scope, now: datetime) -> list[str]:
    """Uuids of reports with a person that may be a reason to call, the newest first, ``MOST`` at most."""
    moment, first = seconds_of(now), seconds_of(now - FRESH)
    assert moment is not None
    assert first is not None
    with columns.lock:
        mask = visible(columns, scope) & (columns["has_person"] == 1)

        def past(name: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
            values = columns[name]
            return np.asarray((values != NONE) & (values <= moment) & (values >= first))

        opened = is_open(columns)
        unanswered = past("answer_due_at") & (columns["answered_at"] == NONE)
        reasons = opened & (past("due_at") | unanswered)
        reasons |= columns["solved"] == 0
        reasons |= ~opened & past("finished_at")
        places = np.flatnonzero(mask & reasons)
        order = np.argsort(-columns["captured_at"][places].astype(np.int64), kind="stable")
        picked = [int(n) for n in places[order][:MOST]]
    return [report for report, _ in _rows(db, "n", picked)]


def persons(db: apsw.Connection, reports: Iterable[str]) -> dict[str, str]:
    """A key for the person of each report: of their telephone, so that it is one for whoever reported twice.
    A report without a telephone is left out.
    """
    citizens = {report: citizen for report, citizen in _rows(db, "id", sorted(set(reports))) if citizen}
    digits: dict[str, str] = {}
    wanted = sorted(set(citizens.values()))
    for start in range(0, len(wanted), _PART):
        part = wanted[start : start + _PART]
        marks = ", ".join("?" * len(part))
        statement = f"SELECT citizen, digits FROM persons.persons WHERE citizen IN ({marks})"
        for citizen, number in db.execute(statement, part):
            if number:
                digits[str(citizen)] = hashlib.sha256(f"person:{number}".encode()).hexdigest()[:24]
    return {report: digits[citizen] for report, citizen in citizens.items() if citizen in digits}


def _rows(db: apsw.Connection, by: str, keys: Sequence[int | str]) -> list[tuple[str, str | None]]:
    found: dict[int | str, tuple[str, str | None]] = {}
    for start in range(0, len(keys), _PART):
        part = list(keys[start : start + _PART])
        marks = ", ".join("?" * len(part))
        for key, report, citizen in db.execute(
            f"SELECT {by}, id, citizen FROM reports WHERE {by} IN ({marks})", part
        ):
            assert isinstance(key, int | str)
            found[key] = (str(report), None if citizen is None else str(citizen))
    return [found[key] for key in keys if key in found]


async def contacts(office: Database, now: datetime) -> list[Json]:
    """The calls of the last sixty days, the survey's too: the telephone that rings is one."""
    after = f"contact:{uuid7(now - FRESH, 0)}"
    calls = [found.read() async for found in scan(office, "contact:", after=after)]
    first = say(now - FRESH)
    for back in range(_SURVEYED):
        year, month = divmod(now.year * 12 + now.month - 1 - back, 12)
        async for found in scan(office, f"survey:{year}-{month + 1:02d}:"):
            survey = found.read()
            calls += [
                {**attempt, "report": survey["report"], "outcome": _OUTCOMES.get(said, said)}
                for attempt in survey["attempts"]
                if (said := attempt["outcome"]) and attempt["at"] >= first
            ]
    return calls
