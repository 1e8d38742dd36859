"""The write-ahead log: copied into the file beside the writing, so that no writer waits for it.

Law: the log never grows without bound, and copying never holds up a commit for longer than what was written
while the copying went on. SQLite would copy inside some unlucky commit; here a thread with a connection of
its own copies most of it and brings that to the disk, and the writer then only the rest, while nobody else
can write, so that the log begins anew. Where a reader is in the way, it is tried again after as much more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import apsw

from sync.embedded import schema
from sync.embedded.filesync import sync_file

#: Seconds the writer waits for others' transactions to end before it lets the log grow on: they wait too.
FINISH_SECONDS = 0.05


#: Passes of copying before the writer's own, unless one brings fewer pages than the second number: what a
#: busy service writes while a thousand pages are synced is a few hundred.
PASSES = 3
FEW_PAGES = 100


class Log:
    """``grown`` is SQLite's hook, called after each commit; the rest is the writer's."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._pages = 0
        #: Pages at which it is copied next.
        self._limit = schema.CHECKPOINT_PAGES
        self._state = "still"
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sync-log")
        self._db: apsw.Connection | None = None

    def grown(self, _db: apsw.Connection, _schema: str, pages: int) -> int:
        if pages < self._pages:  # begun anew, by this process or another
            self._limit = schema.CHECKPOINT_PAGES
        self._pages = pages
        return int(apsw.SQLITE_OK)

    def is_long(self) -> bool:
        return self._state == "still" and self._pages >= self._limit

    def is_busy(self) -> bool:
        """Whether it is being copied: housekeeping then leaves the disk to those who wait for it."""
        return self._state != "still"

    def is_copied(self) -> bool:
        """Whether the thread is through and the rest is the writer's."""
        return self._state == "copied"

    def copy(self, loop: asyncio.AbstractEventLoop, then: Callable[[], None]) -> None:
        """Begin to copy what is there; ``then`` is called on the loop, also when nothing came of it."""
        self._state = "copying"

        def run() -> None:
            try:
                if self._db is None:
                    self._db = schema.connect(self._file, writer=False)
                    self._db.pragma("query_only", False)
                self._copy_most(self._db)
                self._state = "copied"
            except apsw.BusyError:
                self._wait()  # Another process is copying it.
            except apsw.Error:
                # The disk may be full. The log stays as it is and is tried again after the next commit.
                self._state = "still"
            loop.call_soon_threadsafe(then)

        self._thread.submit(run)

    @staticmethod
    def _copy_most(db: apsw.Connection) -> None:
        """Again and again, each time only what came during the last: the writer's rest must be short."""
        known = 0
        for _ in range(PASSES):
            pages, copied = db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            # SQLite syncs the file only where nothing was written meanwhile; else the writer would have to
            # wait for all of it.
            sync_file(db)
            if pages - known < FEW_PAGES:
                return
            known = copied

    def finish(self, db: apsw.Connection) -> Callable[[object], None]:
        """The writer's part, between two transactions: copy what came meanwhile."""

        def part(_: object) -> None:
            schema.be_patient(db, FINISH_SECONDS)
            try:
                db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)
                self._state, self._pages, self._limit = "still", 0, schema.CHECKPOINT_PAGES
            except apsw.BusyError:
                self._wait()
            except apsw.Error:
                self._state = "still"
                raise
            finally:
                schema.be_patient(db)

        return part

    def _wait(self) -> None:
        self._state, self._limit = "still", self._pages + schema.CHECKPOINT_PAGES

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self._thread.shutdown)
        if self._db is not None:
            self._db.close()


def begin_anew(file: Path) -> bool:
    """Copy the log whole and cut it to nothing, so that no byte of what was erased remains in it.

    A thread's work. False where somebody was reading or writing all the while; the log then still holds
    earlier pages.
    """
    db = schema.connect(file, writer=False)
    try:
        db.pragma("query_only", False)
        # Most of it while others write; only the rest holds them up.
        db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        sync_file(db)
        db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except apsw.BusyError:
        return False
    finally:
        db.close()
    return True
