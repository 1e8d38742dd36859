"""The register's two files: reports with their words, and, apart, persons.

Law: all of it is derived, so a file of another form, or a damaged one, is thrown away and grows again. What
was deleted is overwritten at once (``secure_delete``, FTS5's own ``secure-delete``), for what the law has
erased must not be found here.
"""

from __future__ import annotations

import os
from pathlib import Path

import apsw

from server.register.fields import FIELDS, STRINGS

REPORTS_FILE = "register.sqlite3"
PERSONS_FILE = "persons.sqlite3"
#: Raised with every change of the tables, of ``rows_of`` or of what a column means.
FORM = 3
#: Written into the file so that other programs' files are not taken for ours ("mzrg").
_APPLICATION_ID = 0x6D7A7267
#: One writer: a second process waits for its transaction, in milliseconds.
_BUSY_MS = 10_000
#: KiB of pages a connection holds: the writer's, and a reader's, of which there are several.
_CACHE_KIB, _READER_KIB = 8_192, 2_048

_KINDS = {"text": "TEXT", "set": "TEXT", "degrees": "INTEGER"}
_COLUMNS = ", ".join(
    [f"{name} {'INTEGER' if name == 'version' else 'TEXT'}" for name in STRINGS]
    + [f"{field.name} {_KINDS.get(field.kind, 'INTEGER')}" for field in FIELDS]
)
_TABLES = f"""
CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL, seq TEXT NOT NULL, made_for TEXT NOT NULL
) STRICT;
CREATE TABLE reports (n INTEGER PRIMARY KEY, {_COLUMNS}) STRICT;
CREATE UNIQUE INDEX reports_id ON reports (id);
CREATE INDEX reports_folio ON reports (folio);
CREATE INDEX reports_citizen ON reports (citizen) WHERE citizen IS NOT NULL;
CREATE TABLE old_folios (
    old_folio TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (old_folio, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX reports_provisional ON reports (provisional);
CREATE INDEX old_folios_n ON old_folios (n);
CREATE TABLE actors (actor TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (actor, n)) STRICT, WITHOUT ROWID;
CREATE INDEX actors_n ON actors (n);
CREATE VIRTUAL TABLE words USING fts5 (said, tokenize = "unicode61 remove_diacritics 2");
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
CREATE VIRTUAL TABLE streets USING fts5 (street, tokenize = "unicode61 remove_diacritics 2");
INSERT INTO streets (streets, rank) VALUES ('secure-delete', 1);
"""
_PERSONS = """
-- Of its own: a transaction over two files is not one where the process dies between their logs.
CREATE TABLE persons.persons_state (
    one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL, seq TEXT NOT NULL
) STRICT;
-- The persons of ``office``: which documents are one's, whom they were joined to, telephones besides.
CREATE TABLE persons.people_state (
    one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL, seq TEXT NOT NULL
) STRICT;
CREATE TABLE persons.people (number INTEGER PRIMARY KEY, merged_into INTEGER) STRICT;
CREATE INDEX persons.people_merged ON people (merged_into) WHERE merged_into IS NOT NULL;
CREATE TABLE persons.members (
    citizen TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (citizen, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX persons.members_number ON members (number);
CREATE TABLE persons.extra_phones (
    digits TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (digits, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX persons.extra_phones_number ON extra_phones (number);
CREATE TABLE persons.persons (
    citizen TEXT PRIMARY KEY, name TEXT, phone TEXT, digits TEXT, email TEXT, address TEXT
) STRICT;
CREATE INDEX persons.persons_digits ON persons (digits) WHERE digits IS NOT NULL;
CREATE VIRTUAL TABLE persons.names USING fts5 (name, tokenize = "unicode61 remove_diacritics 2");
INSERT INTO persons.names (names, rank) VALUES ('secure-delete', 1);
"""


def connect(folder: Path, *, writer: bool) -> apsw.Connection:
    """A connection to both files, the persons' attached as ``persons``. The writer makes what is missing.

    Raises ``apsw.Error`` for files that are none or are damaged.
    """
    if writer:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in (REPORTS_FILE, PERSONS_FILE):
            os.close(os.open(folder / name, os.O_CREAT | os.O_RDWR, 0o600))
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if writer else 0)
    db = apsw.Connection(str(folder / REPORTS_FILE), flags=flags)
    try:
        db.set_busy_timeout(_BUSY_MS)
        cache = _CACHE_KIB if writer else _READER_KIB
        db.execute("ATTACH ? AS persons", (str(folder / PERSONS_FILE),)).fetchall()
        # What is lost with the power grows again from the checkpoint that was lost with it.
        for pragma in ("synchronous=NORMAL", "secure_delete=ON", f"cache_size=-{cache}"):
            for name in ("main", "persons"):
                db.execute(f"PRAGMA {name}.{pragma}").fetchall()
        if writer:
            for name in ("main", "persons"):
                db.execute(f"PRAGMA {name}.journal_mode=WAL").fetchall()
            _make(db)
    except BaseException:
        db.close()
        raise
    return db


def _make(db: apsw.Connection) -> None:
    if db.pragma("user_version") == FORM:
        return
    if db.pragma("user_version") != 0:
        raise OtherForm
    with db:
        db.execute(_TABLES).fetchall()
        db.execute(_PERSONS).fetchall()
        db.execute(f"PRAGMA application_id={_APPLICATION_ID}").fetchall()
        db.execute(f"PRAGMA user_version={FORM}").fetchall()


class OtherForm(Exception):
    """The files were made by another version."""


def throw_away(folder: Path) -> None:
    """Delete the register's files. Nobody may hold them open."""
    for name in (REPORTS_FILE, PERSONS_FILE):
        for ending in ("", "-wal", "-shm", "-journal"):
            (folder / (name + ending)).unlink(missing_ok=True)
