"""The tables of a data folder, and how a connection to them is set up.

Law: a migration is numbered, runs once, in one transaction, and is never edited after its release.

All databases of a folder share one file. ``docs.key`` is ``database number << 40 | sequence``, so a
database's changes lie together in the order of their sequences and one B-tree serves feed and documents
alike. Sequences are drawn from ``clock``, one row for the whole folder.
"""

from __future__ import annotations

import time
from pathlib import Path

import apsw

from sync.errors import Unavailable

FILE_NAME = "sync.sqlite3"

#: A database's keys: 2**40 sequences (300 writes a second for a century) in 2**23 databases ever made.
KEY_BITS = 40

#: Written into the file so that other programs' files are not taken for ours ("mzsy").
APPLICATION_ID = 0x6D7A7379

#: How long a connection waits for another process's write, in seconds, and how long between two tries. What
#: SQLite offers waits a tenth of a second at a time and misses the gaps between a busy process's writes.
BUSY_SECONDS = 30.0
BUSY_STEP = 0.0005

#: KiB of pages held by the writing connection: the inner pages of the id index of some million documents.
WRITER_CACHE_KIB = 32_768
#: A reader's pages come from the operating system's cache; a small one of its own holds inner pages.
READER_CACHE_KIB = 4_096

#: Pages in the log before they are copied into the file: 32 MiB, so an index page is copied once for many
#: writes.
CHECKPOINT_PAGES = 8_000

MIGRATIONS = (
    """
    CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL) STRICT;
    INSERT INTO clock VALUES (1, 0);

    CREATE TABLE databases (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        uuid TEXT NOT NULL,
        created INTEGER NOT NULL,
        dropped INTEGER NOT NULL DEFAULT 0,
        live INTEGER NOT NULL DEFAULT 0,
        gone INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0,
        stale INTEGER NOT NULL DEFAULT 0,
        update_seq INTEGER NOT NULL DEFAULT 0,
        purge_seq INTEGER NOT NULL DEFAULT 0,
        revs_limit INTEGER NOT NULL DEFAULT 1000,
        security BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX databases_by_name ON databases (name) WHERE dropped = 0;

    CREATE TABLE docs (
        key INTEGER PRIMARY KEY,
        db INTEGER NOT NULL,
        id TEXT NOT NULL,
        rev TEXT NOT NULL,
        deleted INTEGER NOT NULL,
        tree BLOB,
        body BLOB NOT NULL,
        atts BLOB
    ) STRICT;
    CREATE UNIQUE INDEX docs_by_id ON docs (db, id);

    CREATE TABLE bodies (
        db INTEGER NOT NULL,
        id TEXT NOT NULL,
        rev TEXT NOT NULL,
        deleted INTEGER NOT NULL,
        leaf INTEGER NOT NULL,
        body BLOB NOT NULL,
        atts BLOB
    ) STRICT;
    CREATE UNIQUE INDEX bodies_by_rev ON bodies (db, id, rev);

    CREATE TABLE locals (
        db INTEGER NOT NULL,
        id TEXT NOT NULL,
        rev INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (db, id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE blobs (
        hash TEXT PRIMARY KEY,
        length INTEGER NOT NULL,
        idle_since INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX blobs_idle ON blobs (idle_since) WHERE idle_since IS NOT NULL;

    CREATE TABLE blob_refs (
        db INTEGER NOT NULL,
        id TEXT NOT NULL,
        rev TEXT NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (db, id, rev, hash)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX blob_refs_by_hash ON blob_refs (hash);
    """,
)


def connect(file: Path, *, writer: bool) -> apsw.Connection:
    """A connection with the folder's settings; the writer's makes the file and its tables where missing."""
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if writer else 0)
    db = apsw.Connection(str(file), flags=flags)
    be_patient(db)
    if writer:
        # Free pages can be given back a few at a time; this must be said before the first table is made.
        db.pragma("auto_vacuum", 2)
        db.pragma("journal_mode", "wal")
        db.pragma("synchronous", "full")
        # The log shrinks back after a burst.
        db.pragma("journal_size_limit", 64 << 20)
        db.pragma("cache_size", -WRITER_CACHE_KIB)
        _migrate(db)
    else:
        db.pragma("query_only", True)
        db.pragma("cache_size", -READER_CACHE_KIB)
    # Deleted content is overwritten, so that what was redacted cannot be read from the file.
    db.pragma("secure_delete", True)
    return db


def be_patient(db: apsw.Connection, seconds: float = BUSY_SECONDS) -> None:
    """Have the connection wait for locks, looking every ``BUSY_STEP``."""
    end = 0.0

    def again(tries: int) -> bool:
        nonlocal end
        now = time.monotonic()
        if tries == 0:
            end = now + seconds
        time.sleep(BUSY_STEP)
        return now < end

    db.set_busy_handler(again)


def _migrate(db: apsw.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        if db.pragma("application_id") not in (0, APPLICATION_ID):
            raise Unavailable("The file in the data folder belongs to another program.")
        done = int(db.pragma("user_version"))
        if done > len(MIGRATIONS):
            raise Unavailable("The data folder was written by a newer version of this program.")
        for number, script in enumerate(MIGRATIONS[done:], done + 1):
            db.execute(script)
            db.pragma("user_version", number)
        if done < len(MIGRATIONS):
            db.pragma("application_id", APPLICATION_ID)
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
