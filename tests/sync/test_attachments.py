"""Which attachments a reader lacks, and gzip undone in bounded steps."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sync.attachments import has_attachments, inflate, wanted
from sync.errors import BadRequest

DOC: dict[str, Any] = {
    "_revisions": {"start": 3, "ids": ["c", "b", "a"]},
    "_attachments": {"one": {"revpos": 1}, "two": {"revpos": 2}, "three": {"revpos": 3}},
}


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (None, ["one", "two", "three"]),
        ((), ["one", "two", "three"]),
        (("1-x",), ["one", "two", "three"]),
        (("1-a",), ["two", "three"]),
        (("1-a", "2-b"), ["three"]),
        (("3-c",), []),
        (("2-b", "9-z"), ["three"]),
    ],
)
def test_those_after_the_newest_known_ancestor(since: tuple[str, ...] | None, expected: list[str]) -> None:
    assert wanted(DOC, since) == expected


def test_without_history_all_are_wanted() -> None:
    assert wanted({"_attachments": DOC["_attachments"]}, ("2-b",)) == ["one", "two", "three"]
    assert wanted({}, None) == []


def test_a_document_without_any_is_known_without_parsing() -> None:
    assert has_attachments(b'{"_id":"a","_attachments":{"x":{}}}')
    assert not has_attachments(b'{"_id":"a","n":"_attachments"}')


async def pieces(content: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


def inflated(content: bytes, size: int = 10) -> list[bytes]:
    async def read() -> list[bytes]:
        return [chunk async for chunk in inflate(pieces(content, size))]

    return asyncio.run(read())


def test_gzip_comes_out_in_bounded_steps() -> None:
    content = b"\0" * (5 << 20)
    chunks = inflated(gzip.compress(content), 1 << 16)
    assert b"".join(chunks) == content
    assert max(map(len, chunks)) <= 1 << 20


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no gzip",
        gzip.compress(b"x" * 999, mtime=0)[:-1],
        gzip.compress(b"x", mtime=0) + b"more than the end",
    ],
    ids=["empty", "other", "truncated", "too long"],
)
def test_damaged_gzip_is_refused(content: bytes) -> None:
    with pytest.raises(BadRequest):
        inflated(content)
