"""Figures of the reports a filter means: how many, of what, how fast, how well.

Law: every figure is of the same filter that a list takes, so each number has its list. Days are the
municipality's; a report that has no deadline is neither on time nor late; medians are over whole reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import apsw
import numpy as np
import numpy.typing as npt

from server.register.choosing import chosen, is_open
from server.register.columns import Columns, Mask
from server.register.fields import NONE
from server.register.filters import Filter
from server.register.rows import seconds_of
from server.register.scope import Scope

_DAY = 86_400
_EPOCH_DAY = date(1970, 1, 1).toordinal()
#: Veracruz's policy: a first answer within a day of the report.
ANSWER_WITHIN = _DAY


@dataclass(frozen=True, slots=True)
class Compliance:
    """Of reports with a deadline: ended ``on_time`` or ``late``, still ``open`` or ``overdue``. ``median``
    and ``p90`` are days from capture to the end of those that ended; None where none did.
    """

    count: int
    on_time: int
    late: int
    open: int
    overdue: int
    undated: int
    median: float | None
    p90: float | None

    @property
    def share(self) -> float | None:
        """Of those whose deadline has passed or that ended, how many in a hundred were on time."""
        judged = self.on_time + self.late + self.overdue
        return 100 * self.on_time / judged if judged else None


@dataclass(frozen=True, slots=True)
class Answers:
    """First answers: ``within`` a day, ``later``, ``waiting`` and not yet a day old, ``missed``."""

    within: int
    later: int
    waiting: int
    missed: int

    @property
    def share(self) -> float | None:
        """Of those answered or older than a day, how many in a hundred were answered within one."""
        judged = self.within + self.later + self.missed
        return 100 * self.within / judged if judged else None


@dataclass(frozen=True, slots=True)
class Figures:
    """All there is to say of one filter at one moment."""

    count: int
    status: dict[str, int]
    days: list[tuple[str, int]]
    groups: dict[str, dict[str, int]]
    compliance: Compliance
    by_agency: dict[str, Compliance]
    answers: Answers
    reassigned: int
    reopened: int
    solved: int
    not_solved: int
    duplicates: int
    supports: int


def figures(
    db: apsw.Connection,
    columns: Columns,
    wanted: Filter,
    scope: Scope,
    now: datetime,
    groups: tuple[str, ...] = ("agency", "type", "channel", "colonia"),
) -> Figures:
    """The figures of ``wanted`` for whoever has ``scope``."""
    moment = seconds_of(now)
    assert moment is not None
    with columns.lock:
        mask = chosen(db, columns, wanted, scope, now)
        agencies = {str(name): where for name, where in _each(columns, "agency", mask)}
        return Figures(
            count=int(mask.sum()),
            status={str(text): n for text, n in columns.counts("status", mask).items()},
            days=_days(columns, mask),
            groups={
                name: {text or "": n for text, n in columns.counts(name, mask).items()} for name in groups
            },
            compliance=_compliance(columns, mask, moment),
            by_agency={name: _compliance(columns, where, moment) for name, where in agencies.items()},
            answers=_answers(columns, mask, moment),
            reassigned=int((columns["reassigned"][mask] > 0).sum()),
            reopened=int((columns["reopened"][mask] > 0).sum()),
            solved=int((columns["solved"][mask] == 1).sum()),
            not_solved=int((columns["solved"][mask] == 0).sum()),
            duplicates=int((columns["duplicate"][mask] == 1).sum()),
            supports=int(columns["supports"][mask].astype(np.int64).sum()),
        )


def _each(columns: Columns, name: str, mask: Mask) -> list[tuple[str | None, Mask]]:
    column = columns[name]
    return [
        (text, np.asarray(mask & (column == (columns.codes[name].known(text) if text else 0))))
        for text in columns.counts(name, mask)
    ]


def _days(columns: Columns, mask: Mask) -> list[tuple[str, int]]:
    """Reports by the day they were captured; days without any between the first and the last are 0."""
    captured = columns["captured_on"][mask]
    if len(captured) == 0:
        return []
    first = int(captured.min())
    counts = np.bincount(captured - first)
    return [
        (date.fromordinal(_EPOCH_DAY + first + n).isoformat(), int(count)) for n, count in enumerate(counts)
    ]


def _compliance(columns: Columns, mask: Mask, moment: int) -> Compliance:
    due, finished = columns["due_at"], columns["finished_at"]
    opened = is_open(columns)
    dated = mask & (due != NONE)
    ended = dated & (finished != NONE) & ~opened
    pending = dated & opened
    took = (
        finished[mask & (finished != NONE) & ~opened]
        - columns["captured_at"][mask & (finished != NONE) & ~opened]
    ).astype(np.float64)
    return Compliance(
        count=int(mask.sum()),
        on_time=int((ended & (finished <= due)).sum()),
        late=int((ended & (finished > due)).sum()),
        open=int((pending & (due >= moment)).sum()),
        overdue=int((pending & (due < moment)).sum()),
        undated=int((mask & (due == NONE)).sum()),
        median=_quantile(took, 0.5),
        p90=_quantile(took, 0.9),
    )


def _quantile(seconds: npt.NDArray[np.float64], q: float) -> float | None:
    return None if len(seconds) == 0 else float(np.quantile(seconds, q)) / _DAY


def _answers(columns: Columns, mask: Mask, moment: int) -> Answers:
    captured, answered = columns["captured_at"], columns["answered_at"]
    has = mask & (answered != NONE)
    # What was withdrawn or joined to another one before anybody could answer asks for no answer.
    asks = mask & (answered == NONE) & ~columns.is_one_of("status", ["withdrawn", "duplicate"])
    old = moment - captured.astype(np.int64) > ANSWER_WITHIN
    took = answered.astype(np.int64) - captured
    return Answers(
        within=int((has & (took <= ANSWER_WITHIN)).sum()),
        later=int((has & (took > ANSWER_WITHIN)).sum()),
        waiting=int((asks & ~old).sum()),
        missed=int((asks & old).sum()),
    )
