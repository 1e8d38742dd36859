"""The store and a plain dictionary do the same things and must agree after each.

The dictionary knows revision trees (``sync.revtree``, itself held against pouchdb-merge) and nothing of rows,
sequences, shelved bodies or files.
"""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sync import revision
from sync.embedded import open_engine
from sync.errors import Conflict, MissingStub, NotFound
from sync.interface import AllDocsQuery, BulkRow, ChangesQuery, DocOptions
from sync.revtree import RevTree

IDS = st.sampled_from(["a", "b", "ñ/1", "_design/d"])
DATA = st.sampled_from([b"uno", b"dos", b""])


@dataclass
class Known:
    """One document as the dictionary knows it: its tree, and each revision's content and attachments."""

    tree: RevTree = field(default_factory=RevTree)
    contents: dict[str, int] = field(default_factory=dict)
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def winner(self) -> tuple[str, bool]:
        leaf = self.tree.leaves()[0]
        return revision.text(leaf.rev), leaf.deleted


class Store(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp())
        self.known: dict[str, Known] = {}
        self.limit = 1000
        self.seen_seq = "0"
        self.seen: dict[str, tuple[str, ...]] = {}
        self.made = 0

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @initialize(limit=st.sampled_from([1, 2, 3, 1000]))
    def begin(self, limit: int) -> None:
        self.engine = self.run(open_engine(self.folder))
        self.db = self.run(self.engine.create("estado"))
        self.run(self.db.set_revs_limit(limit))
        self.limit = limit

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.run(self.engine.close())
        self.run(self.loop.shutdown_default_executor())
        self.loop.close()
        shutil.rmtree(self.folder)

    def learn(
        self, doc_id: str, start: int, ids: list[str], n: int, deleted: bool, files: dict[str, bytes]
    ) -> None:
        known = self.known.setdefault(doc_id, Known())
        known.tree.merge(start, ids, deleted=deleted)
        known.tree.stem(self.limit)
        rev = f"{start}-{ids[0]}"
        known.contents[rev], known.files[rev] = n, files

    # -- what is done ------------------------------------------------------------------------------

    @rule(
        doc_id=IDS, n=st.integers(0, 3), pick=st.integers(0, 5), deleted=st.booleans(), data=st.none() | DATA
    )
    def edit(self, doc_id: str, n: int, pick: int, deleted: bool, data: bytes | None) -> None:
        known = self.known.get(doc_id)
        leaves = known.tree.leaves() if known else []
        parent = revision.text(leaves[pick % len(leaves)].rev) if leaves and pick else None
        doc: dict[str, Any] = {"_id": doc_id, "n": n} | ({"_rev": parent} if parent else {})
        if deleted:
            doc["_deleted"] = True
        files: dict[str, bytes] = {}
        if data is not None:
            doc["_attachments"] = {"f": {"content_type": "x/y", "data": base64.b64encode(data).decode()}}
            files = {"f": data}
        elif parent and known and known.files[parent]:
            doc["_attachments"] = {"f": {"stub": True}}
            files = known.files[parent]
        refused = parent is None and known is not None and not (known.winner()[1] and not deleted)
        try:
            rev = self.run(self.db.put(doc))
        except Conflict:
            assert refused
            return
        assert not refused
        if parent is None and known is not None:
            parent = known.winner()[0]
        start, word = revision.parse(rev)
        self.learn(doc_id, start, [word] + ([parent.split("-")[1]] if parent else []), n, deleted, files)

    @rule(
        doc_id=IDS,
        n=st.integers(0, 3),
        pick=st.integers(0, 9),
        depth=st.integers(1, 3),
        deleted=st.booleans(),
    )
    def replicate(self, doc_id: str, n: int, pick: int, depth: int, deleted: bool) -> None:
        known = self.known.get(doc_id)
        every = sorted(known.tree.parents) if known else []
        self.made += 1
        ids = [f"{(self.made * 7) % 16:x}r{self.made}{'x' * back}" for back in range(depth)]
        start = depth
        if every and pick:
            stem = every[pick % len(every)]
            ids += [word for _, word in (known or Known()).tree.path(stem)]
            start += stem[0]
        doc = {"_id": doc_id, "n": n, "_rev": f"{start}-{ids[0]}", "_revisions": {"start": start, "ids": ids}}
        if deleted:
            doc["_deleted"] = True
        assert self.run(self.db.bulk_docs([doc, doc], new_edits=False)) == []
        self.learn(doc_id, start, ids, n, deleted, {})

    @rule(doc_id=IDS, pick=st.integers(0, 5))
    def purge(self, doc_id: str, pick: int) -> None:
        known = self.known.get(doc_id)
        if known is None:
            return
        leaf = known.tree.leaves()[pick % len(known.tree.leaves())]
        rev = revision.text(leaf.rev)
        assert self.run(self.db.purge({doc_id: [rev]})) == {doc_id: [rev]}
        known.tree.purge([leaf.rev])
        if known.tree.winner() is None:
            del self.known[doc_id]
        self.seen_seq, self.seen = "0", {}

    @rule(doc_id=IDS)
    def refuse(self, doc_id: str) -> None:
        """A conflict and a stub of nothing change nothing."""
        rows: list[BulkRow] = self.run(
            self.db.bulk_docs(
                [
                    {"_id": doc_id, "_rev": "77-nunca", "n": 9},
                    {"_id": doc_id + "!", "_attachments": {"g": {"stub": True}}},
                ]
            )
        )
        assert [row.error for row in rows] == [Conflict.error, MissingStub.error]

    @rule()
    def compact(self) -> None:
        self.run(self.db.compact())
        for known in self.known.values():
            leaves = {revision.text(leaf.rev) for leaf in known.tree.leaves()}
            known.contents = {rev: n for rev, n in known.contents.items() if rev in leaves}

    @rule()
    def reopen(self) -> None:
        self.run(self.engine.close())
        self.engine = self.run(open_engine(self.folder))
        self.db = self.run(self.engine.open("estado"))

    # -- what must hold ----------------------------------------------------------------------------

    @invariant()
    def agrees(self) -> None:
        if not hasattr(self, "db"):
            return
        info = self.run(self.db.info())
        winners = {doc_id: known.winner() for doc_id, known in self.known.items()}
        living = sorted((doc_id for doc_id, (_, gone) in winners.items() if not gone), key=str.encode)
        assert info.doc_count == len(living)
        assert info.doc_del_count == len(winners) - len(living)
        listed = self.run(self.db.all_docs(AllDocsQuery(include_docs=True))).rows
        assert [(row.id, row.rev) for row in listed] == [(doc_id, winners[doc_id][0]) for doc_id in living]
        for doc_id, known in self.known.items():
            self.agrees_on(doc_id, known)

    def agrees_on(self, doc_id: str, known: Known) -> None:
        leaves = known.tree.leaves()
        rows = self.run(self.db.open_revs(doc_id, "all", DocOptions(revs=True)))
        assert [row.rev for row in rows] == [revision.text(leaf.rev) for leaf in leaves]
        for leaf in leaves:
            rev = revision.text(leaf.rev)
            doc = self.run(
                self.db.get(doc_id, DocOptions(rev=rev, revs=True, conflicts=True, attachments=True))
            )
            assert doc["n"] == known.contents[rev]
            assert doc.get("_deleted", False) == leaf.deleted
            assert doc["_revisions"]["ids"] == [word for _, word in known.tree.path(leaf.rev)]
            assert doc.get("_conflicts", []) == known.tree.conflicts()
            files = {name: base64.b64decode(one["data"]) for name, one in doc.get("_attachments", {}).items()}
            assert files == known.files[rev]
        if leaves[0].deleted:
            with pytest.raises(NotFound, match="deleted"):
                self.run(self.db.get(doc_id))

    @invariant()
    def the_feed_tells_every_change(self) -> None:
        if not hasattr(self, "db"):
            return
        page = self.run(self.db.changes(ChangesQuery(since=self.seen_seq, all_leaves=True)))
        self.seen_seq = page.last_seq
        self.seen.update({row.id: row.revs for row in page.rows})
        assert self.seen == {
            doc_id: tuple(revision.text(leaf.rev) for leaf in known.tree.leaves())
            for doc_id, known in self.known.items()
        }


TestStore = Store.TestCase
TestStore.settings = settings(
    max_examples=int(os.environ.get("STATEFUL_EXAMPLES", "40")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
