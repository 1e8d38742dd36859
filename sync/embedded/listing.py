"""``all_docs`` and ``local_docs``: documents in the order of their ids' bytes, as CouchDB collates them."""

from __future__ import annotations

from typing import Any

import apsw

from sync.embedded import locals as local_docs
from sync.embedded.blobs import Blobs
from sync.embedded.record import Row, fetch, header, render, write_out
from sync.interface import AllDocsQuery, DocOptions, DocPage, DocRow

_BARE = "SELECT key, id, rev, deleted, tree FROM docs "
_FULL = "SELECT key, id, rev, deleted, tree, body, atts FROM docs "


def all_docs(db: apsw.Connection, number: int, query: AllDocsQuery, blobs: Blobs) -> DocPage:
    head = header(db, number)
    if query.keys is not None:
        rows = [_keyed(db, number, key, query, blobs) for key in query.keys]
        if query.descending:
            rows.reverse()
        rows = _slice(rows, query)
        return DocPage(head.live, None, rows)
    where, args = _range(query, "db = ? AND deleted = 0", [number])
    sql = (_FULL if query.include_docs else _BARE) + where
    out = [_shown(db, number, row, query, blobs) for row in db.execute(sql, args)]
    before: int | None = 0
    if query.startkey is not None:
        before = _before(db, number, query) if query.counted else None
    return DocPage(head.live, None if before is None else min(before + query.skip, head.live), out)


def _before(db: apsw.Connection, number: int, query: AllDocsQuery) -> int:
    """The live documents ahead of the first key, in the order of the rows."""
    side = ">" if query.descending else "<"
    count = f"SELECT count(*) FROM docs WHERE db = ? AND deleted = 0 AND id {side} ?"
    found: int = db.execute(count, (number, query.startkey)).get
    return found


def local_page(db: apsw.Connection, number: int, query: AllDocsQuery) -> DocPage:
    header(db, number)
    total: int = db.execute("SELECT count(*) FROM locals WHERE db = ?", (number,)).get
    if query.keys is not None:
        names = [key.removeprefix(local_docs.PREFIX) for key in query.keys]
        found = [
            (
                name,
                db.execute("SELECT rev, body FROM locals WHERE db = ? AND id = ?", (number, name)).fetchone(),
            )
            for name in names
        ]
        rows = [
            DocRow(local_docs.PREFIX + name, None, error="not_found")
            if row is None
            else _local(query, name, *row)
            for name, row in found
        ]
        return DocPage(total, None, _slice(rows, query))
    bare = AllDocsQuery(
        startkey=_bare(query.startkey),
        endkey=_bare(query.endkey),
        inclusive_end=query.inclusive_end,
        limit=query.limit,
        skip=query.skip,
        descending=query.descending,
    )
    where, args = _range(bare, "db = ?", [number])
    rows = [_local(query, *row) for row in db.execute("SELECT id, rev, body FROM locals " + where, args)]
    return DocPage(total, None, rows)


def _bare(key: str | None) -> str | None:
    return None if key is None else key.removeprefix(local_docs.PREFIX)


def _local(query: AllDocsQuery, name: str, rev: int, body: bytes) -> DocRow:
    doc = local_docs.render(name, rev, body) if query.include_docs else None
    return DocRow(local_docs.PREFIX + name, f"0-{rev}", doc=doc)


def _range(query: AllDocsQuery, where: str, args: list[Any]) -> tuple[str, list[Any]]:
    low, high = (query.endkey, query.startkey) if query.descending else (query.startkey, query.endkey)
    low_op, high_op = ">=", "<="
    if not query.inclusive_end:
        if query.descending:
            low_op = ">"
        else:
            high_op = "<"
    if low is not None:
        where += f" AND id {low_op} ?"
        args.append(low)
    if high is not None:
        where += f" AND id {high_op} ?"
        args.append(high)
    order = "DESC" if query.descending else "ASC"
    args += [-1 if query.limit is None else query.limit, query.skip]
    return f"WHERE {where} ORDER BY id {order} LIMIT ? OFFSET ?", args


def _shown(db: apsw.Connection, number: int, row: Any, query: AllDocsQuery, blobs: Blobs) -> DocRow:
    if not query.include_docs:
        return DocRow(row[1], row[2])
    key, doc_id, rev, deleted, tree, body, atts = row
    return _with_doc(db, number, Row(rev, deleted, body, atts, key, doc_id, tree), query, blobs)


def _with_doc(db: apsw.Connection, number: int, row: Row, query: AllDocsQuery, blobs: Blobs) -> DocRow:
    if row.atts is None and not query.conflicts:
        return DocRow(row.id, row.rev, doc=render(row.id, row))
    options = DocOptions(conflicts=query.conflicts, attachments=query.attachments)
    return DocRow(row.id, row.rev, doc=write_out(db, number, row, row, options, blobs))


def _keyed(db: apsw.Connection, number: int, key: str, query: AllDocsQuery, blobs: Blobs) -> DocRow:
    row = fetch(db, number, key)
    if row is None:
        return DocRow(key, None, error="not_found")
    if row.deleted:
        return DocRow(key, row.rev, deleted=True)
    return _with_doc(db, number, row, query, blobs) if query.include_docs else DocRow(row.id, row.rev)


def _slice(rows: list[DocRow], query: AllDocsQuery) -> list[DocRow]:
    end = None if query.limit is None else query.skip + query.limit
    return rows[query.skip : end]
