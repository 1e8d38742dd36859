"""Which reports a filter means, as a mask over the register's columns.

Law: one evaluation for all who ask, so that a list, its count and every statistic agree. What is no column
(words, persons, brigades, who acted) is asked of the register's file and becomes part of the mask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import apsw
import numpy as np

from server.persons.telephones import digits_of
from server.register.columns import Columns, Mask, Numbers
from server.register.fields import NONE
from server.register.filters import ONLY, Days, Filter
from server.register.groups import citizens_of, numbers_with
from server.register.rows import day_number, seconds_of
from server.register.scope import Scope, visible

#: Open: something is still to be done (``schemas/transitions.v1.json``).
OPEN = ("captured", "in_progress", "reopened")
#: Members of the filter that are columns of texts.
_TEXTS = (
    "status", "channel", "type", "family", "department", "colonia", "sector", "delegation", "block", "holder",
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+")


def chosen(db: apsw.Connection, columns: Columns, wanted: Filter, scope: Scope, now: datetime) -> Mask:
    """Where a report is meant by ``wanted`` and may be read. The caller holds the columns' lock."""
    return meant(db, columns, wanted, visible(columns, scope), now)


def meant(db: apsw.Connection, columns: Columns, wanted: Filter, seen: Mask, now: datetime) -> Mask:
    """Where ``wanted`` means one of those that are ``seen``, which is what may be read; for who asks of
    several filters. The caller holds the columns' lock.
    """
    mask = seen.copy()
    for name in _TEXTS:
        if values := getattr(wanted, name):
            mask &= columns.is_one_of(name, values)
    if wanted.agency:
        mask &= columns.is_one_of("agencies", wanted.agency)
    if wanted.brigade:
        mask &= columns.is_one_of("brigades", wanted.brigade)
    if wanted.flag:
        mask &= columns.is_one_of("flags", wanted.flag)
    if wanted.priority:
        mask &= np.isin(columns["priority"], [int(value) for value in wanted.priority])
    for name, column in _DAYS.items():
        days: Days = getattr(wanted, name)
        if days:
            mask &= _within(columns, column, days)
    for word in wanted.only:
        mask &= only(columns, ONLY[word])
    if wanted.colour:
        colours = lights(columns, now)
        anyone = np.zeros(columns.size, dtype=np.bool_)
        for colour in wanted.colour:
            anyone |= colours[colour]
        mask &= anyone
    for places in _asked(db, wanted):
        mask &= _at(places, columns.size)
    return mask


_DAYS = {
    "captured": "captured_on",
    "due": "due_on",
    "finished": "finished_on",
    "reassigned": "reassigned_on",
}


def _within(columns: Columns, column: str, days: Days) -> Mask:
    values = columns[column]
    mask: Mask = values != NONE
    if days.first is not None:
        mask &= values >= day_number(days.first)
    if days.last is not None:
        mask &= values <= day_number(days.last)
    return mask


def is_open(columns: Columns) -> Mask:
    return columns.is_one_of("status", OPEN)


def lights(columns: Columns, now: datetime) -> dict[str, Mask]:
    """Where each colour of the semáforo stands at ``now``: ``cases.semaforo``, for all at once."""
    moment = seconds_of(now)
    assert moment is not None
    opened, due, amber = is_open(columns), columns["due_at"], columns["amber_at"]
    emergency = opened & (columns["priority"] == 1)
    dated = opened & ~emergency & (due != NONE)
    # Seconds here, thousandths in the report: what falls due this very second is not late yet.
    red = dated & (due < moment)
    yellow = dated & ~red & (amber != NONE) & (amber <= moment)
    return {
        "emergency": emergency,
        "red": red,
        "amber": yellow,
        "green": dated & ~red & ~yellow,
        "none": opened & ~emergency & (due == NONE),
        "closed": np.asarray(columns.living & ~opened),
    }


def only(columns: Columns, what: str) -> Mask:
    """Where one of ``filters.ONLY``'s meanings holds."""
    match what:
        case "open":
            return is_open(columns)
        case "closed":
            return np.asarray(columns.living & ~is_open(columns))
        case "reassigned":
            return np.asarray(columns["reassigned"] > 0)
        case "reopened":
            return np.asarray(columns["reopened"] > 0)
        case "flagged":
            return columns.has("flags")
        case "unclassified":
            return np.asarray(is_open(columns) & (columns["agency"] == 0))
        case "duplicate":
            return np.asarray((columns["duplicate"] == 1) | (columns["duplicates"] > 0))
        case "unanswered":
            return np.asarray(columns["answered_at"] == NONE)
        case "not_solved":
            return np.asarray(columns["solved"] == 0)
        case "verified":
            return np.asarray(columns.has("solved"))
        case "confidential":
            return np.asarray(columns["confidential"] == 1)
        case "danger":
            return np.asarray(columns["danger"] == 1)
        case "placeless":
            return np.asarray((columns["lat"] == NONE) & (columns["block"] == 0))
        case "unheld":
            return np.asarray(is_open(columns) & (columns["holder"] == 0))
        case "no_brigade":
            return np.asarray(is_open(columns) & ~columns.has("brigades"))
        case "person":
            return np.asarray(columns["has_person"] == 1)
    raise AssertionError(what)


def match_words(text: str) -> str | None:
    """FTS5's query for words as a person types them: all must be there, each at least as a beginning."""
    words = _WORD.findall(text)
    return " ".join(f'"{word}"*' for word in words) if words else None


def _asked(db: apsw.Connection, wanted: Filter) -> Iterable[Numbers]:
    """The places that the register's file knows for each member that is no column."""
    if wanted.user:
        yield _places(db, "SELECT n FROM actors WHERE actor IN (%s)", wanted.user)
    if wanted.folio:
        folios = [folio.upper() for folio in wanted.folio]
        yield np.concatenate(
            [
                _places(db, "SELECT n FROM reports WHERE folio IN (%s)", folios),
                _places(db, "SELECT n FROM reports WHERE provisional IN (%s)", folios),
                _places(db, "SELECT n FROM old_folios WHERE old_folio IN (%s)", folios),
            ]
        )
    if wanted.words and (query := match_words(wanted.words)):
        yield _numbers(db, "SELECT rowid AS n FROM words WHERE words MATCH ?", (query,))
    if wanted.street and (query := match_words(wanted.street)):
        yield _numbers(db, "SELECT rowid AS n FROM streets WHERE streets MATCH ?", (query,))
    if wanted.person and (query := match_words(wanted.person)):
        statement = (
            "SELECT n FROM reports WHERE citizen IN (SELECT citizen FROM persons.persons WHERE rowid IN"
            " (SELECT rowid FROM persons.names WHERE names MATCH ?))"
        )
        yield _numbers(db, statement, (query,))
    if wanted.phone:
        statement = (
            "SELECT n FROM reports WHERE citizen IN (SELECT citizen FROM persons.persons WHERE digits = ?)"
        )
        digits = digits_of(wanted.phone)
        # And of those of whom that telephone is known besides what they gave with a report.
        others = {c for number in numbers_with(db, digits or "") for c in citizens_of(db, number)}
        yield np.concatenate([_numbers(db, statement, (digits,)), _of_citizens(db, others)])
    if wanted.citizen:
        meant = {c for number in wanted.citizen for c in citizens_of(db, int(number))}
        yield _of_citizens(db, meant)


def _of_citizens(db: apsw.Connection, citizens: Iterable[str]) -> Numbers:
    return _places(db, "SELECT n FROM reports WHERE citizen IN (%s)", sorted(citizens))


def _places(db: apsw.Connection, statement: str, values: Iterable[str]) -> Numbers:
    listed = list(values)
    return _numbers(db, statement % ", ".join("?" * len(listed)), listed)


def _numbers(db: apsw.Connection, statement: str, values: Iterable[str | int | None]) -> Numbers:
    """The numbers ``n`` of a statement; as one text, which costs a third of as many rows."""
    joined = f"SELECT group_concat(n) FROM ({statement})"
    ((text,),) = db.execute(joined, tuple(values)).fetchall()
    return np.fromstring(str(text), dtype=np.int64, sep=",") if text else np.zeros(0, dtype=np.int64)


def _at(places: Numbers, size: int) -> Mask:
    mask = np.zeros(size, dtype=np.bool_)
    mask[places[places < size]] = True
    return mask
