"""Whether the register says what the truth says (``manzana check``).

Law: what grows anew in an empty folder is what is compared, so that checking knows no rule of its own.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import apsw

from server.register.fields import FIELDS, STRINGS
from server.register.register import Register
from server.register.schema import connect
from server.store.databases import Databases

#: Differences told at most.
_MOST = 20


def content(db: apsw.Connection) -> dict[str, tuple[object, ...]]:
    """Everything a register's files hold of each report, by its id; its places left out."""
    names = [name for name in (*STRINGS, *(field.name for field in FIELDS)) if name != "id"]
    found: dict[str, list[object]] = {}
    ids: dict[object, str] = {}
    for n, report, *values in db.execute(f"SELECT n, id, {', '.join(names)} FROM reports").fetchall():
        ids[n] = str(report)
        found[str(report)] = list(values)
    for statement in (
        "SELECT n, actor FROM actors ORDER BY actor",
        "SELECT n, old_folio FROM old_folios ORDER BY old_folio",
        "SELECT rowid, said FROM words",
        "SELECT rowid, street FROM streets",
    ):
        for n, *values in db.execute(statement).fetchall():
            found[ids[n]].append(tuple(values))
    return {report: tuple(values) for report, values in found.items()}


def persons(db: apsw.Connection) -> set[tuple[object, ...]]:
    """Every person with the name they are found by."""
    statement = (
        "SELECT citizen, p.name, phone, digits, email, address, f.name FROM persons.persons AS p"
        " LEFT JOIN persons.names AS f ON f.rowid = p.rowid"
    )
    groups = (
        "SELECT number, merged_into, (SELECT group_concat(citizen) FROM (SELECT citizen FROM"
        " persons.members AS m WHERE m.number = p.number ORDER BY citizen)), (SELECT group_concat(digits)"
        " FROM (SELECT digits FROM persons.extra_phones AS e WHERE e.number = p.number ORDER BY digits))"
        " FROM persons.people AS p"
    )
    return {tuple(row) for part in (statement, groups) for row in db.execute(part).fetchall()}


async def check(folder: Path, databases: Databases) -> list[str]:
    """What differs between a register's files and the truth, in sentences; no files, no difference."""
    if not (folder / "register.sqlite3").exists():
        return []
    with tempfile.TemporaryDirectory(dir=folder.parent) as beside:
        fresh = Register(Path(beside), databases)
        await fresh.catch_up()
        await fresh.stop()
        mine, grown = connect(folder, writer=False), connect(Path(beside), writer=False)
        try:
            return _differences(mine, grown)
        finally:
            mine.close()
            grown.close()


def _differences(mine: apsw.Connection, grown: apsw.Connection) -> list[str]:
    held, wanted = content(mine), content(grown)
    found = [f"register: report {report} is missing" for report in sorted(wanted.keys() - held.keys())]
    found += [f"register: report {report} is no more" for report in sorted(held.keys() - wanted.keys())]
    found += [
        f"register: report {report} differs"
        for report in sorted(held.keys() & wanted.keys())
        if held[report] != wanted[report]
    ]
    if persons(mine) != persons(grown):
        found.append("register: persons differ")
    return found[:_MOST]
