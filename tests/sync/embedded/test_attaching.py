"""Which attachment a replicated stub means: never other bytes, whatever a peer calls them."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from sync.embedded import EmbeddedEngine
from sync.errors import PreconditionFailed
from sync.interface import Database

pytestmark = pytest.mark.anyio

A, B = "a" * 32, "b" * 32
TEXT = b"texto"


def md5(data: bytes) -> str:
    return "md5-" + base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


@pytest.fixture
async def db(engine: EmbeddedEngine) -> Database:
    db = await engine.create("db")
    data = base64.b64encode(TEXT).decode()
    note = {"content_type": "text/plain", "data": data}
    first = {"_id": "a", "_rev": f"1-{A}", "_attachments": {"x": note}}
    await db.bulk_docs([first], new_edits=False)
    return db


async def update(db: Database, **stub: Any) -> str | None:
    """The error of a replicated second revision with this stub."""
    doc = {"_id": "a", "_rev": f"2-{B}", "_revisions": {"start": 2, "ids": [B, A]}}
    rows = await db.bulk_docs([{**doc, "_attachments": {"x": {"stub": True, **stub}}}], new_edits=False)
    return rows[0].error if rows else None


async def test_the_same_bytes_whatever_their_age(db: Database) -> None:
    assert await update(db, digest=md5(TEXT), length=5, revpos=7) is None


async def test_the_same_content_compressed_by_the_peer(db: Database) -> None:
    packed = {"encoding": "gzip", "encoded_length": 25, "length": 5, "digest": md5(b"packed")}
    assert await update(db, revpos=1, **packed) is None
    assert (await db.get("a"))["_attachments"]["x"]["digest"] == md5(TEXT)


@pytest.mark.parametrize(
    "stub",
    [
        # A document made anew at the peer: as old, as long, other bytes.
        {"revpos": 1, "length": 5, "digest": md5(b"otros")},
        {"revpos": 1, "length": 6, "digest": md5(b"packed"), "encoding": "gzip", "encoded_length": 26},
        {"revpos": 2, "length": 5, "digest": md5(b"packed"), "encoding": "gzip", "encoded_length": 25},
    ],
)
async def test_other_bytes_are_asked_for(db: Database, stub: dict[str, Any]) -> None:
    assert await update(db, **stub) == "missing_stub"
    with pytest.raises(PreconditionFailed):
        await db.put_multipart(
            {
                "_id": "a", "_rev": f"2-{B}", "_revisions": {"start": 2, "ids": [B, A]},
                "_attachments": {"x": {"stub": True, **stub}},
            },
            _none(),
            new_edits=False,
        )  # fmt: skip


async def _none() -> Any:
    return
    yield
