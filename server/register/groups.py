"""Numbers of persons and their citizen documents, joined ones resolved.

Law: a number leads where its person was joined to, however far; of persons joined to each other at once the
lowest number stands.
"""

from __future__ import annotations

import apsw


def root_of(db: apsw.Connection, number: int) -> int:
    """The number a number leads to; of numbers joined to each other the lowest."""
    seen = [number]
    while True:
        rows = db.execute("SELECT merged_into FROM persons.people WHERE number = ?", (seen[-1],)).fetchall()
        into = rows[0][0] if rows else None
        if into is None:
            return seen[-1]
        into = int(str(into))
        if into in seen:
            return min(seen[seen.index(into) :])
        seen.append(into)


def family_of(db: apsw.Connection, number: int) -> list[int]:
    """All numbers that lead to the same person."""
    statement = (
        "WITH RECURSIVE down(n) AS (SELECT ? UNION SELECT number FROM persons.people JOIN down"
        " ON merged_into = n) SELECT n FROM down"
    )
    return sorted(int(str(row[0])) for row in db.execute(statement, (root_of(db, number),)).fetchall())


def citizens_of(db: apsw.Connection, number: int) -> list[str]:
    """The citizen documents of a person."""
    numbers = family_of(db, number)
    marks = ", ".join("?" * len(numbers))
    statement = f"SELECT DISTINCT citizen FROM persons.members WHERE number IN ({marks}) ORDER BY citizen"
    return [str(row[0]) for row in db.execute(statement, numbers).fetchall()]


def numbers_with(db: apsw.Connection, digits: str) -> set[int]:
    """Persons of whom a telephone is known besides their documents."""
    rows = db.execute("SELECT number FROM persons.extra_phones WHERE digits = ?", (digits,)).fetchall()
    return {root_of(db, int(str(row[0]))) for row in rows}
