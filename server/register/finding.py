"""One box for whoever has a caller on the line: folio, telephone or words lead to the reports.

Law: what is typed is tried as what it looks like, exact things first; a folio needs neither prefix nor zeros.
What may not be read is not found. The neighbour's own question (``id_by_folio``) knows folios alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import apsw
import numpy as np

from server.cases.folio import definitive, read_provisional
from server.persons.telephones import digits_of
from server.register.choosing import chosen
from server.register.columns import Columns
from server.register.filters import Filter
from server.register.lists import Row, rows_at
from server.register.scope import Scope, visible

_FOLIO = re.compile(r"(?:[A-Za-zÑñ]{1,8}[\s-]*)?0*(\d{1,9})\Z")
_NUMBER = re.compile(r"([A-ZÑ]{0,8})-?0*([1-9]\d{0,8})\Z")
_PROVISIONAL = re.compile(r"[0-9A-Za-z]{4}-?[0-9A-Za-z]{4,}\Z")
#: Reports shown of a guess.
MOST = 20

_CITIZEN = re.compile(r"(?i:c|ciudadan[oa])[\s-]*0*([1-9]\d{0,7})\Z")

What = Literal["folio", "citizen", "phone", "words"]


@dataclass(frozen=True, slots=True)
class Found:
    """``exact``: the one report that was meant. Else ``wanted`` is the list that holds all of ``rows``."""

    what: What
    wanted: Filter
    rows: list[Row]
    exact: str | None = None


def find(
    db: apsw.Connection, columns: Columns, text: str, scope: Scope, now: datetime, *, persons: bool
) -> list[Found]:
    """What ``text`` may mean, likeliest first; nothing is an empty list. ``persons``: by telephone and
    name too, which who may not see citizens' data is not offered.
    """
    text = " ".join(text.split())[:200]
    if not text:
        return []
    found: list[Found] = []
    by_folio = _folios(db, columns, text, scope)
    if by_folio:
        exact = by_folio[0].id if len(by_folio) == 1 else None
        wanted = Filter(folio=tuple(row.folio or row.provisional for row in by_folio))
        found.append(Found("folio", wanted, by_folio, exact))
    if persons and (number := _CITIZEN.match(text)):
        found += _by(db, columns, "citizen", Filter(citizen=(number[1],)), scope, now)
    digits = digits_of(text) if re.fullmatch(r"[\d\s()+.-]{10,25}", text) else None
    if persons and digits and len(digits) == 10:
        found += _by(db, columns, "phone", Filter(phone=digits), scope, now)
    if re.search(r"[^\W\d_]{2}", text):
        for wanted in [*([Filter(person=text)] if persons else []), Filter(street=text), Filter(words=text)]:
            found += _by(db, columns, "words", wanted, scope, now)
    return found


def _by(
    db: apsw.Connection, columns: Columns, what: What, wanted: Filter, scope: Scope, now: datetime
) -> list[Found]:
    with columns.lock:
        places = np.flatnonzero(chosen(db, columns, wanted, scope, now))
        newest = places[np.argsort(-columns["captured_at"][places].astype(np.int64), kind="stable")][:MOST]
        rows = rows_at(db, columns, [int(n) for n in newest])
    return [Found(what, wanted, rows)] if rows else []


def _folios(db: apsw.Connection, columns: Columns, text: str, scope: Scope) -> list[Row]:
    """By number, by provisional folio, by an old system's folio."""
    places: set[int] = set()
    upper = text.upper().replace(" ", "")
    statements = [
        ("SELECT n FROM reports WHERE folio = ?", upper),
        ("SELECT n FROM old_folios WHERE old_folio = ?", text.upper()),
    ]
    if _PROVISIONAL.match(upper):
        statements.append(("SELECT n FROM reports WHERE provisional = ?", upper))
    for statement, value in statements:
        places.update(int(str(row[0])) for row in db.execute(statement, (value,)).fetchall())
    number = _FOLIO.match(text)
    with columns.lock:
        readable = visible(columns, scope)
        if number and not places:
            places.update(np.flatnonzero(columns["folio_number"] == int(number[1])).tolist())
        allowed = sorted(n for n in places if n < len(readable) and readable[n])[:MOST]
        return rows_at(db, columns, allowed)


def id_by_folio(db: apsw.Connection, text: str, prefix: str) -> str | None:
    """The uuid of the one report that bears a folio: a definitive one of ``prefix`` with or without prefix,
    hyphen and zeros, a provisional or an old system's one. None for no report, and for more than one.

    Every question is asked whatever the others found, so that the time tells nothing.
    """
    written = " ".join(text.split())
    upper = re.sub(r"[\s\u2010-\u2015-]+", "-", written.upper())
    number = _NUMBER.match(upper)
    mine = number is not None and number[1] in ("", prefix.upper())
    statements = (
        ("SELECT id FROM reports WHERE folio = ?", (upper,)),
        (
            "SELECT id FROM reports WHERE folio = ?",
            (definitive(prefix, int(number[2])) if number and mine else "",),
        ),
        ("SELECT id FROM reports WHERE provisional = ? LIMIT 2", (read_provisional(written) or "",)),
        (
            "SELECT id FROM old_folios JOIN reports USING (n) WHERE old_folio IN (?, ?) LIMIT 2",
            (written, written.upper()),
        ),
    )
    whole, *others = (db.execute(statement, values).fetchall() for statement, values in statements)
    # Written in full it is that one; a bare number may be an old system's too, and then it is neither.
    ids = {str(row[0]) for row in whole} or {str(row[0]) for rows in others for row in rows}
    return ids.pop() if len(ids) == 1 else None
