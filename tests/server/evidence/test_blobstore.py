"""Blobs are whole, addressed by their hash, and never overwritten; no name becomes a path."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.evidence.blobstore import FolderBlobStore, derivative

pytestmark = pytest.mark.anyio
NAME = "ab" + "0" * 62


async def read(store: FolderBlobStore, name: str) -> bytes:
    return b"".join([piece async for piece in store.read(name)])


async def test_a_blob_is_written_once(tmp_path: Path) -> None:
    store = FolderBlobStore(tmp_path)
    await store.put(NAME, b"first")
    await store.put(NAME, b"second")
    source = tmp_path / "incoming"
    source.write_bytes(b"third")
    await store.put_file(NAME, source)
    assert await read(store, NAME) == b"first"
    assert not source.exists()
    assert await store.size(NAME) == 5
    await store.put(derivative(NAME, 320), b"small")
    assert await store.names() == [NAME, f"{NAME}.320.jpg"]
    await store.delete(NAME)
    await store.delete(NAME)
    assert await store.size(NAME) is None
    with pytest.raises(FileNotFoundError):
        await read(store, NAME)


@pytest.mark.parametrize(
    "name", ["../x", "", "AB" + "0" * 62, NAME + "/..", NAME + ".png", NAME[:-1], NAME + "\n"]
)
async def test_no_other_name_is_a_blob(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no blob"):
        FolderBlobStore(tmp_path).path(name)


async def test_large_blobs_are_read_in_pieces(tmp_path: Path) -> None:
    store = FolderBlobStore(tmp_path)
    await store.put(NAME, b"x" * 600_000)
    pieces = [len(piece) async for piece in store.read(NAME)]
    assert sum(pieces) == 600_000
    assert max(pieces) < 600_000
