"""Where photos' bytes live: addressed by SHA-256, written once, byte for byte.

Law: ``put`` returns when the blob is durable (file synced, renamed, folder synced), and a blob that exists is
complete. Nothing is ever overwritten. Derivatives are keyed by the original's hash and their width, and may
be made anew at any time.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Protocol

_NAME = re.compile(r"[0-9a-f]{64}(?:\.[0-9]{1,5}\.jpg)?\Z")
_PIECE = 256 * 1024


def derivative(sha256: str, width: int) -> str:
    """The blob name of a derivative: ``<sha256>.320.jpg``."""
    return f"{sha256}.{width}.jpg"


class BlobStore(Protocol):
    """A name is a SHA-256 in hex, or a derivative's. Shaped so that an object store can stand behind it."""

    async def put_file(self, name: str, source: Path) -> None:
        """Take over a local file of the same volume as the blob. One that exists already is left as it is."""
        ...

    async def put(self, name: str, data: bytes) -> None: ...

    async def size(self, name: str) -> int | None:
        """Bytes, or None where there is no such blob."""
        ...

    def read(self, name: str) -> AsyncGenerator[bytes, None]:
        """The bytes in pieces. Raises ``FileNotFoundError`` at the first."""
        ...

    async def delete(self, name: str) -> None:
        """Redaction only; a missing blob is fine."""
        ...

    async def names(self) -> list[str]:
        """Every blob, sorted."""
        ...

    async def written(self, name: str) -> float | None:
        """When the bytes were written, in seconds since 1970 by the store's own clock; None without a
        blob.
        """
        ...


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class FolderBlobStore:
    """Blobs as files under ``folder/blobs/<2 hex>/<2 hex>/<name>``."""

    def __init__(self, folder: Path) -> None:
        self._blobs = folder / "blobs"
        self._blobs.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Where a blob is. Raises ``ValueError`` for what is no blob's name, so that no path is ever
        built.
        """
        if not _NAME.match(name):
            raise ValueError(f"{name!r} is no blob")
        return self._blobs / name[:2] / name[2:4] / name

    async def put_file(self, name: str, source: Path) -> None:
        await asyncio.to_thread(self._move, self.path(name), source)

    def _move(self, target: Path, source: Path) -> None:
        if target.exists():
            source.unlink(missing_ok=True)
            return
        try:
            with source.open("rb") as handle:
                os.fsync(handle.fileno())
        except FileNotFoundError:
            # Another request finishing the same upload moved it between the two looks.
            if target.exists():
                return
            raise
        made = []
        for folder in (target.parent.parent, target.parent):
            if not folder.exists():
                folder.mkdir(exist_ok=True)
                made.append(folder)
        os.replace(source, target)
        sync_folder(target.parent)
        for folder in reversed(made):
            sync_folder(folder.parent)

    async def put(self, name: str, data: bytes) -> None:
        target = self.path(name)

        def write() -> None:
            if target.exists():
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f"{name}.{os.getpid()}.{id(data)}.part")
            part.write_bytes(data)
            self._move(target, part)

        await asyncio.to_thread(write)

    async def size(self, name: str) -> int | None:
        try:
            return (await asyncio.to_thread(self.path(name).stat)).st_size
        except FileNotFoundError:
            return None

    async def read(self, name: str) -> AsyncGenerator[bytes, None]:
        # Opened here: what a thread opens for somebody who is gone by then, nobody closes.
        with self.path(name).open("rb") as handle:
            while piece := await asyncio.to_thread(handle.read, _PIECE):
                yield piece

    async def delete(self, name: str) -> None:
        await asyncio.to_thread(self.path(name).unlink, True)

    def _walk(self) -> Iterator[str]:
        for folder in sorted(self._blobs.iterdir()):
            for inner in sorted(folder.iterdir()):
                for file in sorted(inner.iterdir()):
                    if _NAME.match(file.name):
                        yield file.name

    async def names(self) -> list[str]:
        return await asyncio.to_thread(lambda: list(self._walk()))

    async def written(self, name: str) -> float | None:
        try:
            return (await asyncio.to_thread(self.path(name).stat)).st_mtime
        except FileNotFoundError:
            return None
