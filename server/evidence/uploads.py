"""Uploads under way: bytes in a file until the whole photo proves to be what was declared.

Law: the offset told is the number of bytes that are durable, and the whole length only once the photo is
delivered (``lifecycle``). Whoever changes an upload holds it (``spool``). Only bytes whose SHA-256 is the
declared one become a blob, so nobody can say anything about a photo they do not have.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from io import FileIO
from pathlib import Path

import structlog

from server.clock import Clock
from server.evidence import lifecycle
from server.evidence.blobstore import BlobStore
from server.evidence.deliveries import Deliveries
from server.evidence.examination import Examination
from server.evidence.lifecycle import Event, State, Step
from server.evidence.room import Room, leaving
from server.evidence.spool import Spool, Upload
from server.evidence.writers import Writers
from server.instants import say
from server.problems import Problem
from sync.interface import Database

log = structlog.get_logger("manzana.evidence")

#: What a phone may send as a photo; the examiner looks at the bytes themselves.
TYPES = ("image/jpeg", "image/png", "image/webp")


class Uploads:
    def __init__(
        self,
        folder: Path,
        database: Database,
        blobs: BlobStore,
        examination: Examination,
        clock: Clock,
        room: Room | None = None,
        writers: Writers | None = None,
    ) -> None:
        self._room = room or Room()
        self._writers = writers or Writers()
        self._beginning = asyncio.Lock()
        self.spool = Spool(folder)
        self._blobs = blobs
        self._clock = clock
        self.deliveries = Deliveries(database, blobs, examination, clock, folder / "keeping.lock")

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
            for oldest in leaving(await asyncio.to_thread(self.spool.begun), device, length, self._room):
                try:
                    await self.discard(oldest)
                except Problem as problem:
                    if problem.code not in ("upload_busy", "upload_unknown"):
                        raise
            await asyncio.to_thread(self.spool.begin, upload)
        return upload

    async def find(self, upload_id: str, device: str) -> Upload:
        """An upload of this device. Raises ``upload_unknown``."""
        upload = await asyncio.to_thread(self.spool.read, upload_id)
        if upload is None:
            raise Problem("upload_unknown")
        if upload.device != device:
            raise Problem("upload_unknown", "the upload is another device's")
        return upload

    async def _observe(self, upload_id: str) -> tuple[Upload | None, State, int]:
        """Facts, state and durable bytes, as they are now."""
        upload = await asyncio.to_thread(self.spool.read, upload_id)
        if upload is None:
            return None, State.GONE, 0
        part = await asyncio.to_thread(self.spool.size, upload_id)
        blob = await self._blobs.size(upload.sha256)
        return upload, lifecycle.observe(upload.said, part, blob, upload.length), part or 0

    async def offset(self, upload: Upload) -> int:
        """Durable bytes; the whole length only once the photo is delivered, which is seen to here.

        Raises ``upload_busy`` while another request finishes it, ``photo_hash_wrong``, ``upload_unknown``.
        """
        await self._writers.displace(upload.id)
        _, state, size = await self._observe(upload.id)
        if state is not State.OPEN:
            with self.spool.hold(upload.id):
                size = await self._finish(upload.id)
        return size

    async def delivered(self, sha256: str, device: str) -> int | None:
        """The length of a blob that this very device delivered before, else None."""
        return await self.deliveries.given(sha256, device)

    async def under_way(self) -> int:
        """Uploads begun whose photo is not whole yet."""
        return len(await asyncio.to_thread(self.spool.begun))

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
        with self.spool.hold(upload.id):
            current = await self._finish(upload.id)
            if offset != current:
                raise Problem("upload_offset", f"the offset is {current}")
            if current < upload.length:
                with self._writers.entered(upload.id, chunks) as coming:
                    await self._write(upload, current, coming, checksum)
                current = await self._finish(upload.id)
            return current

    async def _write(
        self, upload: Upload, offset: int, chunks: AsyncIterator[bytes], checksum: tuple[str, bytes] | None
    ) -> int:
        digest = hashlib.new(checksum[0], usedforsecurity=False) if checksum else None
        size = offset
        keep = offset
        with self.spool.part(upload.id).open("r+b", buffering=0) as file:
            file.seek(offset)
            try:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > upload.length:
                        raise Problem("upload_length", "more bytes than Upload-Length")
                    if digest is not None:
                        digest.update(chunk)
                    await asyncio.to_thread(_write_all, file, chunk)
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
        steps = lifecycle.steps(state, Event.FINISH)
        # From the moment the bytes are a blob to the one when a document names it, nobody sweeps blobs.
        async with self.deliveries.shared() if Step.KEEP in steps else nullcontext():
            for step in steps:
                await self._apply(step, upload)
        if state is State.OPEN:
            return size
        return 0 if state is State.LOST else upload.length

    async def _apply(self, step: Step, upload: Upload) -> None:
        """One step, durable when this returns."""
        part = self.spool.part(upload.id)
        match step:
            case Step.PROVE:
                real = await asyncio.to_thread(self.spool.sha256, upload.id)
                if real != upload.sha256:
                    await self._discard(upload)
                    raise Problem("photo_hash_wrong", f"the bytes' SHA-256 is {real}")
            case Step.MARK_PROVEN:
                await asyncio.to_thread(self.spool.say, replace(upload, said=lifecycle.PROVEN))
            case Step.KEEP:
                await self._blobs.put_file(upload.sha256, part)
            case Step.RECORD:
                await self.deliveries.record(upload)
            case Step.MARK_RECORDED:
                # One that was ended meanwhile stays ended.
                if await asyncio.to_thread(self.spool.facts(upload.id).exists):
                    await asyncio.to_thread(self.spool.say, replace(upload, said=lifecycle.RECORDED))
            case Step.RENEW:
                await asyncio.to_thread(self.spool.say, replace(upload, said=lifecycle.RECEIVING))
                await asyncio.to_thread(part.touch)
            case Step.FORGET_FACTS:
                await asyncio.to_thread(self.spool.facts(upload.id).unlink, True)
            case Step.FORGET_BYTES:
                await asyncio.to_thread(part.unlink, True)

    async def recover(self) -> int:
        """Finish every upload that has all its bytes; gives how many. One that fails stops no other."""
        done = 0
        for upload_id in await asyncio.to_thread(self.spool.ids):
            try:
                _, state, _ = await self._observe(upload_id)
                if state in (State.FULL, State.PROVEN):
                    with self.spool.hold(upload_id):
                        await self._finish(upload_id)
                    done += 1
            except Exception as error:  # noqa: BLE001 - one upload stops no other
                if not (isinstance(error, Problem) and error.code in ("upload_busy", "upload_unknown")):
                    log.warning("upload_not_finished", upload=upload_id, reason=repr(error))
        return done

    async def settle(self, upload: Upload) -> None:
        """Record an upload whose bytes this device delivered before: its offset is its length."""
        async with self.deliveries.shared():
            with self.spool.hold(upload.id):
                for step in (Step.RECORD, Step.MARK_RECORDED, Step.FORGET_BYTES):
                    await self._apply(step, upload)

    async def discard(self, upload: Upload) -> None:
        """End an upload and forget its bytes (tus termination).

        Raises ``upload_busy``, ``upload_unknown``.
        """
        await self._writers.displace(upload.id)
        with self.spool.hold(upload.id):
            if await asyncio.to_thread(self.spool.read, upload.id) is None:
                raise Problem("upload_unknown")
            await self._discard(upload)

    async def _discard(self, upload: Upload) -> None:
        for step in lifecycle.steps(State.OPEN, Event.DISCARD):
            await self._apply(step, upload)

    async def sweep(self, life: timedelta) -> int:
        """Forget uploads begun longer than ``life`` ago; gives how many."""
        await self.recover()
        return await asyncio.to_thread(self.spool.sweep, self._clock.now() - life)


def _write_all(file: FileIO, chunk: bytes) -> None:
    """The last write before a full disk is short, not refused: what it left out is no byte that came."""
    left = memoryview(chunk)
    while left:
        left = left[file.write(left) :]
