"""Writing the register: rows into its files and its columns, a batch and its checkpoint in one transaction.

Law: a batch is in the file whole, with the place in the feed it came from, or not at all; the columns follow
the file. Repeating a batch changes nothing. Blocking: whoever is on a loop calls it in a thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import apsw

from server.register.columns import Columns
from server.register.fields import FIELDS, STRINGS
from server.register.persons import Group, Person
from server.register.rows import Rows

#: Rows that are read together when the columns are filled: a megabyte or two.
_PAGE = 2_000
_NAMES = (*STRINGS, *(field.name for field in FIELDS))
_STRINGS = len(STRINGS)
_INSERT = (
    f"INSERT INTO reports (n, {', '.join(_NAMES)}) VALUES (?, {', '.join('?' * len(_NAMES))})"
    f" ON CONFLICT (n) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _NAMES)}"
)
#: Ids asked for in one statement.
_ASKED = 500


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
        names = ", ".join(field.name for field in FIELDS)
        query = f"SELECT n, {names} FROM reports WHERE n > ? ORDER BY n LIMIT {_PAGE}"
        last, count = 0, 0
        while rows := self._db.execute(query, (last,)).fetchall():
            with self._columns.lock:
                self._columns.put([int(str(row[0])) for row in rows], [row[1:] for row in rows])
            last, count = int(str(rows[-1][0])), count + len(rows)
        return count

    def take(self, reports: Sequence[Rows], gone: Iterable[str], place: Place) -> bool:
        """Put these reports and take those ids out. True where a text was taken out that was there before."""
        # Of a report that comes twice in a batch the last is what holds.
        last = {rows.id: rows for rows in reports}
        with self._columns.lock, self._db:
            known = self._known(list(last))
            lost = self._clear_known(last, known)
            self._put(last, known)
            self._columns.put(
                [known[report] for report in last], [rows.row[_STRINGS:] for rows in last.values()]
            )
            for n in self._known(list(gone)).values():
                self._clear([n])
                self._db.execute("DELETE FROM reports WHERE n = ?", (n,)).fetchall()
                self._columns.drop(n)
                lost = True
            row = (place.epoch, place.seq, place.made_for)
            self._db.execute("INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?)", row).fetchall()
        return lost

    def _known(self, reports: list[str]) -> dict[str, int]:
        """The places of those that are there."""
        found: dict[str, int] = {}
        for start in range(0, len(reports), _ASKED):
            part = reports[start : start + _ASKED]
            marks = ", ".join("?" * len(part))
            rows = self._db.execute(f"SELECT id, n FROM reports WHERE id IN ({marks})", part).fetchall()
            found.update({str(report): int(str(n)) for report, n in rows})
        return found

    def _clear_known(self, last: dict[str, Rows], known: dict[str, int]) -> bool:
        """Make room for what comes anew; True where words leave that do not come back."""
        lost = False
        for report, n in known.items():
            before = self._db.execute("SELECT said FROM words WHERE rowid = ?", (n,)).fetchall()
            left = set(last[report].words.split("\n"))
            lost = lost or any(not set(str(said).split("\n")) <= left for (said,) in before)
        self._clear(list(known.values()))
        return lost

    def _put(self, last: dict[str, Rows], known: dict[str, int]) -> None:
        """Write the rows; ``known`` gains the places of new ones."""
        ((highest,),) = self._db.execute("SELECT coalesce(max(n), 0) FROM reports").fetchall()
        fresh = int(str(highest))
        for report in last:
            if report not in known:
                fresh += 1
                known[report] = fresh
        places = [(known[report], rows) for report, rows in last.items()]
        self._db.executemany(_INSERT, [(n, *rows.row) for n, rows in places])
        self._db.executemany(
            "INSERT OR IGNORE INTO actors VALUES (?, ?)",
            [(actor, n) for n, rows in places for actor in rows.actors],
        )
        self._db.executemany(
            "INSERT OR IGNORE INTO old_folios VALUES (?, ?)",
            [(folio.upper(), n) for n, rows in places for folio in rows.old_folios],
        )
        self._db.executemany(
            "INSERT INTO words (rowid, said) VALUES (?, ?)", [(n, rows.words) for n, rows in places]
        )
        streets = [(n, rows.street) for n, rows in places if rows.street]
        self._db.executemany("INSERT INTO streets (rowid, street) VALUES (?, ?)", streets)

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

    def people_place(self) -> Place | None:
        """How far ``office`` was taken in."""
        rows = self._db.execute("SELECT epoch, seq FROM people_state").fetchall()
        return Place(*(str(value) for value in rows[0])) if rows else None

    def take_people(self, people: Iterable[Group], gone: Iterable[int], place: Place, anew: bool) -> bool:
        """Put these persons and take those numbers out; ``anew``: whatever else is there goes, too.

        True where something was taken out.
        """
        lost = False
        with self._db:
            if anew:
                for table in ("people", "members", "extra_phones"):
                    self._db.execute(f"DELETE FROM persons.{table}").fetchall()
                lost = True
            for number in gone:
                lost = self._forget_group(number) or lost
            for group in people:
                lost = self._forget_group(group.number) or lost
                row = (group.number, group.merged_into)
                self._db.execute("INSERT INTO people VALUES (?, ?)", row).fetchall()
                for table, values in (("members", group.citizens), ("extra_phones", group.phones)):
                    pairs = [(value, group.number) for value in dict.fromkeys(values)]
                    self._db.executemany(f"INSERT INTO persons.{table} VALUES (?, ?)", pairs)
            state = (place.epoch, place.seq)
            self._db.execute("INSERT OR REPLACE INTO people_state VALUES (1, ?, ?)", state).fetchall()
        return lost

    def _forget_group(self, number: int) -> bool:
        for table in ("members", "extra_phones"):
            self._db.execute(f"DELETE FROM persons.{table} WHERE number = ?", (number,)).fetchall()
        known = self._db.execute("DELETE FROM people WHERE number = ? RETURNING 1", (number,)).fetchall()
        return bool(known)

    def forget_logs(self) -> None:
        """What was taken out is in the logs no more."""
        for name in ("main", "persons"):
            self._db.execute(f"PRAGMA {name}.wal_checkpoint(TRUNCATE)").fetchall()

    def _clear(self, places: list[int]) -> None:
        """What belongs to reports besides their rows."""
        for statement in (
            "DELETE FROM actors WHERE n = ?",
            "DELETE FROM old_folios WHERE n = ?",
            "DELETE FROM words WHERE rowid = ?",
            "DELETE FROM streets WHERE rowid = ?",
        ):
            self._db.executemany(statement, [(n,) for n in places])

    def _forget(self, citizen: str) -> bool:
        known = self._db.execute("SELECT rowid FROM persons WHERE citizen = ?", (citizen,)).fetchall()
        for (rowid,) in known:
            self._db.execute("DELETE FROM names WHERE rowid = ?", (rowid,)).fetchall()
            self._db.execute("DELETE FROM persons WHERE rowid = ?", (rowid,)).fetchall()
        return bool(known)
