"""A year of life in a database that two places write: updates with attachments, deletions, conflicts, peace.

Law: what an edit does depends on nothing but the seed and what it reads, so a failure can be run again.
Attachments are kept, added, replaced and removed, as streams and within documents.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Awaitable, Callable
from typing import Any

from sync.errors import Conflict, NotFound
from sync.interface import ChangesQuery, Database, DocOptions
from tests.conformance.history import chunks

Json = dict[str, Any]

#: Text is compressed by a CouchDB, so its digests differ; pictures are not.
TYPES = ("image/jpeg", "text/plain", "application/octet-stream")
NAMES = ("foto.jpg", "nota 1.txt", "señas/acta.bin", "d")


class Year:
    """Edits ``documents`` documents; ``month`` is one side's work between two replications."""

    def __init__(self, seed: int, documents: int) -> None:
        self._random = random.Random(seed)
        self._ids = [f"report:{n:04}" for n in range(documents)]
        self._acts: list[Callable[[Database, Json], Awaitable[Any]]] = [
            self._note, self._note, self._note, self._add, self._add, self._stream, self._replace,
            self._replace, self._remove, self._take_away, self._delete,
        ]  # fmt: skip

    async def month(self, db: Database, edits: int) -> None:
        for _ in range(edits):
            doc_id = self._random.choice(self._ids)
            try:
                doc = await db.get(doc_id)
            except NotFound:
                # New, or a new life after a deletion; some begin with a picture in them.
                await db.put({"_id": doc_id, "n": self._random.random(), **self._first_pictures()})
                continue
            await self._random.choice(self._acts)(db, doc)

    async def peace(self, db: Database) -> int:
        """Each document's conflicts end: the winner takes in what the others said, and they go."""
        ended = 0
        for doc_id in self._ids:
            try:
                doc = await db.get(doc_id, DocOptions(conflicts=True))
            except NotFound:
                continue
            losers = doc.pop("_conflicts", [])
            if not losers:
                continue
            ended += 1
            await db.put({**doc, "merged": losers})
            for rev in losers:
                await db.delete(doc_id, rev)
        return ended

    def _content(self) -> bytes:
        size = self._random.choice((5, 7, 900, 60_000))
        return self._random.randbytes(size) if self._random.random() < 0.5 else b"acta\n" * (size // 5)

    def _inline(self) -> Json:
        data = base64.b64encode(self._content()).decode()
        return {"content_type": self._random.choice(TYPES), "data": data}

    def _first_pictures(self) -> Json:
        names = self._random.sample(NAMES, self._random.randrange(3))
        return {"_attachments": {name: self._inline() for name in names}} if names else {}

    def _held(self, doc: Json) -> str | None:
        names = sorted(doc.get("_attachments", {}))
        return self._random.choice(names) if names else None

    # -- acts: each makes one revision ----------------------------------------------------------------

    async def _note(self, db: Database, doc: Json) -> None:
        await db.put({**doc, "n": self._random.random()})

    async def _add(self, db: Database, doc: Json) -> None:
        held = doc.get("_attachments", {})
        await db.put({**doc, "_attachments": {**held, self._random.choice(NAMES): self._inline()}})

    async def _stream(self, db: Database, doc: Json) -> None:
        name, kind = self._random.choice(NAMES), self._random.choice(TYPES)
        await db.put_attachment(doc["_id"], name, kind, chunks(self._content()), rev=doc["_rev"])

    async def _replace(self, db: Database, doc: Json) -> None:
        name = self._held(doc)
        if name is None:
            return await self._add(db, doc)
        held = doc["_attachments"]
        # As editors do: what was read goes back whole, with its old revpos and digest beside new bytes.
        entry = {**held[name], **self._inline()}
        for label in ("stub", "digest", "length"):
            entry.pop(label)
        await db.put({**doc, "_attachments": {**held, name: entry}})
        return None

    async def _remove(self, db: Database, doc: Json) -> None:
        name = self._held(doc)
        if name is not None:
            await db.delete_attachment(doc["_id"], name, doc["_rev"])

    async def _take_away(self, db: Database, doc: Json) -> None:
        name = self._held(doc)
        if name is not None:
            del doc["_attachments"][name]
            await db.put(doc)

    async def _delete(self, db: Database, doc: Json) -> None:
        try:
            await db.delete(doc["_id"], doc["_rev"])
        except Conflict as error:
            raise AssertionError("nobody else writes here") from error


async def leaves(db: Database) -> dict[tuple[str, str], Json]:
    """Every leaf with its history and its attachments: type, bytes and the revision that brought them."""
    found: dict[tuple[str, str], Json] = {}
    for row in (await db.changes(ChangesQuery(all_leaves=True))).rows:
        for rev in row.revs:
            doc = await db.get(row.id, DocOptions(rev=rev, revs=True, attachments=True))
            for entry in doc.get("_attachments", {}).values():
                # A digest is over the bytes as stored, which one server compresses and another does not.
                entry.pop("digest")
            found[row.id, rev] = doc
    return found
