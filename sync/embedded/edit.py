"""Edits to a database, or to many at once, inside a write transaction.

Law: every change to a document moves its row to a new sequence, and the winner's body is in that row; the
bodies of all other revisions are in ``bodies``. Nothing is parsed that is only kept.

New edits extend a leaf or are refused as conflicts; replicated ones merge as they are (CouchDB's
``couch_db_updater:merge_rev_tree``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from sync import revision, revtree
from sync.draft import Draft
from sync.embedded import locals as local_docs
from sync.embedded.attaching import Attaching, Staging
from sync.embedded.record import Body, Header, header, headers
from sync.embedded.schema import KEY_BITS
from sync.embedded.writer import Tally, Tx
from sync.errors import Conflict, DatabaseNotFound, EngineError
from sync.interface import BulkRow

_INSERT = "INSERT INTO docs (key, db, id, rev, deleted, tree, body, atts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
#: Rows of one statement. A thread must win the interpreter's lock back after every statement, and beside a
#: busy loop that is what a large batch would mostly wait for.
MANY_ROWS = 50
_INSERT_MANY = _INSERT + ", (?, ?, ?, ?, ?, ?, ?, ?)" * (MANY_ROWS - 1)
_MOVE = "UPDATE docs SET key = ?, rev = ?, deleted = ?, tree = ?, body = ?, atts = ? WHERE key = ?"
_SHELVE = (
    "INSERT OR REPLACE INTO bodies (db, id, rev, deleted, leaf, body, atts)"
    " SELECT db, id, rev, deleted, ?, body, atts FROM docs WHERE key = ?"
)
_FIND_PAIRS = (
    f"WITH wanted (db, id) AS (VALUES {', '.join(['(?, ?)'] * MANY_ROWS)})"
    " SELECT docs.db, docs.id, key, rev, deleted, tree, length(body), atts IS NULL"
    " FROM wanted CROSS JOIN docs ON docs.db = wanted.db AND docs.id = wanted.id"
)
_FIND = "SELECT id, key, rev, deleted, tree FROM docs WHERE db = ? AND id "


@dataclass(slots=True)
class _Found:
    """What must be known of a stored document to edit it."""

    key: int
    rev: str
    deleted: int
    tree: bytes | None
    #: Bytes of its body, and whether it has no attachments; asked only where its body may be dropped.
    size: int = 0
    bare: bool = False


class Edits:
    """The edits of one piece of work. Call ``finish`` last."""

    def __init__(self, tx: Tx, number: int, staging: Staging) -> None:
        self.tx = tx
        head: Header | None = tx.heads.get(number)
        if head is None:
            head = tx.heads[number] = header(tx.db, number)
        self.head = head
        self.number = number
        self._base = number << KEY_BITS
        self._attaching = Attaching(tx.db, number, staging)
        self._found: dict[str, _Found] = {}
        self._new: list[tuple[object, ...]] = []
        self._live = self._gone = self._bytes = self._stale = 0

    def apply(self, drafts: Sequence[Draft], *, new_edits: bool) -> list[BulkRow]:
        """A row for each draft, in order; those refused leave the others as they are."""
        self._find([draft.id for draft in drafts])
        rows = []
        for draft in drafts:
            try:
                rows.append(BulkRow(draft.id, self.apply_one(draft, new_edits=new_edits)))
            except EngineError as error:
                rows.append(
                    BulkRow(draft.id, draft.rev if not new_edits else None, error.error, error.reason)
                )
        return rows

    def apply_one(self, draft: Draft, *, new_edits: bool) -> str:
        """The stored revision. Raises ``Conflict`` or ``PreconditionFailed``, having changed nothing."""
        if draft.id.startswith("_local/"):
            return local_docs.put(self.tx.db, self.number, draft)
        found = self._found.get(draft.id)
        if found is None:
            return self._create(draft, new_edits=new_edits)
        self._flush()
        return self._edit(found, draft) if new_edits else self._merge(found, draft)

    def finish(self) -> None:
        self._flush()
        if not (self._live or self._gone or self._bytes or self._stale or self.number in self.tx.touched):
            return
        self.tx.tallies.append(
            Tally(self.number, self._live, self._gone, self._bytes, self._stale, self.tx.seq)
        )

    # -- finding -----------------------------------------------------------------------------------

    def _find(self, ids: list[str]) -> None:
        db = self.tx.db
        if len(ids) == 1 or any("\0" in doc_id for doc_id in ids):  # a C array's strings end at NUL
            rows = [row for doc_id in ids for row in db.execute(_FIND + "= ?", (self.number, doc_id))]
        else:
            wanted = apsw.carray(tuple(ids))
            rows = db.execute(_FIND + "IN (SELECT value FROM carray(?))", (self.number, wanted)).fetchall()
        for doc_id, *rest in rows:
            self._found[doc_id] = _Found(*rest)

    # -- one document ------------------------------------------------------------------------------

    def _create(self, draft: Draft, *, new_edits: bool) -> str:
        tree: bytes | None = None
        if new_edits:
            if draft.rev is not None:
                raise Conflict
            atts, names = self._attaching.resolve(draft, None, 1) if draft.attachments else (None, ())
            rev = draft.first_rev or revision.next_rev(
                None, draft.body, deleted=draft.deleted, attachments=names
            )
            draft.first_rev = rev
        else:
            rev = draft.rev or ""
            atts, _ = self._attaching.resolve(draft, None, draft.start)
            tree = b",".join(word.encode() for word in draft.ids[1 : self.head.revs_limit]) or None
        key = self._next_key()
        self._new.append((key, self.number, draft.id, rev, int(draft.deleted), tree, draft.body, atts))
        size, bare = len(draft.body), atts is None
        self._found[draft.id] = _Found(key, rev, int(draft.deleted), tree, size, bare)
        if atts is not None:
            self._attaching.refer(draft.id, rev, atts)
        self._count(draft.deleted, 1)
        self._bytes += len(draft.body)
        return rev

    def _edit(self, found: _Found, draft: Draft) -> str:
        parent = draft.rev
        if parent is None:
            # Over a deleted document a new life begins, after the tombstone.
            if not found.deleted or draft.deleted:
                raise Conflict
            parent = found.rev
        straight = parent == found.rev and not revtree.is_branched(found.tree)
        if not straight and parent != found.rev:
            leaves = revtree.decode(found.rev, bool(found.deleted), found.tree).leaves()
            if all(revision.text(leaf.rev) != parent for leaf in leaves):
                raise Conflict
        start, _ = revision.parse(parent)
        atts, names = self._attaching.resolve(draft, [parent], start + 1, new_edit=True)
        rev = revision.next_rev(parent, draft.body, deleted=draft.deleted, attachments=names)
        body = Body(rev, draft.deleted, draft.body, atts)
        if straight:
            self._extend(found, draft.id, body, keep=draft.keep)
        else:
            ids = [rev[rev.index("-") + 1 :], parent[parent.index("-") + 1 :]]
            self._branch(found, draft.id, body, start + 1, ids)
        return rev

    def _merge(self, found: _Found, draft: Draft) -> str:
        rev = draft.rev or ""
        if rev == found.rev:
            return rev
        words = draft.ids
        branched = revtree.is_branched(found.tree)
        straight = len(words) > 1 and f"{draft.start - 1}-{words[1]}" == found.rev and not branched
        tree = None
        if not straight:
            tree = revtree.decode(found.rev, bool(found.deleted), found.tree)
            if (draft.start, words[0]) in tree:
                return rev
        atts, _ = self._attaching.resolve(
            draft, [f"{draft.start - back}-{word}" for back, word in enumerate(words)][1:], draft.start
        )
        body = Body(rev, draft.deleted, draft.body, atts)
        if straight:
            self._extend(found, draft.id, body)
        else:
            self._branch(found, draft.id, body, draft.start, words)
        return rev

    def _extend(self, found: _Found, doc_id: str, body: Body, *, keep: bool = True) -> None:
        """A new leaf over the winner of a document without other branches."""
        tree = revtree.grown(found.rev, found.tree, self.head.revs_limit)
        if keep or not found.bare:
            self._shelve(found.key, leaf=False)
        else:
            self._bytes -= found.size
        self._move(found, body, tree)
        self._attaching.refer(doc_id, body.rev, body.atts)

    def _branch(self, found: _Found, doc_id: str, body: Body, start: int, ids: Sequence[str]) -> None:
        """A new leaf anywhere in the tree."""
        tree = revtree.decode(found.rev, bool(found.deleted), found.tree)
        before = {revision.text(leaf.rev) for leaf in tree.leaves()}
        tree.merge(start, ids, deleted=bool(body.deleted))
        tree.stem(self.head.revs_limit)
        leaves = tree.leaves()
        after = {revision.text(leaf.rev) for leaf in leaves}
        winner = revision.text(leaves[0].rev)
        kept = revtree.encode(tree)
        for rev in before - after - {found.rev}:
            self._retire(doc_id, rev)
        if winner == body.rev:
            self._shelve(found.key, leaf=found.rev in after)
            self._move(found, body, kept)
        else:
            self._store_body(doc_id, body)
            if winner == found.rev:
                self._touch(found, kept)
            else:
                self._shelve(found.key, leaf=found.rev in after)
                self._move(found, self._unshelve(doc_id, winner), kept)
        self._attaching.refer(doc_id, body.rev, body.atts)

    # -- rows --------------------------------------------------------------------------------------

    def _next_key(self) -> int:
        seq = self.tx.next_seq()
        self.tx.touched[self.number] = seq
        return self._base | seq

    def _flush(self) -> None:
        if not self._new:
            return
        new = self._new[:]
        self._new.clear()
        whole = len(new) - len(new) % MANY_ROWS
        for first in range(0, whole, MANY_ROWS):
            values = [value for row in new[first : first + MANY_ROWS] for value in row]
            self.tx.db.execute(_INSERT_MANY, values)
        if len(new) > whole:
            self.tx.db.executemany(_INSERT, new[whole:])

    def _move(self, found: _Found, body: Body, tree: bytes | None) -> None:
        key = self._next_key()
        self.tx.db.execute(_MOVE, (key, body.rev, int(body.deleted), tree, body.body, body.atts, found.key))
        self._count(bool(found.deleted), -1)
        self._count(bool(body.deleted), 1)
        self._bytes += len(body.body)
        found.key, found.rev, found.deleted, found.tree = key, body.rev, int(body.deleted), tree
        found.size, found.bare = len(body.body), body.atts is None

    def _touch(self, found: _Found, tree: bytes | None) -> None:
        key = self._next_key()
        self.tx.db.execute("UPDATE docs SET key = ?, tree = ? WHERE key = ?", (key, tree, found.key))
        found.key, found.tree = key, tree

    def _shelve(self, key: int, *, leaf: bool) -> None:
        self.tx.db.execute(_SHELVE, (int(leaf), key))
        self._stale += not leaf

    def _unshelve(self, doc_id: str, rev: str) -> Body:
        where = (self.number, doc_id, rev)
        row: tuple[Any, ...] = self.tx.db.execute(
            "DELETE FROM bodies WHERE db = ? AND id = ? AND rev = ? RETURNING rev, deleted, body, atts", where
        ).fetchall()[0]
        self._bytes -= len(row[2])
        return Body(row[0], bool(row[1]), row[2], row[3])

    def _store_body(self, doc_id: str, body: Body) -> None:
        self.tx.db.execute(
            "INSERT OR REPLACE INTO bodies (db, id, rev, deleted, leaf, body, atts)"
            " VALUES (?, ?, ?, ?, 1, ?, ?)",
            (self.number, doc_id, body.rev, int(body.deleted), body.body, body.atts),
        )
        self._bytes += len(body.body)

    def _retire(self, doc_id: str, rev: str) -> None:
        self.tx.db.execute(
            "UPDATE bodies SET leaf = 0 WHERE db = ? AND id = ? AND rev = ?", (self.number, doc_id, rev)
        )
        self._stale += 1

    def _count(self, deleted: bool, step: int) -> None:
        if deleted:
            self._gone += step
        else:
            self._live += step


class SpreadEdits:
    """New edits of many databases as one piece of work: statements are shared, fates are not."""

    def __init__(self, tx: Tx, staging: Staging) -> None:
        self._tx = tx
        self._staging = staging
        self._new: list[tuple[object, ...]] = []

    def apply(self, writes: Sequence[tuple[int, Draft]]) -> list[BulkRow]:
        """A row for each (database number, draft), in order."""
        heads = self._tx.heads
        numbers = {number for number, _ in writes}
        if unread := numbers - heads.keys():
            heads.update(headers(self._tx.db, unread))
        found: dict[int, dict[str, _Found]] = {number: {} for number in numbers}
        for number, doc_id, *rest in self._find(writes):
            found[number][doc_id] = _Found(*rest)
        edits = {number: self._edits(number, found[number]) for number in numbers & heads.keys()}
        rows = [self._one(edits.get(number), draft) for number, draft in writes]
        for one in edits.values():
            one.finish()
        return rows

    def _edits(self, number: int, found: dict[str, _Found]) -> Edits:
        edits = Edits(self._tx, number, self._staging)
        edits._found, edits._new = found, self._new
        return edits

    def _one(self, edits: Edits | None, draft: Draft) -> BulkRow:
        try:
            if edits is None:
                raise DatabaseNotFound
            return BulkRow(draft.id, edits.apply_one(draft, new_edits=True))
        except EngineError as error:
            return BulkRow(draft.id, None, error.error, error.reason)

    def _find(self, writes: Sequence[tuple[int, Draft]]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for first in range(0, len(writes), MANY_ROWS):
            pairs = [(number, draft.id) for number, draft in writes[first : first + MANY_ROWS]]
            # Always as many, so that the statement is prepared once; nothing has an empty id.
            pairs += [(0, "")] * (MANY_ROWS - len(pairs))
            rows += self._tx.db.execute(_FIND_PAIRS, [value for pair in pairs for value in pair]).fetchall()
        return rows
