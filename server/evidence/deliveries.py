"""``blob:<sha256>``: which device delivered a photo's bytes, and for which event.

Law: written after the bytes are durable, so a delivery is never without them; the bytes of a photo are taken
away only by whoever has the store to itself (``alone``), while no delivery is on its way (``shared``).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from server.clock import Clock
from server.documents.ids import blob_id
from server.evidence.blob import BlobDelivery, blob
from server.evidence.blobstore import BlobStore
from server.evidence.examination import Examination
from server.evidence.spool import Upload
from server.instants import say
from sync.errors import Conflict, NotFound
from sync.interface import Database

#: Events named by one blob at most; a photo shared by more is a mistake, and the document stays small.
_MOST_DELIVERIES = 50


class Deliveries:
    """``lock``: a file of this data folder that all its processes share."""

    def __init__(
        self, database: Database, blobs: BlobStore, examination: Examination, clock: Clock, lock: Path
    ) -> None:
        self.database = database
        self.blobs = blobs
        self._examination = examination
        self._clock = clock
        self._lock = lock

    @asynccontextmanager
    async def shared(self) -> AsyncIterator[None]:
        """While bytes become a blob and are written down: nobody takes a blob away."""
        handle = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            await asyncio.to_thread(fcntl.flock, handle, fcntl.LOCK_SH)
            yield
        finally:
            os.close(handle)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[bool]:
        """Whether nobody is delivering; if so, nobody does until the block ends."""
        handle = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
        finally:
            os.close(handle)

    async def given(self, sha256: str, device: str) -> int | None:
        """The length of a blob that this very device delivered before, else None.

        That somebody else delivered it is not told: a hash that exists is no receipt for who may not see it.
        """
        found = await self.database.get_many([blob_id(sha256)])
        doc = next(map(blob, found.values()), None)
        if doc is None or not any(entry["device"] == device for entry in doc["deliveries"]):
            return None
        if doc["verdict"] == "pending" and await self.blobs.size(sha256) is None:
            return None
        return doc["bytes"]

    async def record(self, upload: Upload) -> None:
        """Write or widen ``blob:<sha256>``."""
        doc_id = blob_id(upload.sha256)
        delivery: BlobDelivery = {"device": upload.device, "event": upload.event}
        while True:
            try:
                doc = blob(await self.database.get(doc_id))
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
                await self.database.put({**doc, "deliveries": [*doc["deliveries"], delivery]})
                break
            except Conflict:
                continue
        if doc["verdict"] == "pending":
            self._examination.submit(upload.sha256)
