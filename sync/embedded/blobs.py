"""Attachment files, named by the SHA-256 of their content.

Law: a row that names a file is committed only after the file's bytes and its folder's entry are on disk, and
a file is removed only when, under the write lock, no row has named it for a day. So after a crash at any
point every row has its file; a file without a row is mere litter, and swept.

A file arrives under ``incoming/`` and is linked to its name; the arrival is kept until its row is committed,
so that a sweep between the two costs nothing.
"""

from __future__ import annotations

import base64
import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sync.errors import StorageFull

#: Bytes read at a time: large enough to be cheap, small enough that a thousand readers are not a burden.
CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Staged:
    """Bytes that are on disk and wait for their row. ``digest`` is CouchDB's ``md5-<base64>``."""

    hash: str
    digest: str
    length: int
    arrival: Path


class Arrival:
    """One incoming file, written as its bytes come."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self.path = blobs.incoming / uuid.uuid4().hex
        self._sha = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self.length = 0
        try:
            self._file = self.path.open("xb", buffering=0)
        except OSError as error:
            raise StorageFull(f"The disk refused an attachment: {error}") from error

    def write(self, chunk: bytes) -> None:
        self._sha.update(chunk)
        self._md5.update(chunk)
        self.length += len(chunk)
        try:
            view = memoryview(chunk)
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            self.drop()
            raise StorageFull(f"The disk refused an attachment: {error}") from error

    def finish(self) -> Staged:
        """The bytes are on disk under their name when this returns."""
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            digest = "md5-" + base64.b64encode(self._md5.digest()).decode()
            staged = Staged(self._sha.hexdigest(), digest, self.length, self.path)
            self._blobs.settle(staged)
        except OSError as error:
            self.drop()
            raise StorageFull(f"The disk refused an attachment: {error}") from error
        return staged

    def drop(self) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


class Blobs:
    """The attachment files of one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "attachments"
        self.incoming = self.folder / "incoming"
        self.incoming.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Two characters of the hash make the folder, so that none holds more than some thousand entries."""
        return self.folder / name[:2] / name

    def stage(self, data: bytes) -> Staged:
        arrival = Arrival(self)
        arrival.write(data)
        return arrival.finish()

    def settle(self, staged: Staged) -> None:
        """Give the arrival its name, durably."""
        path = self.path(staged.hash)
        if not path.parent.exists():
            path.parent.mkdir(exist_ok=True)
            _sync_folder(self.folder)
        try:
            os.link(staged.arrival, path)
        except FileExistsError:
            # The same content came before; its entry may still be on the way to the disk, so sync all the
            # same.
            pass
        _sync_folder(path.parent)

    def keep(self, staged: Staged) -> None:
        """Under the write lock, before the row: a sweep may have taken the file since it was settled."""
        if not self.path(staged.hash).exists():
            self.settle(staged)

    def done(self, staged: Staged) -> None:
        """The row is committed, or never will be: the arrival is no longer needed."""
        staged.arrival.unlink(missing_ok=True)

    def read(self, name: str) -> bytes:
        return self.path(name).read_bytes()

    def names(self) -> Iterator[str]:
        for folder in self.folder.iterdir():
            if len(folder.name) == 2:
                yield from (file.name for file in folder.iterdir())

    def age(self, name: str, now: float) -> float:
        """Seconds since the file was written; 0 if it is gone."""
        try:
            return now - self.path(name).stat().st_mtime
        except FileNotFoundError:
            return 0.0

    def sweep_arrivals(self, now: float, older: float) -> None:
        """Remove what writers that were cut off have left."""
        for path in self.incoming.iterdir():
            try:
                if now - path.stat().st_mtime > older:
                    path.unlink()
            except FileNotFoundError:
                continue  # its writer has just finished with it

    def remove(self, name: str) -> None:
        self.path(name).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
