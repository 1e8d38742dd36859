"""Which citizen documents are one person's, by number, and who may well be the same one.

Law: a suggestion is one; only a human joins. Nobody is suggested, or found, of whom the asker may read no
report: whose only matters are others' or confidential does not exist for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import apsw
import numpy as np
from rapidfuzz import fuzz, process

from server.documents.folding import folded
from server.register.columns import Columns
from server.register.groups import citizens_of, numbers_with, root_of
from server.register.lists import Row, rows_at
from server.register.scope import Scope, visible

T = TypeVar("T")

#: Names at least so alike (0 … 100, words in any order) may be one person's in one colonia.
_ALIKE = 86.0
#: Suggestions, candidates of the colonias (the newest), and values of one statement.
MOST, _CANDIDATES, _PART = 12, 5_000, 500


@dataclass(frozen=True, slots=True)
class Known:
    """A citizen document as the register has it; ``number``: of its person, joined ones resolved."""

    citizen: str
    name: str | None
    phone: str | None
    digits: str | None
    number: int | None


@dataclass(frozen=True, slots=True)
class Likely:
    """``phone``: the same telephone; ``alike``: how alike the names are, 0 … 100."""

    known: Known
    phone: bool
    colonia: bool
    alike: float


def known_of(db: apsw.Connection, citizens: Iterable[str]) -> list[Known]:
    """The documents with a person's data in them, in this order."""
    found: dict[str, Known] = {}
    wanted = list(dict.fromkeys(citizens))
    for part in _parts(wanted):
        marks = ", ".join("?" * len(part))
        statement = (
            "SELECT p.citizen, p.name, p.phone, p.digits, min(m.number) FROM persons.persons AS p"
            f" LEFT JOIN persons.members AS m USING (citizen) WHERE p.citizen IN ({marks}) GROUP BY p.citizen"
        )
        for citizen, name, phone, digits, number in db.execute(statement, part).fetchall():
            texts = [None if text is None else str(text) for text in (name, phone, digits)]
            root = None if number is None else root_of(db, int(str(number)))
            found[str(citizen)] = Known(str(citizen), texts[0], texts[1], texts[2], root)
    return [found[citizen] for citizen in wanted if citizen in found]


def readable_of(
    db: apsw.Connection, columns: Columns, citizens: Iterable[str], scope: Scope
) -> dict[str, list[int]]:
    """Those of the documents of which the asker may read a report, with those reports' places; who reads
    everything reads those without a report, too.
    """
    wanted = list(dict.fromkeys(citizens))
    found: dict[str, list[int]] = {}
    if scope.everything and scope.confidential:
        found = {citizen: [] for citizen in wanted}
    with columns.lock:
        mask = visible(columns, scope)
        for part in _parts(wanted):
            marks = ", ".join("?" * len(part))
            statement = f"SELECT citizen, n FROM reports WHERE citizen IN ({marks})"
            for citizen, n in db.execute(statement, part).fetchall():
                place = int(str(n))
                if place < len(mask) and mask[place]:
                    found.setdefault(str(citizen), []).append(place)
    return found


def reports_of(
    db: apsw.Connection, columns: Columns, citizens: Iterable[str], scope: Scope, most: int = 100
) -> list[Row]:
    """The reports of these documents that may be read, the newest first."""
    places = sorted({n for found in readable_of(db, columns, citizens, scope).values() for n in found})
    with columns.lock:
        captured = columns["captured_at"][places] if places else np.zeros(0, dtype=np.int64)
        order = np.argsort(-captured.astype(np.int64), kind="stable")[:most]
        return rows_at(db, columns, [places[int(n)] for n in order])


def named(
    db: apsw.Connection, columns: Columns, query: str | None, digits: str | None, scope: Scope, most: int = 50
) -> list[Known]:
    """Persons by the words of their name (an FTS5 query) or by a telephone."""
    citizens: list[str] = []
    if digits:
        rows = db.execute("SELECT citizen FROM persons.persons WHERE digits = ?", (digits,)).fetchall()
        citizens += [str(row[0]) for row in rows]
        citizens += [c for number in sorted(numbers_with(db, digits)) for c in citizens_of(db, number)]
    elif query:
        statement = (
            "SELECT citizen FROM persons.persons WHERE rowid IN"
            " (SELECT rowid FROM persons.names WHERE names MATCH ? LIMIT 2000)"
        )
        citizens += [str(row[0]) for row in db.execute(statement, (query,)).fetchall()]
    allowed = readable_of(db, columns, citizens, scope)
    return known_of(db, [citizen for citizen in citizens if citizen in allowed])[:most]


def likely(db: apsw.Connection, columns: Columns, own: Sequence[str], scope: Scope) -> list[Likely]:
    """Who may be the same as the person of these documents, likeliest first: of the same telephone, or of
    the same colonia with a name that is alike.
    """
    mine = known_of(db, own)
    numbers = {known.number for known in mine} - {None}
    names = sorted({folded(known.name) for known in mine if known.name})
    digits = {known.digits for known in mine if known.digits}
    phones = {
        str(row[0])
        for one in digits
        for row in db.execute("SELECT citizen FROM persons.persons WHERE digits = ?", (one,)).fetchall()
    }
    near = _neighbours(db, columns, own, scope) if names else []
    nearby, mine_too = set(near), set(own)
    candidates = [c for c in dict.fromkeys([*sorted(phones), *near]) if c not in mine_too]
    known = [one for one in known_of(db, candidates) if one.number is None or one.number not in numbers]
    scores = _alike(names, known)
    picked = [
        Likely(one, one.citizen in phones, one.citizen in nearby, score)
        for one, score in zip(known, scores, strict=True)
        if one.citizen in phones or score >= _ALIKE
    ]
    allowed = readable_of(db, columns, [one.known.citizen for one in picked], scope)
    picked = [one for one in picked if one.known.citizen in allowed]
    picked.sort(key=lambda one: (not one.phone, -one.alike, one.known.citizen))
    # Of a person that has several documents, the likeliest stands for all.
    best: dict[object, Likely] = {}
    for one in picked:
        best.setdefault(one.known.number if one.known.number is not None else one.known.citizen, one)
    return list(best.values())[:MOST]


def _alike(names: list[str], known: list[Known]) -> list[float]:
    listed = [folded(one.name) if one.name else "" for one in known]
    best = [0.0] * len(listed)
    for name in names:
        near = process.extract(name, listed, scorer=fuzz.token_sort_ratio, score_cutoff=_ALIKE, limit=None)
        for _, score, place in near:
            best[place] = max(best[place], float(score))
    return best


def _neighbours(db: apsw.Connection, columns: Columns, own: Sequence[str], scope: Scope) -> list[str]:
    """Documents of readable reports in the colonias of this person's readable reports."""
    mine = [n for found in readable_of(db, columns, own, scope).values() for n in found]
    with columns.lock:
        colonias = sorted({text for n in mine if (text := columns.text_of("colonia", n))})
        if not colonias:
            return []
        mask = visible(columns, scope) & columns.is_one_of("colonia", colonias) & (columns["has_person"] == 1)
        places = [int(n) for n in np.flatnonzero(mask)[-_CANDIDATES:]]
    found: list[str] = []
    for part in _parts(places):
        marks = ", ".join("?" * len(part))
        rows = db.execute(f"SELECT citizen FROM reports WHERE n IN ({marks})", part).fetchall()
        found += [str(row[0]) for row in rows if row[0] is not None]
    return list(dict.fromkeys(found))


def _parts(values: Sequence[T]) -> Iterator[list[T]]:
    for start in range(0, len(values), _PART):
        yield list(values[start : start + _PART])
