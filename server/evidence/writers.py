"""Requests that are writing an upload, and how one that fell silent makes way for the next.

Law: a phone whose line broke asks again at once, while its old request still seems to be there: whoever comes
takes the place of a writer that has been waiting for bytes for a while, never of one whose bytes come. What
the old one brought is kept. In this process only; another process's lock ends with its own bounds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from server.problems import Problem

#: Seconds without a byte after which a writer may be replaced.
PATIENCE = 3.0
#: Seconds that a replaced writer has for making durable what came.
_LEAVING = 10.0


class _Writer:
    def __init__(self) -> None:
        #: The wait for the next bytes, and since when it lasts; none while they are written.
        self.wait: asyncio.Timeout | None = None
        self.since = 0.0
        self.gone = asyncio.Event()


class Writers:
    """``patience``: seconds of silence after which a writer may be replaced."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._writers: dict[str, _Writer] = {}

    @contextmanager
    def entered(self, upload_id: str, chunks: AsyncIterator[bytes]) -> Iterator[AsyncIterator[bytes]]:
        """Be the writer of a held upload. The chunks end with ``upload_busy`` where somebody took over."""
        writer = self._writers[upload_id] = _Writer()
        try:
            yield self._watched(writer, chunks)
        finally:
            self._writers.pop(upload_id, None)
            writer.gone.set()

    async def _watched(self, writer: _Writer, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout(None) as writer.wait:
                    writer.since = loop.time()
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise Problem("upload_busy", "a later request of this upload took over") from None
            finally:
                writer.wait = None
            yield chunk

    async def displace(self, upload_id: str) -> None:
        """Let a silent writer go and wait until it has. Anything else is left as it is."""
        writer = self._writers.get(upload_id)
        if writer is None or writer.wait is None:
            return
        now = asyncio.get_running_loop().time()
        if now - writer.since < self._patience:
            return
        writer.wait.reschedule(now)
        try:
            async with asyncio.timeout(_LEAVING):
                await writer.gone.wait()
        except TimeoutError:
            return  # Whoever asks meets the lock.
