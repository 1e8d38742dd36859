"""Figures of the reports a filter means: how many, of what, how fast, how well.

Law: every figure is of the same filter that a list takes, so each number has its list. Days are the
municipality's; a report that has no deadline is neither on time nor late; medians are over whole reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from math import prod
from typing import Any

import apsw
import numpy as np
import numpy.typing as npt

from server.register.choosing import chosen, is_open
from server.register.columns import Columns, Mask, Numbers
from server.register.fields import BY_NAME, NONE
from server.register.filters import Filter
from server.register.rows import seconds_of
from server.register.scope import Scope

_DAY = 86_400
_EPOCH_DAY = date(1970, 1, 1).toordinal()
#: Veracruz's policy: a first answer within a day of the report.
ANSWER_WITHIN = _DAY
#: Combinations that are counted in one table: 32 MB of it.
_DENSE = 4_000_000
#: Fields whose lists are of another one: an agency's list is of all it has or had.
AS_LISTED = {"agency": "agencies"}


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
        sub = _Chosen(columns, np.flatnonzero(mask), moment)
        return Figures(
            count=len(sub.classes),
            status={str(text): n for text, n in columns.counts("status", sub.places).items()},
            days=_days(sub.of("captured_on")),
            groups={
                name: {
                    text or "": n for text, n in columns.counts(AS_LISTED.get(name, name), sub.places).items()
                }
                for name in groups
            },
            compliance=sub.compliance(),
            by_agency=_compliance_by(columns, sub, "agencies"),
            answers=_answers(columns, sub, moment),
            reassigned=int(np.count_nonzero(sub.of("reassigned") > 0)),
            reopened=int(np.count_nonzero(sub.of("reopened") > 0)),
            solved=int(np.count_nonzero(sub.of("solved") == 1)),
            not_solved=int(np.count_nonzero(sub.of("solved") == 0)),
            duplicates=int(np.count_nonzero(sub.of("duplicate") == 1)),
            supports=int(sub.of("supports").sum(dtype=np.int64)),
        )


#: What a dated report came to: ended on time or late, open or overdue. 0: closed without an end.
_ON_TIME, _LATE, _OPEN, _OVERDUE, _UNDATED = 1, 2, 3, 4, 5
_CLASSES = 6


class _Chosen:
    """The columns of the reports at some places, and what each came to. The caller holds the lock."""

    def __init__(self, columns: Columns, places: Numbers, moment: int) -> None:
        self._columns = columns
        self.places = places
        due, finished = self.of("due_at"), self.of("finished_at")
        opened = self.open = self.cut(is_open(columns))
        dated, over = due != NONE, finished != NONE
        self.ended = over & ~opened
        classes = np.where(dated, np.uint8(0), np.uint8(_UNDATED))
        classes += (dated & self.ended) * (np.uint8(_ON_TIME) + (finished > due))
        classes += (dated & opened) * (np.uint8(_OPEN) + (due < moment))
        self.classes = classes

    def of(self, name: str) -> npt.NDArray[Any]:
        return self.cut(self._columns[name])

    def cut(self, column: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return column.take(self.places)

    def took(self) -> npt.NDArray[np.int32]:
        """Seconds from capture to end of those that ended."""
        ended = np.flatnonzero(self.ended)
        seconds = self.of("finished_at").take(ended) - self.of("captured_at").take(ended)
        return np.asarray(seconds, dtype=np.int32)

    def compliance(self) -> Compliance:
        return _told(np.bincount(self.classes, minlength=_CLASSES), self.took())


def compliance_by(
    columns: Columns, mask: Mask, moment: int, name: str = "agency", *, days: bool = True
) -> dict[str, Compliance]:
    """Compliance of each value of a field: a report that several agencies have counts for each, as in their
    lists. ``days``: with median and ninth decile. The caller holds the columns' lock.
    """
    sub = _Chosen(columns, np.flatnonzero(mask), moment)
    return _compliance_by(columns, sub, AS_LISTED.get(name, name), days=days)


def _compliance_by(columns: Columns, sub: _Chosen, name: str, *, days: bool = True) -> dict[str, Compliance]:
    codes, texts = sub.of(name), columns.codes[name].texts
    table = np.bincount(codes.astype(np.int32) * _CLASSES + sub.classes, minlength=len(texts) * _CLASSES)
    table = table.reshape(len(texts), _CLASSES)
    ended = np.flatnonzero(sub.ended) if days else np.zeros(0, dtype=np.int64)
    took, whose = sub.took() if days else np.zeros(0, dtype=np.int32), codes.take(ended)
    kept: dict[str, list[int]] = {}
    for number, text in enumerate(texts):
        if table[number].any():
            for part in (text or "None").split() if BY_NAME[name].kind == "set" else [str(text)]:
                kept.setdefault(part, []).append(number)
    found = {}
    for part, numbers in kept.items():
        wanted = np.zeros(len(texts), dtype=np.bool_)
        wanted[numbers] = True
        found[part] = _told(table[numbers].sum(axis=0), took.take(np.flatnonzero(wanted.take(whose))))
    return found


def grouped(columns: Columns, mask: Mask, names: tuple[str, ...]) -> dict[tuple[str | None, ...], int]:
    """How many of the chosen have each combination of these ``text`` fields; none that has no report. The
    caller holds the columns' lock.
    """
    sizes = [len(columns.codes[name].texts) for name in names]
    whole = prod(sizes)
    key: npt.NDArray[Any] = np.zeros(columns.size, dtype=np.int32 if whole < 2**31 else np.int64)
    for name, size in zip(names, sizes, strict=True):
        np.multiply(key, size, out=key)
        np.add(key, columns[name], out=key)
    key = key.take(np.flatnonzero(mask))
    if whole <= _DENSE:
        counts = np.bincount(key, minlength=0)
        keys = np.flatnonzero(counts)
        counts = counts[keys]
    else:
        keys, counts = np.unique(key, return_counts=True)
    places = np.unravel_index(keys, sizes)
    texts = [
        [columns.codes[name].texts[code] for code in place.tolist()]
        for name, place in zip(names, places, strict=True)
    ]
    return dict(zip(zip(*texts, strict=True), counts.tolist(), strict=True))


def _days(captured: npt.NDArray[np.int32]) -> list[tuple[str, int]]:
    """Reports by the day they were captured; days without any between the first and the last are 0."""
    captured = captured[captured != NONE]
    if len(captured) == 0:
        return []
    first = int(captured.min())
    counts = np.bincount(captured - first)
    return [
        (date.fromordinal(_EPOCH_DAY + first + n).isoformat(), int(count)) for n, count in enumerate(counts)
    ]


def _told(classes: npt.NDArray[np.int64], took: npt.NDArray[np.int32]) -> Compliance:
    _, on_time, late, opened, overdue, undated = (int(count) for count in classes)
    # Both at once: each alone would part the same numbers anew.
    median, p90 = (None, None) if len(took) == 0 else (np.quantile(took, (0.5, 0.9)) / _DAY).tolist()
    return Compliance(int(classes.sum()), on_time, late, opened, overdue, undated, median, p90)


def _answers(columns: Columns, sub: _Chosen, moment: int) -> Answers:
    captured, answered = sub.of("captured_at"), sub.of("answered_at")
    has = answered != NONE
    # What was withdrawn or joined to another one before anybody could answer asks for no answer.
    gone = sub.cut(columns.is_one_of("status", ["withdrawn", "duplicate"]))
    asks = ~has & ~gone
    old = captured < moment - ANSWER_WITHIN
    within = has & (answered - captured <= ANSWER_WITHIN)
    return Answers(
        within=int(np.count_nonzero(within)),
        later=int(np.count_nonzero(has & ~within)),
        waiting=int(np.count_nonzero(asks & ~old)),
        missed=int(np.count_nonzero(asks & old)),
    )
