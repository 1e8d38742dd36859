"""Uploads under way: bytes in a file, facts beside it, until the whole photo proves to be what was declared.

Law: the offset told is the number of bytes that are durable. Only bytes whose SHA-256 is the declared one
become a blob, so nobody can say anything about a photo they do not have. Uploads are files of this data
folder (``<id>.part``, ``<id>.json``), not documents: they are nobody's truth yet, and they leave no
tombstones.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from server.clock import Clock
from server.evidence.blobstore import BlobStore
from server.evidence.examination import Examination
from server.instants import parse, say
from server.problems import Problem
from sync.errors import Conflict, NotFound
from sync.interface import Database

Json = dict[str, Any]

#: What a phone may send as a photo; the examiner looks at the bytes themselves.
TYPES = ("image/jpeg", "image/png", "image/webp")
_ID = re.compile(r"[0-9a-f]{32}\Z")
#: Events named by one blob at most; a photo shared by more is a mistake, and the document stays small.
_MOST_DELIVERIES = 50


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


class Uploads:
    def __init__(
        self, folder: Path, database: Database, blobs: BlobStore, examination: Examination, clock: Clock
    ) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._database = database
        self._blobs = blobs
        self._examination = examination
        self._clock = clock
        self._busy: set[str] = set()

    # -- what is there -------------------------------------------------------------------------------

    async def create(
        self, account: str, device: str, sha256: str, type_: str, event: str, length: int
    ) -> Upload:
        """Begin an upload; durable when this returns."""
        upload = Upload(
            secrets.token_hex(16), account, device, sha256, type_, event, length, say(self._clock.now())
        )
        await asyncio.to_thread(self._begin, upload)
        return upload

    def _begin(self, upload: Upload) -> None:
        self._part(upload.id).touch()
        facts = self._facts(upload.id)
        part = facts.with_suffix(".new")
        with part.open("wb") as file:
            file.write(orjson.dumps(asdict(upload)))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, facts)

    async def find(self, upload_id: str, device: str) -> Upload:
        """An upload of this device. Raises ``upload_unknown``."""
        if not _ID.match(upload_id):
            raise Problem("upload_unknown")
        try:
            upload = Upload(**orjson.loads(await asyncio.to_thread(self._facts(upload_id).read_bytes)))
        except FileNotFoundError:
            raise Problem("upload_unknown") from None
        if upload.device != device:
            raise Problem("upload_unknown", "the upload is another device's")
        return upload

    async def offset(self, upload: Upload) -> int:
        """Durable bytes; the whole length once it is a blob."""
        try:
            return (await asyncio.to_thread(self._part(upload.id).stat)).st_size
        except FileNotFoundError:
            return upload.length

    async def delivered(self, sha256: str, device: str) -> int | None:
        """The length of a blob that this very device delivered before, else None.

        That somebody else delivered it is not told: a hash that exists is no receipt for who may not see it.
        """
        doc = (await self._database.get_many([f"blob:{sha256}"])).get(f"blob:{sha256}")
        if doc is None or not any(entry["device"] == device for entry in doc["deliveries"]):
            return None
        return int(doc["bytes"])

    async def under_way(self) -> int:
        """Uploads begun whose photo is not whole yet."""
        return await asyncio.to_thread(lambda: sum(1 for _ in self._folder.glob("*.part")))

    # -- writing -------------------------------------------------------------------------------------

    async def append(
        self, upload: Upload, offset: int, chunks: AsyncIterator[bytes], checksum: tuple[str, bytes] | None
    ) -> int:
        """Add bytes at ``offset``; gives the new one. ``checksum``: algorithm and digest of these bytes.

        Raises ``upload_busy``, ``upload_offset``, ``upload_length``, ``upload_checksum``, and for the last
        piece ``photo_hash_wrong``. What came before a broken connection is kept, unless it has a checksum.
        """
        if upload.id in self._busy:
            raise Problem("upload_busy")
        self._busy.add(upload.id)
        try:
            current = await self.offset(upload)
            if offset != current:
                raise Problem("upload_offset", f"the offset is {current}")
            if current < upload.length:
                current = await self._write(upload, current, chunks, checksum)
            if current == upload.length:
                await self._finish(upload)
            return current
        finally:
            self._busy.discard(upload.id)

    async def _write(
        self, upload: Upload, offset: int, chunks: AsyncIterator[bytes], checksum: tuple[str, bytes] | None
    ) -> int:
        digest = hashlib.new(checksum[0], usedforsecurity=False) if checksum else None
        size = offset
        keep = offset
        with self._part(upload.id).open("r+b", buffering=0) as file:
            file.seek(offset)
            try:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > upload.length:
                        raise Problem("upload_length", "more bytes than Upload-Length")
                    if digest is not None:
                        digest.update(chunk)
                    await asyncio.to_thread(file.write, chunk)
                    if digest is None:
                        keep = size
                if digest is not None and checksum is not None and digest.digest() != checksum[1]:
                    raise Problem("upload_checksum")
                keep = size
            finally:
                os.ftruncate(file.fileno(), keep)
                await asyncio.to_thread(os.fsync, file.fileno())
        return keep

    async def _finish(self, upload: Upload) -> None:
        """Bytes → blob → document; every step may be repeated after a crash."""
        part = self._part(upload.id)
        if await asyncio.to_thread(part.exists):
            real = await asyncio.to_thread(_sha256, part)
            if real != upload.sha256:
                await self.discard(upload)
                raise Problem("photo_hash_wrong", f"the bytes' SHA-256 is {real}")
            await self._blobs.put_file(upload.sha256, part)
        await self.record(upload)
        # The facts stay until they are swept: who lost the last answer asks again and learns that all is
        # there.

    async def record(self, upload: Upload) -> None:
        """Write or widen ``blob:<sha256>``."""
        doc_id = f"blob:{upload.sha256}"
        delivery = {"device": upload.device, "event": upload.event}
        while True:
            try:
                doc = await self._database.get(doc_id)
            except NotFound:
                doc = {
                    "_id": doc_id,
                    "schema": "blob.v1",
                    "sha256": upload.sha256,
                    "bytes": upload.length,
                    "type": upload.type,
                    "received_at": say(self._clock.now()),
                    "verdict": "pending",
                    "deliveries": [],
                }
            if delivery in doc["deliveries"] or len(doc["deliveries"]) >= _MOST_DELIVERIES:
                break
            try:
                await self._database.put({**doc, "deliveries": [*doc["deliveries"], delivery]})
                break
            except Conflict:
                continue
        if doc["verdict"] == "pending":
            self._examination.submit(upload.sha256)

    async def settle(self, upload: Upload) -> None:
        """Make an upload whose bytes are a blob already a finished one: its offset is its length."""
        await asyncio.to_thread(self._part(upload.id).unlink, True)

    async def discard(self, upload: Upload) -> None:
        """End an upload and forget its bytes (tus termination)."""
        await asyncio.to_thread(self._facts(upload.id).unlink, True)
        await asyncio.to_thread(self._part(upload.id).unlink, True)

    async def sweep(self, life: timedelta) -> int:
        """Forget uploads begun longer than ``life`` ago; gives how many."""
        return await asyncio.to_thread(self._sweep, self._clock.now() - life)

    def _sweep(self, before: datetime) -> int:
        gone = 0
        for facts in sorted(self._folder.glob("*.json")):
            if (
                facts.stem not in self._busy
                and parse(orjson.loads(facts.read_bytes())["created_at"]) < before
            ):
                facts.unlink(missing_ok=True)
                self._part(facts.stem).unlink(missing_ok=True)
                gone += 1
        # What a kill left before its facts were written.
        for stray in sorted((*self._folder.glob("*.part"), *self._folder.glob("*.new"))):
            orphan = not self._facts(stray.stem).exists() and stray.stem not in self._busy
            if orphan and stray.stat().st_mtime < before.timestamp():
                stray.unlink(missing_ok=True)
        return gone

    def _part(self, upload_id: str) -> Path:
        return self._folder / f"{upload_id}.part"

    def _facts(self, upload_id: str) -> Path:
        return self._folder / f"{upload_id}.json"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
