"""Lists of reports: a page of a filter in an order, its true count, and what its reports are like.

Law: pages follow one another by the last row's place in the order (keyset), so nothing is shown twice or left
out because a new report came; a count is of all that the filter means, not of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import apsw
import numpy as np
import numpy.typing as npt

from server.instants import say
from server.register.choosing import chosen, lights, meant
from server.register.columns import Columns
from server.register.fields import NONE
from server.register.filters import Filter
from server.register.scope import Scope, visible
from server.register.statistics import AS_LISTED

Order = Literal["newest", "oldest", "due", "folio", "priority", "finished"]
ORDERS: tuple[Order, ...] = ("newest", "oldest", "due", "folio", "priority", "finished")
#: Fields that a list is told the values of, with their counts.
FACETS = ("status", "agency", "type", "family", "channel", "colonia", "sector", "priority")
#: Characters of a report's text that a list shows.
SNIPPET = 160
#: After every instant and number there is.
_LAST = 2**40


@dataclass(frozen=True, slots=True)
class Row:
    """A report as a list shows it. Instants are RFC 3339, None where there is none."""

    id: str
    folio: str | None
    provisional: str
    type: str
    status: str
    priority: int
    agency: str | None
    channel: str | None
    colonia: str | None
    sector: str | None
    block: str | None
    street: str
    snippet: str
    captured_at: str
    due_at: str | None
    amber_at: str | None
    finished_at: str | None
    answered_at: str | None
    flags: list[str]
    citizen: str | None
    confidential: bool
    danger: bool
    duplicate_of: str | None
    supports: int
    reassigned: int
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True)
class Listed:
    """``after`` is the next page's beginning (None at the end), ``first`` the number of the first row."""

    rows: list[Row]
    count: int
    first: int
    after: str | None
    before: str | None


class CursorError(ValueError):
    """A page's beginning that no page of this order gave."""


def keys_of(columns: Columns, order: Order) -> npt.NDArray[np.int64]:
    """What reports are ordered by, ascending; equal ones by their place."""
    captured = columns["captured_at"].astype(np.int64)
    match order:
        case "newest":
            return -captured
        case "oldest":
            return captured
        case "due":
            due = columns["due_at"].astype(np.int64)
            return np.where(due == NONE, _LAST, due)
        case "folio":
            folio = columns["folio_number"].astype(np.int64)
            return np.where(folio == NONE, _LAST, folio)
        case "finished":
            finished = columns["finished_at"].astype(np.int64)
            return np.where(finished == NONE, _LAST, -finished)
        case "priority":
            return columns["priority"].astype(np.int64) * _LAST + captured


def page_of(
    db: apsw.Connection,
    columns: Columns,
    wanted: Filter,
    scope: Scope,
    now: datetime,
    *,
    order: Order = "newest",
    size: int = 50,
    after: str | None = None,
    before: str | None = None,
) -> Listed:
    """One page; ``after`` or ``before`` as an earlier one gave them. Raises ``CursorError``."""
    with columns.lock:
        mask = chosen(db, columns, wanted, scope, now)
        places = np.flatnonzero(mask)
        all_keys = keys_of(columns, order)
        keys = all_keys.take(places)
        count = len(places)
        if before is not None:
            key, place = _cursor(before)
            earlier = (keys < key) | ((keys == key) & (places < place))
            skipped = max(0, int(earlier.sum()) - size)
            picked = _smallest(keys[earlier], places[earlier], skipped + size)[skipped:]
        else:
            skipped = 0
            if after is not None:
                key, place = _cursor(after)
                later = (keys > key) | ((keys == key) & (places > place))
                skipped = count - int(later.sum())
                keys, places = keys[later], places[later]
            picked = _smallest(keys, places, size)
        rows = rows_at(db, columns, [int(n) for n in picked])
        last = f"{all_keys[picked[-1]]}.{picked[-1]}" if len(picked) else None
        head = f"{all_keys[picked[0]]}.{picked[0]}" if len(picked) else None
    more = skipped + len(rows) < count
    return Listed(rows, count, skipped + 1, last if more else None, head if skipped else None)


def _smallest(keys: npt.NDArray[np.int64], places: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """The places of the first ``size`` in order."""
    if size < len(keys):
        # Everything up to the size-th key: equal keys at the edge are all taken, then cut in order.
        edge = np.partition(keys, size - 1)[size - 1] if size else keys.min() - 1
        near = keys <= edge
        keys, places = keys[near], places[near]
    return places[np.lexsort((places, keys))][:size]


def _cursor(text: str) -> tuple[int, int]:
    key, dot, place = text.partition(".")
    try:
        if not dot or len(text) > 60:
            raise ValueError(text)
        return int(key), int(place)
    except ValueError:
        raise CursorError(text[:60]) from None


def count_of(db: apsw.Connection, columns: Columns, wanted: Filter, scope: Scope, now: datetime) -> int:
    """How many reports a filter means."""
    with columns.lock:
        return int(np.count_nonzero(chosen(db, columns, wanted, scope, now)))


def counts_of(
    db: apsw.Connection, columns: Columns, filters: Sequence[Filter], scope: Scope, now: datetime
) -> list[int]:
    """How many reports each of these filters means."""
    with columns.lock:
        seen = visible(columns, scope)
        return [int(np.count_nonzero(meant(db, columns, wanted, seen, now))) for wanted in filters]


def facets_of(
    db: apsw.Connection,
    columns: Columns,
    wanted: Filter,
    scope: Scope,
    now: datetime,
    names: Sequence[str] = FACETS,
) -> dict[str, dict[str, int]]:
    """How the chosen reports divide by each of these fields, and by ``colour``; none is the empty text."""
    with columns.lock:
        mask = chosen(db, columns, wanted, scope, now)
        places = np.flatnonzero(mask)
        found: dict[str, dict[str, int]] = {}
        for name in names:
            if name == "priority":
                each = np.bincount(columns["priority"].take(places), minlength=5).tolist()
                found[name] = {str(p): each[p] for p in range(1, 5) if each[p]}
            else:
                field = AS_LISTED.get(name, name)
                found[name] = {text or "": count for text, count in columns.counts(field, places).items()}
        found["colour"] = {
            name: n
            for name, where in lights(columns, now).items()
            if (n := int(np.count_nonzero(where & mask)))
        }
    return found


def seen_of(
    db: apsw.Connection, columns: Columns, wanted: Filter, scope: Scope, now: datetime, most: int
) -> list[tuple[str, int, int]]:
    """Id, version and priority of the chosen reports as shown now, oldest first, ``most`` at most."""
    with columns.lock:
        places = np.flatnonzero(chosen(db, columns, wanted, scope, now))
        picked = _smallest(keys_of(columns, "oldest").take(places), places, most)
        priorities = columns["priority"][picked].tolist()
        found = []
        for n, priority in zip(picked.tolist(), priorities, strict=True):
            rows = db.execute("SELECT id, version FROM reports WHERE n = ?", (n,)).fetchall()
            found += [(str(report), int(str(version)), int(priority)) for report, version in rows]
    return found


def rows_of_ids(db: apsw.Connection, columns: Columns, ids: Sequence[str], scope: Scope) -> dict[str, Row]:
    """Those of these reports that may be read, by their id."""
    with columns.lock:
        readable = visible(columns, scope)
        marks = ", ".join("?" * len(ids))
        found = db.execute(f"SELECT n FROM reports WHERE id IN ({marks})", tuple(ids)).fetchall()
        places = [int(str(n)) for (n,) in found]
        rows = rows_at(db, columns, [n for n in places if n < len(readable) and readable[n]])
    return {row.id: row for row in rows}


def persons_of(db: apsw.Connection, citizens: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Name and telephone of these citizens, by their documents' ids."""
    marks = ", ".join("?" * len(citizens))
    statement = f"SELECT citizen, name, phone FROM persons.persons WHERE citizen IN ({marks})"
    rows = db.execute(statement, tuple(citizens)).fetchall()
    return {str(citizen): (str(name or ""), str(phone or "")) for citizen, name, phone in rows}


def rows_at(db: apsw.Connection, columns: Columns, places: Sequence[int]) -> list[Row]:
    """The reports at these places, in this order. The caller holds the columns' lock."""
    marks = ", ".join("?" * len(places))
    texts_of = f"n, id, folio, provisional, street, substr(text, 1, {SNIPPET}), citizen, duplicate_of"
    statement = f"SELECT {texts_of} FROM reports WHERE n IN ({marks})"
    texts = {row[0]: row[1:] for row in db.execute(statement, tuple(places)).fetchall()}
    return [_row(columns, n, texts[n]) for n in places if n in texts]


def _row(columns: Columns, n: int, texts: tuple[object, ...]) -> Row:
    report, folio, provisional, street, snippet, citizen, duplicate_of = (
        None if text is None else str(text) for text in texts
    )
    lat, lon = columns.number_of("lat", n), columns.number_of("lon", n)
    return Row(
        id=report or "",
        folio=folio,
        provisional=provisional or "",
        type=columns.text_of("type", n) or "",
        status=columns.text_of("status", n) or "",
        priority=columns.number_of("priority", n) or 3,
        agency=columns.text_of("agency", n),
        channel=columns.text_of("channel", n),
        colonia=columns.text_of("colonia", n),
        sector=columns.text_of("sector", n),
        block=columns.text_of("block", n),
        street=street or "",
        snippet=snippet or "",
        captured_at=_instant(columns.number_of("captured_at", n)) or "",
        due_at=_instant(columns.number_of("due_at", n)),
        amber_at=_instant(columns.number_of("amber_at", n)),
        finished_at=_instant(columns.number_of("finished_at", n)),
        answered_at=_instant(columns.number_of("answered_at", n)),
        flags=columns.set_of("flags", n),
        citizen=citizen,
        confidential=columns.number_of("confidential", n) == 1,
        danger=columns.number_of("danger", n) == 1,
        duplicate_of=duplicate_of,
        supports=columns.number_of("supports", n) or 0,
        reassigned=columns.number_of("reassigned", n) or 0,
        lat=None if lat is None else lat / 1_000_000,
        lon=None if lon is None else lon / 1_000_000,
    )


def _instant(seconds: int | None) -> str | None:
    return None if seconds is None else say(datetime.fromtimestamp(seconds, UTC))
