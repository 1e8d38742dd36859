"""What keeps a data folder small: purging, compacting, reclaiming dropped databases, sweeping files.

Law: each step is a short transaction of its own, so that nobody who writes waits longer than one step; any
step may be cut off and repeated. How much a step takes follows from how long the last one held the writer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import apsw

from sync import revision, revtree
from sync.embedded.blobs import Blobs
from sync.embedded.record import Row, fetch, header
from sync.embedded.schema import KEY_BITS
from sync.embedded.writer import Tx

#: Seconds that a step may hold the writer, its commit included: a tenth of the 50 ms promised, since a disk
#: that others use as well may take several times as long as it did a moment ago.
STEP_SECONDS = 0.004
#: Rows (or pages given back) in one step. The most bounds what a step that is suddenly slow can cost; below
#: the least the commit itself is all that takes time.
MOST_ROWS = 200
LEAST_ROWS = 10
FIRST_ROWS = 50
#: Superseded bodies that are left alone for the sake of who may still ask for them.
WORN_ROWS = 1000
#: Seconds for which a file that no row names is kept.
IDLE_SECONDS = 24 * 3600


class Pace:
    """How many rows the next step takes. One for each errand, as rows differ in what they cost."""

    def __init__(self) -> None:
        self.rows = FIRST_ROWS

    def took(self, seconds: float) -> None:
        """The last step held the writer for so long. Grows by half at most, shrinks as far as it must."""
        fitting = self.rows * min(1.5, STEP_SECONDS / max(seconds, 1e-6))
        self.rows = max(LEAST_ROWS, min(MOST_ROWS, int(fitting)))


def purge(tx: Tx, number: int, revs: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Forget leaves without a trace. Raises ``BadRequest`` for a malformed revision."""
    head = header(tx.db, number)
    out: dict[str, list[str]] = {}
    live = gone = size = 0
    for doc_id, asked in revs.items():
        parsed = [revision.parse(rev) for rev in asked]
        row = fetch(tx.db, number, doc_id)
        if row is None:
            out[doc_id] = []
            continue
        tree = row.revtree()
        taken = [revision.text(rev) for rev in tree.purge(parsed)]
        out[doc_id] = taken
        if not taken:
            continue
        size += _purge_one(tx, number, row, tree, taken)
        live, gone = live - (not row.deleted), gone - bool(row.deleted)
        if (winner := tree.winner()) is not None:
            live, gone = live + (not winner.deleted), gone + winner.deleted
    if any(out.values()):
        seq = tx.next_seq()
        tx.touched[number] = seq
        tx.db.execute(
            "UPDATE databases SET live = live + ?, gone = gone + ?, bytes = bytes + ?, update_seq = ?,"
            " purge_seq = ? WHERE number = ?",
            (live, gone, size, seq, head.purge_seq + sum(map(bool, out.values())), number),
        )
    return out


def _purge_one(tx: Tx, number: int, row: Row, tree: revtree.RevTree, taken: list[str]) -> int:
    """Takes the revisions' bodies and sets the row to the tree that is left; gives the change in bytes."""
    db, size = tx.db, 0
    for rev in taken:
        where = (number, row.id, rev)
        lengths: list[Any] = db.execute(
            "DELETE FROM bodies WHERE db = ? AND id = ? AND rev = ? RETURNING length(body)", where
        ).fetchall()
        size -= sum(length for (length,) in lengths)
        db.execute("DELETE FROM blob_refs WHERE db = ? AND id = ? AND rev = ?", (number, row.id, rev))
    winner = tree.winner()
    if winner is None:
        db.execute("DELETE FROM docs WHERE key = ?", (row.key,))
        db.execute("DELETE FROM bodies WHERE db = ? AND id = ?", (number, row.id))
        db.execute("DELETE FROM blob_refs WHERE db = ? AND id = ?", (number, row.id))
        return size - len(row.body)
    key = number << KEY_BITS | tx.next_seq()
    kept = revtree.encode(tree)
    rev = revision.text(winner.rev)
    if rev == row.rev:
        db.execute("UPDATE docs SET key = ?, tree = ? WHERE key = ?", (key, kept, row.key))
        return size
    body, atts = db.execute(
        "DELETE FROM bodies WHERE db = ? AND id = ? AND rev = ? RETURNING body, atts", (number, row.id, rev)
    ).fetchall()[0]
    db.execute(
        "UPDATE docs SET key = ?, rev = ?, deleted = ?, tree = ?, body = ?, atts = ? WHERE key = ?",
        (key, rev, int(winner.deleted), kept, body, atts, row.key),
    )
    return size - len(row.body)


def compact_step(tx: Tx, number: int, rows: int) -> bool:
    """Drop ``rows`` bodies of revisions that are no leaves. False when none is left."""
    header(tx.db, number)
    taken: list[Any] = tx.db.execute(
        "DELETE FROM bodies WHERE rowid IN"
        " (SELECT rowid FROM bodies WHERE db = ? AND leaf = 0 LIMIT ?) RETURNING id, rev, length(body), atts",
        (number, rows),
    ).fetchall()
    for doc_id, rev, _, atts in taken:
        if atts is not None:
            tx.db.execute("DELETE FROM blob_refs WHERE db = ? AND id = ? AND rev = ?", (number, doc_id, rev))
    size = sum(length for _, _, length, _ in taken)
    tx.db.execute(
        "UPDATE databases SET bytes = bytes - ?, stale = ? WHERE number = ?",
        (size, 0 if len(taken) < rows else 1, number),
    )
    return len(taken) == rows


def give_back_step(tx: Tx, rows: int) -> bool:
    """Return ``rows`` free pages to the file system. False when none is left."""
    free = int(tx.db.execute("PRAGMA freelist_count").get)
    if free:
        tx.db.execute(f"PRAGMA incremental_vacuum({rows})").fetchall()
    return free > rows


def dropped(db: apsw.Connection) -> list[int]:
    return [number for (number,) in db.execute("SELECT number FROM databases WHERE dropped = 1")]


def worn(db: apsw.Connection) -> list[int]:
    """The databases in which superseded bodies outnumber the documents: compacting pays there."""
    return [
        number
        for (number,) in db.execute(
            "SELECT number FROM databases WHERE dropped = 0 AND stale > ? AND stale > live + gone",
            (WORN_ROWS,),
        )
    ]


def reclaim_step(tx: Tx, number: int, rows: int) -> bool:
    """Delete ``rows`` rows of a dropped database; its own row last. False when it is all gone."""
    base = number << KEY_BITS
    ranges = (
        ("docs", "key >= ? AND key < ?", (base, base + (1 << KEY_BITS))),
        ("bodies", "db = ?", (number,)),
    )
    for table, where, args in ranges:
        key = "key" if table == "docs" else "rowid"
        tx.db.execute(
            f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {where} LIMIT {rows})",
            args,
        )
        if tx.db.changes() == rows:
            return True
    for table in ("locals", "blob_refs"):
        keys = "id" if table == "locals" else "id, rev, hash"
        tx.db.execute(
            f"DELETE FROM {table} WHERE (db, {keys}) IN"
            f" (SELECT db, {keys} FROM {table} WHERE db = ? LIMIT {rows})",
            (number,),
        )
        if tx.db.changes() == rows:
            return True
    tx.db.execute("DELETE FROM databases WHERE number = ? AND dropped = 1", (number,))
    return False


def sweep_rows(tx: Tx, now: int) -> None:
    """Note files that nothing names any more, and forget the rows of those noted a day ago."""
    unnamed = "hash NOT IN (SELECT hash FROM blob_refs)"
    tx.db.execute(f"UPDATE blobs SET idle_since = ? WHERE idle_since IS NULL AND {unnamed}", (now,))
    tx.db.execute(f"DELETE FROM blobs WHERE idle_since <= ? AND {unnamed}", (now - IDLE_SECONDS,))


def sweep_files(tx: Tx, names: Sequence[str], now: float, blobs: Blobs) -> int:
    """Remove those of ``names`` that have no row and are a day old. Gives how many.

    Under the write lock: whoever is about to commit a row for the same content looks for its file there too.
    """
    removed = 0
    for name in names:
        row = tx.db.execute("SELECT 1 FROM blobs WHERE hash = ?", (name,)).fetchone()
        if row is None and blobs.age(name, now) > IDLE_SECONDS:
            blobs.remove(name)
            removed += 1
    return removed
