"""Uploads under way as files: bytes in ``<id>.part``, facts beside them in ``<id>.json``.

Law: facts are written whole or not at all, and are durable when ``say`` returns. Whoever changes an upload
holds it (``hold``), across tasks and processes. These are files of this data folder, not documents: they are
nobody's truth yet, and they leave no tombstones.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import orjson

from server.evidence.blobstore import sync_folder
from server.instants import parse
from server.problems import Problem

_ID = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True)
class Upload:
    """``length`` in bytes. ``account`` and ``device`` are the uploader's, ``event`` what the photo belongs
    to.
    """

    id: str
    account: str
    device: str
    sha256: str
    type: str
    event: str
    length: int
    created_at: str
    #: How far it came (``lifecycle``); empty in facts of before this was written down.
    said: str = ""


class Spool:
    """Every method blocks on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)

    def part(self, upload_id: str) -> Path:
        return self._folder / f"{upload_id}.part"

    def facts(self, upload_id: str) -> Path:
        return self._folder / f"{upload_id}.json"

    def begin(self, upload: Upload) -> None:
        self.part(upload.id).touch()
        self.say(upload)

    def say(self, upload: Upload) -> None:
        facts = self.facts(upload.id)
        part = facts.with_suffix(".new")
        with part.open("wb") as file:
            file.write(orjson.dumps(asdict(upload)))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, facts)
        sync_folder(self._folder)

    def read(self, upload_id: str) -> Upload | None:
        """The facts; None where there are none, or for what is no id."""
        if not _ID.match(upload_id):
            return None
        try:
            return Upload(**orjson.loads(self.facts(upload_id).read_bytes()))
        except FileNotFoundError:
            return None

    def size(self, upload_id: str) -> int | None:
        """Bytes that came; None where their file is missing."""
        try:
            return self.part(upload_id).stat().st_size
        except FileNotFoundError:
            return None

    def sha256(self, upload_id: str) -> str:
        with self.part(upload_id).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def ids(self) -> list[str]:
        """Every upload with facts, sorted."""
        return sorted(facts.stem for facts in self._folder.glob("*.json"))

    def begun(self) -> list[Upload]:
        """The uploads whose bytes are not all there, or not yet in their place."""
        found = (self.read(part.stem) for part in self._folder.glob("*.part"))
        return [upload for upload in found if upload is not None]

    @contextmanager
    def hold(self, upload_id: str) -> Iterator[None]:
        """Be the only one to change an upload; ``upload_busy`` where somebody is. The lock is on the bytes'
        own file, so it ends with the process. Without that file no bytes can be written, and what is left to
        do may be done twice.
        """
        path = self.part(upload_id)
        while True:
            try:
                handle = os.open(path, os.O_RDWR)
            except FileNotFoundError:
                yield
                return
            try:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise Problem("upload_busy", headers={"Retry-After": "5"}) from None
                # Moved or ended between opening and locking: this is a blob now, or nothing.
                if not path.exists() or path.stat().st_ino != os.fstat(handle).st_ino:
                    continue
                yield
                return
            finally:
                os.close(handle)

    def sweep(self, before: datetime) -> int:
        """Forget uploads begun before an instant; gives how many."""
        gone = 0
        for upload_id in self.ids():
            try:
                with self.hold(upload_id):
                    facts = self.facts(upload_id)
                    if parse(orjson.loads(facts.read_bytes())["created_at"]) < before:
                        facts.unlink(missing_ok=True)
                        self.part(upload_id).unlink(missing_ok=True)
                        gone += 1
            except (Problem, FileNotFoundError):
                continue
        # What a kill left before its facts were written.
        for stray in sorted((*self._folder.glob("*.part"), *self._folder.glob("*.new"))):
            if not self.facts(stray.stem).exists() and stray.stat().st_mtime < before.timestamp():
                stray.unlink(missing_ok=True)
        return gone
