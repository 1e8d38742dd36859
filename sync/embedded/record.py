"""One stored document: its row, its revisions' bodies, and how it is written out.

Law: a body is kept as its JSON members' bytes and joined into the answer unparsed; only what CouchDB adds
(``_id``, ``_rev``, ``_revisions`` …) is made anew.
"""

from __future__ import annotations

import base64
import gzip
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import apsw
import orjson

from sync import revision, revtree
from sync.embedded.blobs import Blobs
from sync.errors import DatabaseNotFound
from sync.interface import AttachmentMeta, DocOptions
from sync.revtree import RevTree

#: How an attachment is kept beside a body: CouchDB's members and ``hash``, the file's name.
Kept = dict[str, dict[str, Any]]


@dataclass(slots=True)
class Body:
    """One revision's content. ``body`` lacks the opening brace; ``deleted`` may be SQLite's 0 or 1."""

    rev: str
    deleted: int
    body: bytes
    atts: bytes | None


@dataclass(slots=True)
class Row(Body):
    """A document's row: its winner's content, and its tree."""

    key: int
    id: str
    tree: bytes | None

    @property
    def is_plain(self) -> bool:
        """No other branch and no attachment."""
        return self.atts is None and not revtree.is_branched(self.tree)

    def revtree(self) -> RevTree:
        return revtree.decode(self.rev, bool(self.deleted), self.tree)


class Header(NamedTuple):
    """A database's own row."""

    number: int
    name: str
    uuid: str
    created: int
    live: int
    gone: int
    size: int
    stale: int
    update_seq: int
    purge_seq: int
    revs_limit: int
    security: bytes


_HEADERS = (
    "SELECT number, name, uuid, created, live, gone, bytes, stale, update_seq, purge_seq, revs_limit,"
    " security FROM databases WHERE dropped = 0 AND number "
)
_HEADER = _HEADERS + "= ?"


def header(db: apsw.Connection, number: int) -> Header:
    """Raises ``DatabaseNotFound`` once the database is dropped, by whatever process."""
    row = db.execute(_HEADER, (number,)).fetchone()
    if row is None:
        raise DatabaseNotFound
    return Header(*row)


def headers(db: apsw.Connection, numbers: Iterable[int]) -> dict[int, Header]:
    """The rows of those databases that are there, by number."""
    wanted = apsw.carray(array("q", numbers))
    rows = db.execute(_HEADERS + "IN (SELECT value FROM carray(?))", (wanted,))
    return {row[0]: Header(*row) for row in rows}


#: In the order of ``Row``'s members.
_ROWS = "SELECT rev, deleted, body, atts, key, id, tree FROM docs"
_ROW = _ROWS + " WHERE db = ? AND id = ?"
_ROWS_OF = _ROWS.replace("FROM", "FROM carray(?) AS wanted CROSS JOIN") + " ON db = ? AND id = wanted.value"


def fetch(db: apsw.Connection, number: int, doc_id: str) -> Row | None:
    row = db.execute(_ROW, (number, doc_id)).fetchone()
    return None if row is None else Row(*row)


def fetch_many(db: apsw.Connection, number: int, doc_ids: Sequence[str]) -> dict[str, Row]:
    """The rows of those documents that are there, by id: one statement for all."""
    if any("\0" in doc_id for doc_id in doc_ids):  # a C array's strings end at NUL
        found = {doc_id: fetch(db, number, doc_id) for doc_id in doc_ids}
        return {doc_id: row for doc_id, row in found.items() if row is not None}
    if not doc_ids:
        return {}
    return {row[5]: Row(*row) for row in db.execute(_ROWS_OF, (apsw.carray(tuple(doc_ids)), number))}


def body_of(db: apsw.Connection, number: int, row: Row, rev: str) -> Body | None:
    """The body of one of the document's revisions; None where it is not kept (any more)."""
    if rev == row.rev:
        return row
    found = db.execute(
        "SELECT rev, deleted, body, atts FROM bodies WHERE db = ? AND id = ? AND rev = ?",
        (number, row.id, rev),
    ).fetchone()
    return None if found is None else Body(*found)


def render(doc_id: str, body: Body, extra: bytes = b"") -> bytes:
    """The document's JSON. ``extra`` is further members, each with a comma before it."""
    head = b'{"_id":%b,"_rev":"%b"%b%b' % (
        orjson.dumps(doc_id),
        body.rev.encode(),
        b',"_deleted":true' if body.deleted else b"",
        extra,
    )
    return head + body.body if body.body == b"}" else head + b"," + body.body


def write_out(
    db: apsw.Connection, number: int, row: Row, body: Body, options: DocOptions, blobs: Blobs
) -> bytes:
    """The document's JSON with everything that ``options`` asks for."""
    extra: list[bytes] = []
    if (
        options.revs
        or options.revs_info
        or options.conflicts
        or options.deleted_conflicts
        or options.atts_since
    ):
        extra = _lineage(db, number, row, body, options)
    if options.local_seq:
        extra.append(b',"_local_seq":%d' % (row.key & ((1 << 40) - 1)))
    if body.atts is not None:
        extra.append(b',"_attachments":' + attachments_json(body, row, options, blobs))
    return render(row.id, body, b"".join(extra))


def _lineage(db: apsw.Connection, number: int, row: Row, body: Body, options: DocOptions) -> list[bytes]:
    if body.rev == row.rev and not options.revs_info and not revtree.is_branched(row.tree):
        # One branch: its ancestors are all there is to tell.
        return [b',"_revisions":' + revtree.revisions_json(row.rev, row.tree)] if options.revs else []
    tree = row.revtree()
    extra = []
    path = tree.path(revision.parse(body.rev))
    if options.revs:
        words = [word for _, word in path]
        extra.append(b',"_revisions":' + orjson.dumps({"start": path[0][0], "ids": words}))
    if options.revs_info:
        info = []
        for rev in map(revision.text, path):
            kept = body_of(db, number, row, rev)
            status = "missing" if kept is None else "deleted" if kept.deleted else "available"
            info.append({"rev": rev, "status": status})
        extra.append(b',"_revs_info":' + orjson.dumps(info))
    if options.conflicts and (found := tree.conflicts()):
        extra.append(b',"_conflicts":' + orjson.dumps(found))
    if options.deleted_conflicts and (found := tree.deleted_conflicts()):
        extra.append(b',"_deleted_conflicts":' + orjson.dumps(found))
    return extra


def attachments_json(body: Body, row: Row, options: DocOptions, blobs: Blobs) -> bytes:
    """The ``_attachments`` member: stubs, or the bytes where they are asked for."""
    since = 0
    if options.atts_since is not None:
        since = _newest_known(row.revtree(), body.rev, options.atts_since)
    out: dict[str, dict[str, Any]] = {}
    for name, kept in (orjson.loads(body.atts) if body.atts else {}).items():
        shown = {label: kept[label] for label in ("content_type", "revpos", "digest")}
        inline = options.attachments or options.atts_since is not None
        if inline and kept["revpos"] > since:
            shown.update(_inline(kept, options, blobs))
        else:
            shown.update(length=kept["length"], stub=True)
            if options.att_encoding_info and "encoding" in kept:
                shown.update(encoding=kept["encoding"], encoded_length=kept["encoded_length"])
        out[name] = shown
    return orjson.dumps(out)


def _newest_known(tree: RevTree, rev: str, known: tuple[str, ...]) -> int:
    """The newest ancestor (or ``rev`` itself) that the asker has: what it brought need not be sent again."""
    return next((step[0] for step in tree.path(revision.parse(rev)) if revision.text(step) in known), 0)


def _inline(kept: dict[str, Any], options: DocOptions, blobs: Blobs) -> dict[str, Any]:
    data = blobs.read(kept["hash"])
    if "encoding" not in kept:
        return {"data": base64.b64encode(data).decode()}
    if options.att_encoding_info:
        return {"data": base64.b64encode(data).decode(), "encoding": kept["encoding"]}
    return {"data": base64.b64encode(gzip.decompress(data)).decode()}


def meta_of(name: str, kept: dict[str, Any]) -> AttachmentMeta:
    return AttachmentMeta(
        name,
        kept["content_type"],
        kept["digest"],
        kept["length"],
        kept["revpos"],
        kept.get("encoding"),
        kept.get("encoded_length"),
    )
