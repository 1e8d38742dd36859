"""Photos that arrived whole are judged, one after the other, and their verdicts are written down.

Law: a ``blob:<sha256>`` document says ``pending`` from the moment the bytes are durable, and gets its verdict
once; whatever dies in between, a start finds the pending ones and judges them. A photo that cannot be judged
is put aside with its reason and tried again later; no photo ends a worker. A decoder that crashes or
takes too long costs the photo its verdict (``photo_undecodable``), never the service.
"""

from __future__ import annotations

import asyncio
import errno
import sys
import tempfile
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import structlog

from server.clock import Clock
from server.documents.ids import blob_id, key_of
from server.evidence.blob import Blob, blob
from server.evidence.blobstore import BlobStore, derivative
from server.instants import say
from server.metrics import Metrics
from server.settings import Settings
from server.store.scan import scan
from server.worker import Worker
from sync.errors import Conflict, EngineError, StorageFull
from sync.interface import Database

log = structlog.get_logger("manzana.evidence")

#: Longest side of the derivatives, pixels: a list's thumbnail, a screen's width.
WIDTHS = (320, 1280)
#: Seconds for one photo; 50 million pixels take about six on a slow core.
_PATIENCE = 30.0
_PAGE = 500
#: The child's script: run, never imported, so that no decoder is in this process.
EXAMINER = Path(__file__).with_name("examiner.py")


class Examiner:
    """One child process, started when first needed and again after it died."""

    def __init__(self, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._child: asyncio.subprocess.Process | None = None

    async def examine(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The child's verdict, or ``photo_undecodable``."""
        child = self._child
        if child is None or child.returncode is not None:
            child = self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                str(EXAMINER),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={},
            )
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(orjson.dumps(request) + b"\n")
            await child.stdin.drain()
            line = await asyncio.wait_for(child.stdout.readline(), self._patience)
            verdict: dict[str, Any] = orjson.loads(line)
        except (TimeoutError, ConnectionError, orjson.JSONDecodeError):
            await self.close()
            return {"verdict": "refused", "code": "photo_undecodable"}
        return verdict

    async def close(self) -> None:
        if self._child is not None:
            if self._child.returncode is None:
                self._child.kill()
            await self._child.communicate()
            self._child = None


@dataclass(frozen=True, slots=True)
class Aside:
    """A photo put aside. ``kind``: ``disk_full``, ``disk``, ``database`` or ``machine``; ``reason`` for the
    developer; ``at``: the instant of the last try.
    """

    kind: str
    reason: str
    at: str


def why(error: Exception) -> str:
    """The kind of what kept a photo from being judged."""
    if isinstance(error, StorageFull):
        return "disk_full"
    if isinstance(error, OSError):
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} or "No space left" in str(error)
        return "disk_full" if full else "disk"
    return "database" if isinstance(error, EngineError) else "machine"


class Examination:
    """``await start()`` to take up what was pending; ``submit`` as photos arrive."""

    def __init__(
        self, database: Database, blobs: BlobStore, clock: Clock, settings: Settings, metrics: Metrics
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._settings = settings
        self._metrics = metrics
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        #: By hash, the photos that could not be judged. In memory: a start judges what is pending anew, and
        #: puts aside again what still cannot be.
        self.aside: dict[str, Aside] = {}
        self.workers = [Worker("examination", self._work) for _ in range(settings.image_workers)]
        self._folder = settings.data_dir.absolute() / "evidence" / "examining"

    async def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for worker in self.workers:
            worker.start()
        async for row in scan(self._database, "blob:"):
            if row.read().get("verdict") == "pending":
                self.submit(key_of(row.id))

    async def stop(self) -> None:
        for worker in self.workers:
            await worker.stop()

    def waiting(self) -> int:
        """Photos without a verdict that are in line or put aside; one that is being judged is not counted."""
        return self._queue.qsize() + len(self.aside)

    def retry(self) -> None:
        """Take up again what was put aside."""
        for sha256 in list(self.aside):
            self.submit(sha256)

    def submit(self, sha256: str) -> None:
        self._queue.put_nowait(sha256)

    async def settled(self) -> None:
        """Until everything submitted so far has its verdict."""
        await self._queue.join()

    async def _work(self) -> None:
        child = Examiner()
        try:
            while True:
                sha256 = await self._queue.get()
                try:
                    await self._judge(child, sha256)
                    self.aside.pop(sha256, None)
                except Exception as error:  # noqa: BLE001 - no photo ends a worker
                    self.aside[sha256] = Aside(why(error), repr(error), say(self._clock.now()))
                    self._metrics.photos_failed.inc()
                    log.warning("photo_put_aside", sha256=sha256, reason=repr(error))
                finally:
                    self._metrics.photos_aside.set(len(self.aside))
                    self._queue.task_done()
        finally:
            await child.close()

    async def _judge(self, child: Examiner, sha256: str) -> None:
        found = await self._database.get_many([blob_id(sha256)])
        doc = next(map(blob, found.values()), None)
        if doc is None or doc["verdict"] != "pending":
            return
        if await self._blobs.size(sha256) is None:
            await self._unsay(doc)
            return
        with tempfile.TemporaryDirectory(dir=self._folder) as work:
            source = Path(work) / "original"
            with source.open("wb") as file:
                async with aclosing(self._blobs.read(sha256)) as pieces:
                    async for piece in pieces:
                        file.write(piece)
            verdict = await child.examine(
                {
                    "path": str(source),
                    "type": doc["type"],
                    "max_pixels": self._settings.photo_pixels,
                    "widths": list(WIDTHS),
                    "out": work,
                }
            )
            if verdict["verdict"] == "failed":
                raise OSError(verdict["reason"])
            if verdict["verdict"] == "ok":
                for width in WIDTHS:
                    name = derivative(sha256, width)
                    small = await asyncio.to_thread((Path(work) / f"{width}.jpg").read_bytes)
                    await self._blobs.put(name, small)
        await self._write(doc, verdict)
        self._metrics.photos.labels(verdict.get("code") or "ok").inc()

    async def _unsay(self, doc: Blob) -> None:
        """Take back deliveries that were written down without bytes: the bytes are a blob before any document
        names them, so nobody who is listed ever sent them.
        """
        log.warning("photo_without_bytes", sha256=doc["sha256"], deliveries=len(doc["deliveries"]))
        if doc["deliveries"]:
            # A conflict puts it aside: whoever wrote meanwhile brought the bytes.
            await self._database.put({**doc, "deliveries": []})

    async def _write(self, doc: Blob, verdict: Mapping[str, Any]) -> None:
        # Another process may have judged it, or a second delivery added its event: the first verdict stays.
        while True:
            judged: Blob = {
                **doc,
                "verdict": verdict["verdict"],
                "code": verdict.get("code"),
                "width": verdict.get("width"),
                "height": verdict.get("height"),
                "judged_at": say(self._clock.now()),
            }
            try:
                await self._database.put(judged)
                return
            except Conflict:
                doc = blob(await self._database.get(doc["_id"]))
                if doc["verdict"] != "pending":
                    return
