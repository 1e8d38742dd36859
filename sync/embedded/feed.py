"""The changes feed.

Law: a reader that asks again after the last sequence it was given misses nothing: rows come in the order of
their commits, each document once, at its newest change.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import apsw
import orjson

from sync import revision, revtree
from sync.embedded import sequence
from sync.embedded.blobs import Blobs
from sync.embedded.record import Body, Header, Row, header, render, write_out
from sync.embedded.schema import KEY_BITS
from sync.interface import ChangePage, ChangeRow, ChangesQuery, DocOptions

_COLUMNS = "SELECT key, id, rev, deleted, tree, body, atts FROM docs "
_BARE = "SELECT key, id, rev, deleted, tree FROM docs "
_FORWARD = _COLUMNS + "WHERE key > ? AND key < ? ORDER BY key LIMIT ?"
_BARE_FORWARD = _BARE + "WHERE key > ? AND key < ? ORDER BY key LIMIT ?"
#: Fewer changes than this are read at once: some 50 µs.
SHORT = 50
_SEQ = (1 << KEY_BITS) - 1


@dataclass(slots=True)
class Counted:
    """How many changes lay after a sequence when the database stood at ``update_seq``.

    Readers that page through a feed would otherwise have the rest counted anew for every page.
    """

    places: OrderedDict[tuple[int, int], tuple[int, int]] = field(default_factory=OrderedDict)

    def get(self, number: int, seq: int, update_seq: int) -> int | None:
        place = self.places.get((number, seq))
        return place[1] if place is not None and place[0] == update_seq else None

    def put(self, number: int, seq: int, update_seq: int, pending: int) -> None:
        self.places[number, seq] = (update_seq, pending)
        while len(self.places) > 256:
            self.places.popitem(last=False)


def changes(
    db: apsw.Connection, number: int, query: ChangesQuery, blobs: Blobs, counted: Counted
) -> ChangePage:
    head = header(db, number)
    since = sequence.read(head, query.since)
    if since >= head.update_seq and not query.descending:
        return ChangePage([], sequence.show(head, since), 0)
    base = number << KEY_BITS
    filtered = _is_filtered(query)
    limit = -1 if query.limit is None or filtered else query.limit
    rows: Any
    if query.doc_ids is not None:
        rows = _named(db, number, base, since, query)
    elif query.descending:
        # CouchDB's descending feed begins at the end and reads down to the start, whatever ``since`` says.
        sql = (
            _COLUMNS if _needs_body(query) else _BARE
        ) + "WHERE key > ? AND key < ? ORDER BY key DESC LIMIT ?"
        rows = db.execute(sql, (base, base + _SEQ, limit))
    else:
        sql = _FORWARD if _needs_body(query) else _BARE_FORWARD
        rows = db.execute(sql, (base + since, base + _SEQ, limit))
    return _page(db, head, query, rows, since, filtered, blobs, counted)


def changes_if_short(
    db: apsw.Connection, number: int, query: ChangesQuery, blobs: Blobs, counted: Counted
) -> ChangePage | None:
    """``changes``, or None where so much lies behind ``since`` that a thread is to read it.

    Sequences are the whole folder's, so how far they lie apart does not tell how much is there.
    """
    head = header(db, number)
    since = sequence.read(head, query.since)
    if query.descending or query.attachments:
        return None
    if since >= head.update_seq:
        return ChangePage([], sequence.show(head, since), 0)
    left = head.live + head.gone if since == 0 else counted.get(number, since, head.update_seq)
    base = number << KEY_BITS
    rows: list[Any]
    if query.doc_ids is not None and len(query.doc_ids) < SHORT:
        rows = _named(db, number, base, since, query)
    elif left is not None and left >= SHORT:
        return None
    else:
        sql = _FORWARD if _needs_body(query) else _BARE_FORWARD
        rows = db.execute(sql, (base + since, base + _SEQ, SHORT)).fetchall()
        if len(rows) == SHORT:
            return None
    return _page(db, head, query, rows, since, _is_filtered(query), blobs, counted)


def _is_filtered(query: ChangesQuery) -> bool:
    return query.doc_ids is not None or query.selector is not None or query.design_only


def _needs_body(query: ChangesQuery) -> bool:
    return query.include_docs or query.selector is not None


def _named(db: apsw.Connection, number: int, base: int, since: int, query: ChangesQuery) -> list[Any]:
    found = []
    for doc_id in dict.fromkeys(query.doc_ids or ()):
        row = db.execute(_COLUMNS + "WHERE db = ? AND id = ?", (number, doc_id)).fetchone()
        if row is not None and (query.descending or row[0] > base + since):
            found.append(row)
    found.sort(key=lambda row: row[0], reverse=query.descending)
    return found


def _page(
    db: apsw.Connection,
    head: Header,
    query: ChangesQuery,
    rows: Any,
    since: int,
    filtered: bool,
    blobs: Blobs,
    counted: Counted,
) -> ChangePage:
    tag = "-" + head.uuid[: sequence.TAG]
    plain = not (query.conflicts or query.attachments or query.att_encoding_info)
    options = DocOptions(
        conflicts=query.conflicts, attachments=query.attachments, att_encoding_info=query.att_encoding_info
    )
    out: list[ChangeRow] = []
    exact = query.doc_ids is not None
    passed = 0
    last = since
    full = False
    for key, doc_id, rev, deleted, tree, *content in rows:
        seq = key & _SEQ
        if filtered and not _wanted(query, doc_id, rev, deleted, content):
            last = seq if not full and not query.descending else last
            continue
        if query.limit is not None and len(out) >= query.limit:
            full = True
            if not exact:
                break
            passed += 1
            continue
        doc = None
        if query.include_docs:
            body = Body(rev, deleted, content[0], content[1])
            if plain and content[1] is None:
                doc = render(doc_id, body)
            else:
                row = Row(rev, deleted, content[0], content[1], key, doc_id, tree)
                doc = write_out(db, head.number, row, body, options, blobs)
        revs = _leaves(rev, deleted, tree) if query.all_leaves else (rev,)
        out.append(ChangeRow(f"{seq}{tag}", doc_id, revs, bool(deleted), doc))
        last = seq
    if query.descending:
        return ChangePage(out, out[-1].seq if out else sequence.show(head, since), passed)
    pending = passed
    if not exact and (full or (not filtered and query.limit is not None and len(out) >= query.limit)):
        # Behind a filter this is the most that may come, as CouchDB counts it.
        pending = _pending(db, head, since, last, None if filtered else len(out), counted)
    if pending == 0:
        # Nothing lies behind: the reader may as well start from where the database stands.
        last = max(last, head.update_seq)
    return ChangePage(out, f"{last}{tag}", pending)


def _pending(
    db: apsw.Connection, head: Header, since: int, last: int, given: int | None, counted: Counted
) -> int:
    before = counted.get(head.number, since, head.update_seq)
    if before is not None and given is not None:
        pending = before - given
    elif since == 0 and given is not None:
        pending = head.live + head.gone - given
    else:
        base = head.number << KEY_BITS
        pending = db.execute(
            "SELECT count(*) FROM docs WHERE key > ? AND key < ?", (base + last, base + _SEQ)
        ).get
    if given is not None:
        counted.put(head.number, last, head.update_seq, pending)
    return pending


def _leaves(rev: str, deleted: int, tree: bytes | None) -> tuple[str, ...]:
    if not revtree.is_branched(tree):
        return (rev,)
    return tuple(revision.text(leaf.rev) for leaf in revtree.decode(rev, bool(deleted), tree).leaves())


def _wanted(query: ChangesQuery, doc_id: str, rev: str, deleted: int, content: list[Any]) -> bool:
    if query.doc_ids is not None and doc_id not in query.doc_ids:
        return False
    if query.design_only and not doc_id.startswith("_design/"):
        return False
    if query.selector is None:
        return True
    from sync.selector import matches

    return matches(query.selector, orjson.loads(render(doc_id, Body(rev, bool(deleted), content[0], None))))
