"""Attachments: inline, as streams, as stubs, in ranges."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import AsyncIterator

import pytest

from sync.errors import Conflict, EngineError, NotFound
from sync.interface import Database, DocOptions, Json

pytestmark = pytest.mark.anyio

#: Not compressible, so that no engine stores it otherwise than given.
BLOB = b"".join(hashlib.sha256(bytes([n])).digest() for n in range(256)) * 40
KIND = "image/jpeg"


def digest(data: bytes) -> str:
    return "md5-" + base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def inline(data: bytes, kind: str = KIND) -> Json:
    return {"content_type": kind, "data": base64.b64encode(data).decode()}


async def pieces(data: bytes, size: int = 10_000) -> AsyncIterator[bytes]:
    for first in range(0, len(data), size):
        yield data[first : first + size]


async def content(db: Database, doc_id: str, name: str, **where: int) -> bytes:
    attachment = await db.get_attachment(doc_id, name, **where)  # type: ignore[arg-type]
    return b"".join([chunk async for chunk in attachment.chunks])


async def test_inline_comes_back_as_a_stub_and_as_bytes(db: Database) -> None:
    await db.put({"_id": "a", "_attachments": {"foto.jpg": inline(BLOB)}})
    stub = (await db.get("a"))["_attachments"]["foto.jpg"]
    assert stub == {
        "content_type": KIND, "digest": digest(BLOB), "length": len(BLOB), "revpos": 1, "stub": True,
    }  # fmt: skip
    assert await content(db, "a", "foto.jpg") == BLOB
    full = await db.get("a", DocOptions(attachments=True))
    assert base64.b64decode(full["_attachments"]["foto.jpg"]["data"]) == BLOB


async def test_a_stream_becomes_a_new_revision(db: Database) -> None:
    first = await db.put({"_id": "a", "n": 1})
    second = await db.put_attachment("a", "foto.jpg", KIND, pieces(BLOB), rev=first)
    doc = await db.get("a")
    assert (doc["_rev"], doc["n"]) == (second, 1)
    assert doc["_attachments"]["foto.jpg"]["revpos"] == 2
    attachment = await db.get_attachment("a", "foto.jpg")
    assert (attachment.meta.content_type, attachment.meta.length) == (KIND, len(BLOB))
    assert attachment.meta.digest == digest(BLOB)
    assert b"".join([chunk async for chunk in attachment.chunks]) == BLOB


async def test_a_stream_may_begin_a_document(db: Database) -> None:
    await db.put_attachment("a", "foto.jpg", KIND, pieces(BLOB))
    assert list((await db.get("a"))["_attachments"]) == ["foto.jpg"]


async def test_a_stream_onto_an_old_revision_is_a_conflict(db: Database) -> None:
    first = await db.put({"_id": "a", "n": 1})
    await db.put({"_id": "a", "_rev": first, "n": 2})
    for rev in (first, None):
        with pytest.raises(Conflict):
            await db.put_attachment("a", "foto.jpg", KIND, pieces(BLOB), rev=rev)
    assert "_attachments" not in await db.get("a")


async def test_an_empty_attachment(db: Database) -> None:
    await db.put_attachment("a", "vacío", KIND, pieces(b""))
    assert await content(db, "a", "vacío") == b""


@pytest.mark.parametrize(("start", "end"), [(0, 9), (5, 5), (100, None), (len(BLOB) - 1, None), (0, 10**9)])
async def test_ranges(db: Database, start: int, end: int | None) -> None:
    await db.put({"_id": "a", "_attachments": {"foto.jpg": inline(BLOB)}})
    expected = BLOB[start : None if end is None else end + 1]
    attachment = await db.get_attachment("a", "foto.jpg", start=start, end=end)
    assert b"".join([chunk async for chunk in attachment.chunks]) == expected


async def test_stubs_keep_what_is_there(db: Database) -> None:
    first = await db.put({"_id": "a", "_attachments": {"foto.jpg": inline(BLOB)}})
    await db.put({"_id": "a", "_rev": first, "n": 2, "_attachments": {"foto.jpg": {"stub": True}}})
    assert await content(db, "a", "foto.jpg") == BLOB
    assert (await db.get("a"))["_attachments"]["foto.jpg"]["revpos"] == 1


async def test_a_stub_names_the_revision_that_brought_it_or_none(db: Database) -> None:
    rev = await db.put({"_id": "a", "_attachments": {"foto.jpg": inline(BLOB)}})
    for wrong in (0, 2, 7):
        with pytest.raises(EngineError) as refused:
            await db.put(
                {"_id": "a", "_rev": rev, "_attachments": {"foto.jpg": {"stub": True, "revpos": wrong}}}
            )
        assert refused.value.status == 412
    stub = {"stub": True, "revpos": 1, "digest": digest(b"as another server stores it"), "length": 9}
    await db.put({"_id": "a", "_rev": rev, "_attachments": {"foto.jpg": stub}})
    assert await content(db, "a", "foto.jpg") == BLOB


async def test_a_replaced_attachment_is_as_new_as_its_edit(db: Database) -> None:
    rev = await db.put({"_id": "a", "_attachments": {"foto.jpg": inline(BLOB)}})
    entry = (await db.get("a"))["_attachments"]["foto.jpg"]
    # Editors send back what they read, with other bytes.
    edited = {**entry, **inline(b"other")}
    del edited["stub"]
    rev = await db.put({"_id": "a", "_rev": rev, "_attachments": {"foto.jpg": edited}})
    assert (await db.get("a"))["_attachments"]["foto.jpg"]["revpos"] == 2
    await db.put({"_id": "a", "_rev": rev, "_attachments": {"foto.jpg": {"stub": True, "revpos": 2}}})
    assert await content(db, "a", "foto.jpg") == b"other"


async def test_documents_whose_streams_are_empty_or_none(db: Database) -> None:
    """As replicators send an update that keeps all attachments, or brings one without bytes."""
    rev = await db.put({"_id": "a", "_attachments": {"x": inline(BLOB)}})
    first = rev.partition("-")[2]
    stub = {**(await db.get("a"))["_attachments"]["x"]}

    async def nothing() -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        return
        yield

    async def empty() -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        yield "y", pieces(b"")

    second = {"_id": "a", "_rev": f"2-{'b' * 32}", "_revisions": {"start": 2, "ids": ["b" * 32, first]}}
    await db.put_multipart({**second, "_attachments": {"x": stub}}, nothing(), new_edits=False)
    assert await content(db, "a", "x") == BLOB
    third = {
        "_id": "a", "_rev": f"3-{'c' * 32}", "_revisions": {"start": 3, "ids": ["c" * 32, "b" * 32, first]}
    }  # fmt: skip
    follows = {"content_type": KIND, "follows": True, "length": 0, "digest": digest(b""), "revpos": 3}
    await db.put_multipart({**third, "_attachments": {"x": stub, "y": follows}}, empty(), new_edits=False)
    assert (await content(db, "a", "x"), await content(db, "a", "y")) == (BLOB, b"")
    assert (await db.get("a"))["_attachments"]["y"]["revpos"] == 3


async def test_what_is_not_repeated_is_gone(db: Database) -> None:
    first = await db.put({"_id": "a", "_attachments": {"foto.jpg": inline(BLOB)}})
    await db.put({"_id": "a", "_rev": first, "n": 2})
    assert "_attachments" not in await db.get("a")
    with pytest.raises(NotFound):
        await db.get_attachment("a", "foto.jpg")
    assert await content(db, "a", "foto.jpg", rev=first) == BLOB  # type: ignore[arg-type]


async def test_one_is_removed_alone(db: Database) -> None:
    first = await db.put({"_id": "a", "_attachments": {"x": inline(b"x"), "y": inline(b"y")}})
    second = await db.delete_attachment("a", "x", first)
    doc = await db.get("a")
    assert (doc["_rev"], list(doc["_attachments"])) == (second, ["y"])


async def test_a_stub_of_nothing_is_refused(db: Database) -> None:
    with pytest.raises(EngineError) as refused:
        await db.put(
            {"_id": "a", "_attachments": {"foto.jpg": {"stub": True, "length": 1, "digest": digest(b"x")}}}
        )
    assert refused.value.status == 412
    assert (await db.info()).doc_count == 0


@pytest.mark.parametrize("data", ["not base64!", "abc", None, 5])
async def test_what_is_no_base64_is_refused(db: Database, data: object) -> None:
    with pytest.raises(EngineError) as refused:
        await db.put({"_id": "a", "_attachments": {"foto.jpg": {"content_type": KIND, "data": data}}})
    assert 400 <= refused.value.status < 500
    assert (await db.info()).doc_count == 0


async def test_missing_ones_are_not_found(db: Database) -> None:
    await db.put({"_id": "a"})
    for doc_id, name in (("a", "none"), ("none", "none")):
        with pytest.raises(NotFound):
            await db.get_attachment(doc_id, name)


@pytest.mark.parametrize("name", ["con espacio.jpg", "a/b/c.jpg", "ñ.jpg", "100%.jpg", "a?b#c.jpg"])
async def test_any_name_comes_back(db: Database, name: str) -> None:
    await db.put_attachment("a", name, KIND, pieces(BLOB))
    assert await content(db, "a", name) == BLOB


async def test_a_document_with_streams(db: Database) -> None:
    doc = {
        "_id": "a",
        "n": 1,
        "_attachments": {
            "uno": {"content_type": KIND, "follows": True, "length": len(BLOB), "digest": digest(BLOB)},
            "dos": {"content_type": KIND, "follows": True, "length": 3, "digest": digest(b"dos")},
            "tres": inline(b"tres"),
        },
    }

    async def streams() -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        yield "uno", pieces(BLOB)
        yield "dos", pieces(b"dos")

    await db.put_multipart(doc, streams())
    assert await content(db, "a", "uno") == BLOB
    assert await content(db, "a", "dos") == b"dos"
    assert await content(db, "a", "tres") == b"tres"


async def test_a_replicated_document_with_streams_keeps_its_revision(db: Database) -> None:
    zipped = gzip.compress(b"texto " * 500, mtime=0)
    a, b = "a" * 32, "b" * 32
    doc = {
        "_id": "x",
        "_rev": f"2-{b}",
        "_revisions": {"start": 2, "ids": [b, a]},
        "_attachments": {
            "nota.txt": {
                "content_type": "text/plain", "follows": True, "revpos": 1, "encoding": "gzip",
                "length": 3000, "encoded_length": len(zipped), "digest": digest(zipped),
            }
        },
    }  # fmt: skip

    async def streams() -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        yield "nota.txt", pieces(zipped)

    await db.put_multipart(doc, streams(), new_edits=False)
    assert (await db.get("x"))["_rev"] == f"2-{b}"
    attachment = await db.get_attachment("x", "nota.txt")
    assert (attachment.meta.encoding, attachment.meta.encoded_length) == ("gzip", len(zipped))
    assert b"".join([chunk async for chunk in attachment.chunks]) == zipped
    full = await db.get("x", DocOptions(attachments=True))
    assert base64.b64decode(full["_attachments"]["nota.txt"]["data"]) == b"texto " * 500
    told = await db.get("x", DocOptions(att_encoding_info=True))
    assert told["_attachments"]["nota.txt"]["encoding"] == "gzip"
    assert told["_attachments"]["nota.txt"]["revpos"] == 1


async def test_only_newer_attachments_than_the_asker_has_are_sent(db: Database) -> None:
    first = await db.put({"_id": "a", "_attachments": {"x": inline(b"x")}})
    await db.put_attachment("a", "y", KIND, pieces(b"y"), rev=first)
    doc = await db.get("a", DocOptions(atts_since=(first,)))
    assert doc["_attachments"]["x"]["stub"] is True
    assert base64.b64decode(doc["_attachments"]["y"]["data"]) == b"y"


async def test_a_wrong_digest_is_refused(db: Database) -> None:
    with pytest.raises(EngineError) as refused:
        await db.put_attachment("a", "foto.jpg", KIND, pieces(BLOB), digest=digest(b"other"))
    assert 400 <= refused.value.status < 500
    with pytest.raises(NotFound):
        await db.get("a")


async def test_a_stream_that_breaks_changes_nothing(db: Database) -> None:
    class BrokenError(Exception):
        pass

    async def broken() -> AsyncIterator[bytes]:
        yield BLOB
        raise BrokenError

    with pytest.raises((BrokenError, EngineError)):
        await db.put_attachment("a", "foto.jpg", KIND, broken())
    with pytest.raises(NotFound):
        await db.get("a")
