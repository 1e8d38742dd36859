"""Uploads under way: bytes in a file, facts beside it, until the whole photo proves to be what was declared.

Law: the offset told is the number of bytes that are durable, and the whole length only once the photo is
delivered (``lifecycle``). Whoever changes an upload holds its lock, across tasks and processes. Only bytes
whose SHA-256 is the declared one become a blob, so nobody can say anything about a photo they do not have.
Uploads are files of this data folder (``<id>.part``, ``<id>.json``), not documents: they are nobody's truth
yet, and they leave no tombstones.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import structlog

from server.clock import Clock
from server.evidence import lifecycle
from server.evidence.blobstore import BlobStore, sync_folder
from server.evidence.examination import Examination
from server.evidence.lifecycle import Event, State, Step
from server.evidence.room import Room, leaving
from server.instants import parse, say
from server.problems import Problem
from sync.errors import Conflict, NotFound
from sync.interface import Database

Json = dict[str, Any]
log = structlog.get_logger("manzana.evidence")

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
    #: How far it came (``lifecycle``); empty in facts of before this was written down.
    said: str = ""


class Uploads:
    def __init__(
        self,
        folder: Path,
        database: Database,
        blobs: BlobStore,
        examination: Examination,
        clock: Clock,
        room: Room | None = None,
    ) -> None:
        self._room = room or Room()
        self._beginning = asyncio.Lock()
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._database = database
        self._blobs = blobs
        self._examination = examination
        self._clock = clock

    # -- what is there -------------------------------------------------------------------------------

    async def create(
        self, account: str, device: str, sha256: str, type_: str, event: str, length: int
    ) -> Upload:
        """Begin an upload; durable when this returns. Where the device has too many, its oldest ends.

        Raises ``too_many_requests`` where all devices together have.
        """
        upload = Upload(
            secrets.token_hex(16),
            account,
            device,
            sha256,
            type_,
            event,
            length,
            say(self._clock.now()),
            lifecycle.RECEIVING,
        )
        async with self._beginning:
            for oldest in leaving(await asyncio.to_thread(self._begun), device, length, self._room):
                try:
                    await self.discard(oldest)
                except Problem as problem:
                    if problem.code not in ("upload_busy", "upload_unknown"):
                        raise
            await asyncio.to_thread(self._begin, upload)
        return upload

    def _begun(self) -> list[Upload]:
        """The uploads whose bytes are not all there, or not yet in their place."""
        found = (self._read(part.stem) for part in self._folder.glob("*.part"))
        return [upload for upload in found if upload is not None]

    def _begin(self, upload: Upload) -> None:
        self._part(upload.id).touch()
        self._say(upload)

    def _say(self, upload: Upload) -> None:
        facts = self._facts(upload.id)
        part = facts.with_suffix(".new")
        with part.open("wb") as file:
            file.write(orjson.dumps(asdict(upload)))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, facts)
        sync_folder(self._folder)

    async def find(self, upload_id: str, device: str) -> Upload:
        """An upload of this device. Raises ``upload_unknown``."""
        if not _ID.match(upload_id):
            raise Problem("upload_unknown")
        upload = await asyncio.to_thread(self._read, upload_id)
        if upload is None:
            raise Problem("upload_unknown")
        if upload.device != device:
            raise Problem("upload_unknown", "the upload is another device's")
        return upload

    def _read(self, upload_id: str) -> Upload | None:
        try:
            return Upload(**orjson.loads(self._facts(upload_id).read_bytes()))
        except FileNotFoundError:
            return None

    async def _observe(self, upload_id: str) -> tuple[Upload | None, State, int]:
        """Facts, state and durable bytes, as they are now."""
        upload = await asyncio.to_thread(self._read, upload_id)
        if upload is None:
            return None, State.GONE, 0
        try:
            part = (await asyncio.to_thread(self._part(upload_id).stat)).st_size
        except FileNotFoundError:
            part = None
        blob = await self._blobs.size(upload.sha256)
        return upload, lifecycle.observe(upload.said, part, blob, upload.length), part or 0

    @contextmanager
    def _hold(self, upload_id: str) -> Iterator[None]:
        """Be the only one to change an upload; ``upload_busy`` where somebody is. The lock is on the bytes'
        own file, so it ends with the process. Without that file no bytes can be written, and what is left to
        do may be done twice.
        """
        path = self._part(upload_id)
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
                    raise Problem("upload_busy") from None
                # Moved or ended between opening and locking: this is a blob now, or nothing.
                if not path.exists() or path.stat().st_ino != os.fstat(handle).st_ino:
                    continue
                yield
                return
            finally:
                os.close(handle)

    async def offset(self, upload: Upload) -> int:
        """Durable bytes; the whole length only once the photo is delivered, which is seen to here.

        Raises ``upload_busy`` while another request finishes it, ``photo_hash_wrong``, ``upload_unknown``.
        """
        _, state, size = await self._observe(upload.id)
        if state is not State.OPEN:
            with self._hold(upload.id):
                size = await self._finish(upload.id)
        return size

    async def delivered(self, sha256: str, device: str) -> int | None:
        """The length of a blob that this very device delivered before, else None.

        That somebody else delivered it is not told: a hash that exists is no receipt for who may not see it.
        """
        doc = (await self._database.get_many([f"blob:{sha256}"])).get(f"blob:{sha256}")
        if doc is None or not any(entry["device"] == device for entry in doc["deliveries"]):
            return None
        if doc["verdict"] == "pending" and await self._blobs.size(sha256) is None:
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
        # One whose bytes are lost has no file to lock yet: it is begun anew before it is held.
        await self.offset(upload)
        with self._hold(upload.id):
            current = await self._finish(upload.id)
            if offset != current:
                raise Problem("upload_offset", f"the offset is {current}")
            if current < upload.length:
                await self._write(upload, current, chunks, checksum)
                current = await self._finish(upload.id)
            return current

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

    async def _finish(self, upload_id: str) -> int:
        """Bring a held upload as far as its bytes allow; gives its offset. What a kill left half done is
        taken up here, by a start, a HEAD or the next PATCH. The facts stay until they are swept: who lost the
        last answer asks again and learns that all is there.
        """
        upload, state, size = await self._observe(upload_id)
        if upload is None:
            raise Problem("upload_unknown")
        for step in lifecycle.steps(state, Event.FINISH):
            await self._apply(step, upload)
        if state is State.OPEN:
            return size
        return 0 if state is State.LOST else upload.length

    async def _apply(self, step: Step, upload: Upload) -> None:
        """One step, durable when this returns."""
        part = self._part(upload.id)
        match step:
            case Step.PROVE:
                real = await asyncio.to_thread(_sha256, part)
                if real != upload.sha256:
                    await self._discard(upload)
                    raise Problem("photo_hash_wrong", f"the bytes' SHA-256 is {real}")
            case Step.MARK_PROVEN:
                await asyncio.to_thread(self._say, replace(upload, said=lifecycle.PROVEN))
            case Step.KEEP:
                await self._blobs.put_file(upload.sha256, part)
            case Step.RECORD:
                await self.record(upload)
            case Step.MARK_RECORDED:
                # One that was ended meanwhile stays ended.
                if await asyncio.to_thread(self._facts(upload.id).exists):
                    await asyncio.to_thread(self._say, replace(upload, said=lifecycle.RECORDED))
            case Step.RENEW:
                await asyncio.to_thread(self._say, replace(upload, said=lifecycle.RECEIVING))
                await asyncio.to_thread(part.touch)
            case Step.FORGET_FACTS:
                await asyncio.to_thread(self._facts(upload.id).unlink, True)
            case Step.FORGET_BYTES:
                await asyncio.to_thread(part.unlink, True)

    async def recover(self) -> int:
        """Finish every upload that has all its bytes; gives how many. One that fails stops no other."""
        done = 0
        for facts in await asyncio.to_thread(lambda: sorted(self._folder.glob("*.json"))):
            try:
                _, state, _ = await self._observe(facts.stem)
                if state in (State.FULL, State.PROVEN):
                    with self._hold(facts.stem):
                        await self._finish(facts.stem)
                    done += 1
            except Exception as error:  # noqa: BLE001 - one upload stops no other
                if not (isinstance(error, Problem) and error.code in ("upload_busy", "upload_unknown")):
                    log.warning("upload_not_finished", upload=facts.stem, reason=repr(error))
        return done

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
        """Record an upload whose bytes this device delivered before: its offset is its length."""
        with self._hold(upload.id):
            for step in (Step.RECORD, Step.MARK_RECORDED, Step.FORGET_BYTES):
                await self._apply(step, upload)

    async def discard(self, upload: Upload) -> None:
        """End an upload and forget its bytes (tus termination).

        Raises ``upload_busy``, ``upload_unknown``.
        """
        with self._hold(upload.id):
            if await asyncio.to_thread(self._read, upload.id) is None:
                raise Problem("upload_unknown")
            await self._discard(upload)

    async def _discard(self, upload: Upload) -> None:
        for step in lifecycle.steps(State.OPEN, Event.DISCARD):
            await self._apply(step, upload)

    async def sweep(self, life: timedelta) -> int:
        """Forget uploads begun longer than ``life`` ago; gives how many."""
        await self.recover()
        return await asyncio.to_thread(self._sweep, self._clock.now() - life)

    def _sweep(self, before: datetime) -> int:
        gone = 0
        for facts in sorted(self._folder.glob("*.json")):
            try:
                with self._hold(facts.stem):
                    if parse(orjson.loads(facts.read_bytes())["created_at"]) < before:
                        facts.unlink(missing_ok=True)
                        self._part(facts.stem).unlink(missing_ok=True)
                        gone += 1
            except (Problem, FileNotFoundError):
                continue
        # What a kill left before its facts were written.
        for stray in sorted((*self._folder.glob("*.part"), *self._folder.glob("*.new"))):
            if not self._facts(stray.stem).exists() and stray.stat().st_mtime < before.timestamp():
                stray.unlink(missing_ok=True)
        return gone

    def _part(self, upload_id: str) -> Path:
        return self._folder / f"{upload_id}.part"

    def _facts(self, upload_id: str) -> Path:
        return self._folder / f"{upload_id}.json"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
