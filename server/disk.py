"""Whether the data folder can be written to, found out by writing.

Law: free space as the system tells it is no promise (quotas, limits, a volume that went read-only), so a file
is written, made durable and taken away. Asking often costs one write in a few seconds.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

#: Bytes: more than what a file system still finds room for in a block it has already given out.
_SIZE = 65_536
#: Seconds for which an answer stays.
_KEPT = 5.0


class Disk:
    def __init__(self, folder: Path, kept: float = _KEPT) -> None:
        self._folder = folder
        self._kept = kept
        self._asked = float("-inf")
        self._trouble: str | None = None
        self._asking = asyncio.Lock()

    async def trouble(self) -> str | None:
        """Why nothing can be written, in the system's words; None where it can."""
        async with self._asking:
            if time.monotonic() - self._asked >= self._kept:
                self._trouble = await asyncio.to_thread(_write, self._folder)
                self._asked = time.monotonic()
            return self._trouble


def _write(folder: Path) -> str | None:
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            left = _SIZE
            # The last write before a limit is short, not refused.
            while left:
                left -= file.write(bytes(left)) or 0
            os.fsync(file.fileno())
    except OSError as error:
        return error.strerror or repr(error)
    return None
