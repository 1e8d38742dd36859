"""Multipart bodies come back as written, however they are cut; torn ones are refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import BadRequest
from sync.multipart import MultipartReader, boundary_of, closing, disposition, opening


async def cut(body: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(body), size):
        yield body[at : at + size]


def written(parts: list[tuple[str, bytes]]) -> bytes:
    body = b""
    for at, (name, content) in enumerate(parts):
        body += opening("xyz", "text/plain", disposition(name), first=at == 0) + content
    return body + closing("xyz")


async def read(body: bytes, size: int) -> list[tuple[str | None, bytes]]:
    reader = MultipartReader(cut(body, size), b"xyz")
    return [(part.filename, b"".join([chunk async for chunk in part.content])) async for part in reader]


# Pieces of boundaries and line breaks are what a reader may stumble over.
CONTENT = (
    st.lists(
        st.sampled_from([b"\r\n", b"--", b"xyz", b"-", b"\r", b"\n", b"\r\n--xy", b"a"])
        | st.binary(max_size=8),
        max_size=8,
    )
    .map(b"".join)
    .filter(lambda content: b"\r\n--xyz" not in b"\r\n" + content)
)
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12).filter(
    lambda name: name == name.strip()
)


@given(st.lists(st.tuples(NAMES, CONTENT), min_size=1, max_size=4), st.integers(1, 40))
def test_parts_come_back(parts: list[tuple[str, bytes]], size: int) -> None:
    assert asyncio.run(read(written(parts), size)) == parts


@given(st.lists(st.tuples(NAMES, CONTENT), min_size=1, max_size=3), st.data())
def test_a_torn_body_is_refused(parts: list[tuple[str, bytes]], data: st.DataObject) -> None:
    body = written(parts)
    end = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(BadRequest):
        asyncio.run(read(body[:end], 7))


def test_what_is_not_read_is_skipped() -> None:
    async def skim() -> list[str | None]:
        reader = MultipartReader(cut(b"preamble\r\n" + written([("a", b"1" * 99), ("b", b"2")]), 5), b"xyz")
        return [part.filename async for part in reader]

    assert asyncio.run(skim()) == ["a", "b"]


@pytest.mark.parametrize(
    "content_type", ["multipart/related", 'multipart/related; boundary=""', "x; boundary=" + "b" * 71]
)
def test_a_content_type_without_boundary_is_refused(content_type: str) -> None:
    with pytest.raises(BadRequest):
        boundary_of(content_type)


def test_boundaries_are_unquoted() -> None:
    assert boundary_of('multipart/related;boundary="a b:c"') == b"a b:c"
    assert boundary_of("multipart/mixed; charset=x; boundary=--abc") == b"--abc"
