"""A database with everything replication must carry, and what a database holds, for comparison."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

from sync.interface import ChangesQuery, Database, DocOptions

Json = dict[str, Any]

#: Not text, so that no server compresses it; larger than one chunk of any of them.
PHOTO = bytes(range(256)) * 700
TEXT = "El bache está frente al número 12.\n" * 200


async def chunks(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), 50_000):
        yield content[at : at + 50_000]


async def fill(db: Database) -> None:
    """Plain, updated, deleted and conflicting documents, odd ids, and attachments on several revisions."""
    await db.bulk_docs([{"_id": f"plain:{n:03}", "n": n} for n in range(120)])
    for doc_id in ("a/b c", "ñandú?&#%", "_design/views", "日本 🌵", "a+b"):
        rev = await db.put({"_id": doc_id, "n": 1})
        await db.put({"_id": doc_id, "_rev": rev, "n": 2})
    gone = await db.put({"_id": "gone", "n": 1})
    await db.delete("gone", gone)
    for mark in "bcd":
        ids = [mark * 32, "a" * 32]
        doc = {"_id": "torn", "_rev": f"2-{ids[0]}", "_revisions": {"start": 2, "ids": ids}, "by": mark}
        await db.bulk_docs([doc | ({"_deleted": True} if mark == "d" else {})], new_edits=False)
    rev = await db.put_attachment("photo", "foto 1.jpg", "image/jpeg", chunks(PHOTO))
    rev = await db.put_attachment("photo", "nota.txt", "text/plain", chunks(TEXT.encode()), rev=rev)
    doc = await db.get("photo")
    await db.put({**doc, "seen": True})
    inline = {"content_type": "image/png", "data": base64.b64encode(PHOTO[:3000]).decode()}
    await db.put({"_id": "inline", "_attachments": {"punto.png": inline, "vacío": {**inline, "data": ""}}})


async def contents(db: Database) -> dict[tuple[str, str], Json]:
    """Every leaf with its body, history and attachments' content, by id and revision."""
    found: dict[tuple[str, str], Json] = {}
    for row in (await db.changes(ChangesQuery(all_leaves=True))).rows:
        for leaf in await db.open_revs(row.id, row.revs, DocOptions(revs=True)):
            assert leaf.doc is not None, leaf
            assert leaf.rev is not None
            doc = await db.get(row.id, DocOptions(rev=leaf.rev, revs=True, attachments=True))
            for stub in doc.get("_attachments", {}).values():
                # A digest is over the bytes as stored, which one server compresses and another does not.
                for name in ("digest", "revpos", "length", "stub"):
                    stub.pop(name, None)
            found[row.id, leaf.rev] = doc
    return found
