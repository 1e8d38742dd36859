"""Writing the register: rows into its files and its columns, a batch and its checkpoint in one transaction.

Law: a batch is in the file whole, with the place in the feed it came from, or not at all; the columns follow
the file. Repeating a batch changes nothing. Blocking: whoever is on a loop calls it in a thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import apsw
import numpy as np

from server.register.columns import Columns
from server.register.fields import FIELDS, NONE, STRINGS
from server.register.persons import Person
from server.register.rows import Rows

#: Rows that are read together when the columns are filled: some 10 MB.
_PAGE = 20_000
_NAMES = (*STRINGS, *(field.name for field in FIELDS))
_INSERT = (
    f"INSERT INTO reports ({', '.join(_NAMES)}) VALUES ({', '.join('?' * len(_NAMES))})"
    f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _NAMES)}"
    " RETURNING n"
)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a feed was taken in. ``made_for``: what the rows were made with besides the documents."""

    epoch: str
    seq: str
    made_for: str = ""


class Writing:
    """The one writer of a register's files."""

    def __init__(self, db: apsw.Connection, columns: Columns) -> None:
        self._db = db
        self._columns = columns

    def place(self) -> Place | None:
        """How far ``cases`` was taken in; None where nothing was."""
        rows = self._db.execute("SELECT epoch, seq, made_for FROM state").fetchall()
        return Place(*(str(value) for value in rows[0])) if rows else None

    def persons_place(self) -> Place | None:
        """How far ``citizens`` was taken in."""
        rows = self._db.execute("SELECT epoch, seq FROM persons_state").fetchall()
        return Place(*(str(value) for value in rows[0])) if rows else None

    def load(self) -> int:
        """Fill the columns from the file; gives how many reports there are."""
        names = [field.name for field in FIELDS]
        query = f"SELECT n, {', '.join(names)} FROM reports WHERE n > ? ORDER BY n LIMIT {_PAGE}"
        last, count = 0, 0
        sets: dict[tuple[str, str], list[int]] = {}
        while rows := self._db.execute(query, (last,)).fetchall():
            with self._columns.lock:
                columns = {
                    field.name: [self._stored(field.name, field.kind, row[number], sets) for row in rows]
                    for number, field in enumerate(FIELDS, 1)
                }
                self._columns.fill(np.array([row[0] for row in rows], dtype=np.int64), columns)
            last, count = int(str(rows[-1][0])), count + len(rows)
        return count

    def _stored(self, name: str, kind: str, value: Any, sets: dict[tuple[str, str], list[int]]) -> Any:
        if kind == "bits":
            known = sets.get((name, value))
            if known is None:
                known = sets[name, value] = self._columns.bits(name, value.split())
            return known
        if kind == "text":
            return self._columns.codes[name].code(value)
        return NONE if value is None else value

    def take(self, reports: Sequence[Rows], gone: Iterable[str], place: Place) -> bool:
        """Put these reports and take those ids out. True where a text was taken out that was there before."""
        lost = False
        with self._columns.lock, self._db:
            for rows in reports:
                n, erased = self._put(rows)
                lost = lost or erased
                self._columns.put(n, rows.values)
            for report in gone:
                for row in self._db.execute("SELECT n FROM reports WHERE id = ?", (report,)).fetchall():
                    place_gone = int(str(row[0]))
                    self._clear(place_gone)
                    self._db.execute("DELETE FROM reports WHERE n = ?", (place_gone,)).fetchall()
                    self._columns.drop(place_gone)
                    lost = True
            row = (place.epoch, place.seq, place.made_for)
            self._db.execute("INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?)", row).fetchall()
        return lost

    def take_persons(self, persons: Iterable[Person], gone: Iterable[str], place: Place) -> bool:
        """Put these persons and take those citizen ids out. True where one was taken out."""
        lost = False
        with self._db:
            for citizen in gone:
                lost = self._forget(citizen) or lost
            for person in persons:
                self._forget(person.citizen)
                row = (person.citizen, person.name, person.phone, person.digits, person.email, person.address)
                self._db.execute("INSERT INTO persons VALUES (?, ?, ?, ?, ?, ?)", row).fetchall()
                if person.name:
                    rowid = self._db.last_insert_rowid()
                    self._db.execute(
                        "INSERT INTO names (rowid, name) VALUES (?, ?)", (rowid, person.name)
                    ).fetchall()
            state = (place.epoch, place.seq)
            self._db.execute("INSERT OR REPLACE INTO persons_state VALUES (1, ?, ?)", state).fetchall()
        return lost

    def forget_logs(self) -> None:
        """What was taken out is in the logs no more."""
        for name in ("main", "persons"):
            self._db.execute(f"PRAGMA {name}.wal_checkpoint(TRUNCATE)").fetchall()

    def _put(self, rows: Rows) -> tuple[int, bool]:
        report = rows.strings["id"]
        known = self._db.execute("SELECT n FROM reports WHERE id = ?", (report,)).fetchall()
        erased = False
        if known:
            before = self._db.execute("SELECT said FROM words WHERE rowid = ?", known[0]).fetchall()
            erased = bool(before) and not set(str(before[0][0]).split("\n")) <= set(rows.words.split("\n"))
            self._clear(int(str(known[0][0])))
        values: list[str | int | float | None] = [rows.strings[name] for name in STRINGS]
        for field in FIELDS:
            value = rows.values[field.name]
            if isinstance(value, tuple):
                values.append(" ".join(value))
            elif field.kind == "degrees" and value is not None:
                values.append(self._columns.encoded(field.name, value))
            else:
                values.append(value)
        ((n,),) = self._db.execute(_INSERT, values).fetchall()
        place = int(str(n))
        self._db.executemany(
            "INSERT INTO assignments VALUES (?, ?, ?, ?, ?, ?)",
            [(place, *entry) for entry in rows.assignments],
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO actors VALUES (?, ?)", [(actor, place) for actor in rows.actors]
        )
        self._db.execute("INSERT INTO words (rowid, said) VALUES (?, ?)", (place, rows.words)).fetchall()
        old = [(folio.upper(), place) for folio in rows.old_folios]
        self._db.executemany("INSERT OR IGNORE INTO old_folios VALUES (?, ?)", old)
        if rows.strings["street"]:
            row = (place, rows.strings["street"])
            self._db.execute("INSERT INTO streets (rowid, street) VALUES (?, ?)", row).fetchall()
        return place, erased

    def _clear(self, n: int) -> None:
        """What belongs to a report besides its row."""
        for statement in (
            "DELETE FROM assignments WHERE n = ?",
            "DELETE FROM actors WHERE n = ?",
            "DELETE FROM old_folios WHERE n = ?",
            "DELETE FROM words WHERE rowid = ?",
            "DELETE FROM streets WHERE rowid = ?",
        ):
            self._db.execute(statement, (n,)).fetchall()

    def _forget(self, citizen: str) -> bool:
        known = self._db.execute("SELECT rowid FROM persons WHERE citizen = ?", (citizen,)).fetchall()
        for (rowid,) in known:
            self._db.execute("DELETE FROM names WHERE rowid = ?", (rowid,)).fetchall()
            self._db.execute("DELETE FROM persons WHERE rowid = ?", (rowid,)).fetchall()
        return bool(known)
