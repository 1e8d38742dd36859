"""Single documents as they are read: one revision, several, or what a replicator lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import apsw
import orjson

from sync import revision, revtree
from sync.embedded import locals as local_docs
from sync.embedded.blobs import Blobs
from sync.embedded.record import Body, Kept, Row, body_of, fetch, fetch_many, header, render, write_out
from sync.errors import BadRequest, EngineError, NotFound
from sync.interface import BulkGetRequest, BulkGetRow, DocOptions, Missing

_ONE = (
    "SELECT d.rev, d.deleted, d.body, d.atts, d.key, d.id, d.tree FROM databases"
    " LEFT JOIN docs AS d ON d.db = number AND d.id = ? WHERE number = ? AND dropped = 0"
)
_PLAIN = DocOptions()


def get_raw(db: apsw.Connection, number: int, doc_id: str, options: DocOptions, blobs: Blobs) -> bytes:
    """Raises ``NotFound`` (``missing`` or ``deleted``), ``BadRequest`` for a malformed revision."""
    if doc_id.startswith(local_docs.PREFIX):
        header(db, number)
        return local_docs.get(db, number, doc_id.removeprefix(local_docs.PREFIX))
    found = db.execute(_ONE, (doc_id, number)).fetchone()
    if found is None:
        header(db, number)
    if found is None or found[0] is None:
        raise NotFound("missing")
    row = Row(*found)
    if options.rev is None:
        if row.deleted:
            raise NotFound("deleted")
        if options == _PLAIN and row.atts is None:
            return render(row.id, row)
        return write_out(db, number, row, row, options, blobs)
    return write_out(
        db, number, row, named(db, number, row, options.rev, latest=options.latest), options, blobs
    )


def named(db: apsw.Connection, number: int, row: Row, rev: str, *, latest: bool = False) -> Body:
    """The body of ``rev``, or with ``latest`` of the best leaf that descends from it."""
    parsed = revision.parse(rev)
    if latest or rev != row.rev:
        tree = row.revtree()
        if parsed not in tree:
            raise NotFound("missing")
        if latest:
            rev = revision.text(tree.leaves_from(parsed)[0].rev)
    body = body_of(db, number, row, rev)
    if body is None:
        raise NotFound("missing")
    return body


def get_many(db: apsw.Connection, number: int, doc_ids: Sequence[str]) -> dict[str, bytes]:
    """The JSON of the live winners among ``doc_ids``, with attachments as stubs."""
    header(db, number)
    out: dict[str, bytes] = {}
    for doc_id, row in fetch_many(db, number, doc_ids).items():
        if not row.deleted:
            # Only attachments need more than the row; they are stubs here, so no file is read.
            out[doc_id] = render(doc_id, row, b"" if row.atts is None else _stubs(row.atts))
    return out


def _stubs(atts: bytes) -> bytes:
    kept: Kept = orjson.loads(atts)
    shown = {
        name: {label: one[label] for label in ("content_type", "revpos", "digest", "length")} | {"stub": True}
        for name, one in kept.items()
    }
    return b',"_attachments":' + orjson.dumps(shown)


def open_revs(
    db: apsw.Connection,
    number: int,
    doc_id: str,
    revs: Sequence[str] | Literal["all"],
    options: DocOptions,
    blobs: Blobs,
) -> list[BulkGetRow]:
    """Raises ``NotFound`` only for ``all`` of a document that never was."""
    header(db, number)
    row = fetch(db, number, doc_id)
    if revs == "all":
        if row is None:
            raise NotFound("missing")
        revs = [revision.text(leaf.rev) for leaf in row.revtree().leaves()]
    return [one for rev in revs for one in _rows(db, number, doc_id, row, rev, options, blobs)]


def bulk_get(
    db: apsw.Connection, number: int, requests: Sequence[BulkGetRequest], options: DocOptions, blobs: Blobs
) -> list[list[BulkGetRow]]:
    header(db, number)
    found = fetch_many(db, number, [request.id for request in requests])
    out = []
    for request in requests:
        row = found.get(request.id)
        if row is not None and request.rev in (None, row.rev) and row.is_plain:
            # Nearly all are: the winner, and nothing to look up for it.
            lineage = b',"_revisions":' + revtree.revisions_json(row.rev, row.tree) if options.revs else b""
            out.append([BulkGetRow(request.id, row.rev, render(row.id, row, lineage))])
            continue
        mine = options
        if request.atts_since is not None:
            mine = DocOptions(revs=options.revs, latest=options.latest, atts_since=request.atts_since)
        revs: Iterable[str]
        if request.rev is not None:
            revs = [request.rev]
        elif row is None:
            out.append([BulkGetRow(request.id, None, None, "not_found", "missing")])
            continue
        else:
            revs = [row.rev]
            if revtree.is_branched(row.tree):
                revs = [revision.text(leaf.rev) for leaf in row.revtree().leaves()]
        out.append([one for rev in revs for one in _rows(db, number, request.id, row, rev, mine, blobs)])
    return out


def _rows(
    db: apsw.Connection,
    number: int,
    doc_id: str,
    row: Row | None,
    rev: str,
    options: DocOptions,
    blobs: Blobs,
) -> list[BulkGetRow]:
    try:
        if row is None:
            revision.parse(rev)
            raise NotFound("missing")
        if rev == row.rev and not revtree.is_branched(row.tree):
            return [BulkGetRow(doc_id, rev, write_out(db, number, row, row, options, blobs))]
        revs = [rev]
        if options.latest and rev != row.rev:
            tree = row.revtree()
            if revision.parse(rev) in tree:
                revs = [revision.text(leaf.rev) for leaf in tree.leaves_from(revision.parse(rev))]
        out = []
        for one in revs:
            body = named(db, number, row, one)
            out.append(BulkGetRow(doc_id, one, write_out(db, number, row, body, options, blobs)))
        return out
    except EngineError as error:
        return [BulkGetRow(doc_id, rev, None, error.error, error.reason)]


def revs_diff(db: apsw.Connection, number: int, revs: Mapping[str, Sequence[str]]) -> dict[str, Missing]:
    """Raises ``BadRequest`` for a malformed revision."""
    header(db, number)
    out: dict[str, Missing] = {}
    find = "SELECT rev, deleted, tree FROM docs WHERE db = ? AND id = ?"
    for doc_id, asked in revs.items():
        if isinstance(asked, str) or not isinstance(asked, Sequence):
            raise BadRequest("Revisions must be a list")
        parsed = [revision.parse(rev) for rev in asked]
        row = db.execute(find, (number, doc_id)).fetchone()
        if row is None:
            if asked:
                out[doc_id] = Missing(tuple(asked))
            continue
        if asked == [row[0]]:
            continue
        from_row = revtree.decode(row[0], bool(row[1]), row[2])
        missing = [rev for rev in parsed if rev not in from_row]
        if missing:
            newest = max(rev[0] for rev in missing)
            leaves = [leaf.rev for leaf in from_row.leaves() if leaf.rev[0] < newest]
            out[doc_id] = Missing(tuple(map(revision.text, missing)), tuple(map(revision.text, leaves)))
    return out
