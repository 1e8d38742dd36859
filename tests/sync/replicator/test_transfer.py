"""A batch arrives over targets and sources that are older, smaller or forgetful."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from sync.embedded import EmbeddedEngine
from sync.errors import BadRequest, EngineError, Forbidden, NotFound, NotImplementedHere, TooLarge
from sync.interface import BulkRow, Database, Missing
from sync.replicator import replicate
from tests.conformance.history import contents, fill

pytestmark = pytest.mark.anyio


class Changed:
    """A database with some methods replaced; the others are its own."""

    def __init__(self, database: Database, **methods: Callable[..., Any]) -> None:
        self._database = database
        self.__dict__.update(methods)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


def refusing(error: EngineError) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> Any:
        raise error

    return call


@pytest.mark.parametrize("error", [NotImplementedHere("x"), NotFound("x"), BadRequest("x")])
async def test_a_source_without_bulk_get(engine: EmbeddedEngine, error: EngineError) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    await fill(source)
    older: Any = Changed(source, bulk_get=refusing(error))
    result = await replicate(older, target)
    assert result.progress.doc_write_failures == 0
    assert await contents(target) == await contents(source)


async def test_a_target_that_takes_little_at_once(engine: EmbeddedEngine) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    await source.bulk_docs([{"_id": f"{n:02}"} for n in range(20)] + [{"_id": "big", "text": "x" * 5000}])

    async def bulk_docs(docs: Sequence[bytes], *, new_edits: bool) -> list[BulkRow]:
        if len(docs) > 3 or any(len(doc) > 4000 for doc in docs):
            raise TooLarge("the request entity is too large")
        return await target.bulk_docs(docs, new_edits=new_edits)

    small: Any = Changed(target, bulk_docs=bulk_docs)
    result = await replicate(source, small)
    assert result.progress.docs_written == 20
    assert [(doc_id, reason) for doc_id, _, reason in result.progress.refused] == [
        ("big", "too_large: the request entity is too large")
    ]
    assert (await target.info()).doc_count == 20


async def test_an_attachment_thought_to_be_there_is_sent_after_all(engine: EmbeddedEngine) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    rev = await source.put({"_id": "a", "_attachments": {"x": {"data": "aGVsbG8="}}})
    await source.put({"_id": "a", "_rev": rev, "_attachments": {"x": {"stub": True}}, "n": 2})

    async def revs_diff(revs: Any) -> dict[str, Missing]:
        found = await target.revs_diff(revs)
        return {doc_id: Missing(row.missing, (rev,)) for doc_id, row in found.items()}

    forgetful: Any = Changed(target, revs_diff=revs_diff)
    result = await replicate(source, forgetful)
    assert result.progress.docs_written == 1
    assert await contents(target) == await contents(source)


async def test_a_document_with_attachments_that_is_refused_is_named(engine: EmbeddedEngine) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    await source.put({"_id": "a", "_attachments": {"x": {"data": "aGVsbG8="}}})
    await source.put({"_id": "b"})
    guarded: Any = Changed(target, put_multipart=refusing(Forbidden("no photos")))
    result = await replicate(source, guarded)
    assert [(doc_id, reason) for doc_id, _, reason in result.progress.refused] == [
        ("a", "forbidden: no photos")
    ]
    assert [row.id for row in (await target.all_docs()).rows] == ["b"]


async def test_a_revision_that_vanished_meanwhile_is_passed(engine: EmbeddedEngine) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    rev = await source.put({"_id": "a"})
    await source.put({"_id": "b"})
    original = source.bulk_get

    async def bulk_get(*args: Any, **kwargs: Any) -> Any:
        await source.purge({"a": [rev]})
        return await original(*args, **kwargs)

    vanishing: Any = Changed(source, bulk_get=bulk_get)
    result = await replicate(vanishing, target)
    assert (result.progress.docs_written, result.progress.doc_write_failures) == (1, 0)
    assert [row.id for row in (await target.all_docs()).rows] == ["b"]


async def test_members_named_like_attachments_deeper_down_are_no_attachments(engine: EmbeddedEngine) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    await source.put({"_id": "a", "copy": {"_attachments": {"x": {"stub": True}}}})
    await replicate(source, target)
    assert await contents(target) == await contents(source)


async def chunks() -> AsyncIterator[bytes]:
    yield b"hola"


async def test_only_attachments_that_are_new_travel(engine: EmbeddedEngine) -> None:
    source, target = await engine.create("one"), await engine.create("two")
    rev = await source.put_attachment("a", "big", "x/y", chunks())
    await replicate(source, target)
    await source.put_attachment("a", "small", "x/y", chunks(), rev=rev)
    read: list[str] = []
    original = source.get_attachment

    async def get_attachment(doc_id: str, name: str, **more: Any) -> Any:
        read.append(name)
        return await original(doc_id, name, **more)

    watched: Any = Changed(source, get_attachment=get_attachment)
    await replicate(watched, target)
    assert read == ["small"]
    assert await contents(target) == await contents(source)
