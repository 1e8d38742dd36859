"""Connections that only read: one for the event loop's quick look-ups, a few for threads that scan.

Law: a read transaction is never held while anything is waited for, so a slow client cannot keep the log from
being checkpointed. A thread's begins and ends inside one plain function. The loop's is shared by all that is
read in one turn of the loop (SQLite reads its pages anew in every transaction after somebody's commit) and
ends before the next: whoever is told of a commit is told by a callback, and those come in the order in which
they were asked for, so nobody who knows of it reads what was before.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import apsw

from sync.embedded import schema
from sync.errors import EngineError, Unavailable

T = TypeVar("T")
P = ParamSpec("P")

#: Scans are bound by one core each; more threads than this only share it.
THREADS = 3


class Readers:
    """Belongs to the loop it is made on."""

    def __init__(self, file: Path) -> None:
        self._loop = asyncio.get_running_loop()
        self._file = file
        self._idle: queue.SimpleQueue[apsw.Connection] = queue.SimpleQueue()
        self._quick = schema.connect(file, writer=False)
        self._made = [self._quick]
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="sync-reader")
        self._reading = False
        self._closed = False

    def quick(
        self, read: Callable[Concatenate[apsw.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a read of a few rows here and now: cheaper than handing it to a thread."""
        if self._closed:
            raise Unavailable("The engine is closed.")
        try:
            if not self._reading:
                self._quick.execute("BEGIN")
                self._reading = True
                self._loop.call_soon(self._end)
            return read(self._quick, *args, **kwargs)
        except apsw.Error as error:
            self._end()
            raise _as_ours(error) from error

    def afresh(
        self, read: Callable[Concatenate[apsw.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """``quick``, with all that is committed by now."""
        self._end()
        return self.quick(read, *args, **kwargs)

    def _end(self) -> None:
        if self._reading:
            self._reading = False
            if self._quick.in_transaction:  # SQLite ends it by itself after some errors.
                self._quick.execute("COMMIT")

    async def scan(
        self, read: Callable[Concatenate[apsw.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a read of any length in a thread."""
        if self._closed:
            raise Unavailable("The engine is closed.")
        return await self._loop.run_in_executor(self._pool, lambda: self._scan(read, *args, **kwargs))

    def _scan(
        self, read: Callable[Concatenate[apsw.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        try:
            db = self._idle.get_nowait()
        except queue.Empty:
            db = schema.connect(self._file, writer=False)
            self._made.append(db)
        try:
            return _transaction(db, read, *args, **kwargs)
        finally:
            self._idle.put(db)

    def data_version(self) -> int:
        """Changes whenever anyone else, in this process or another, has committed."""
        self._end()
        return int(self._quick.execute("PRAGMA data_version").get)

    async def close(self) -> None:
        self._closed = True
        self._end()
        await self._loop.run_in_executor(None, self._pool.shutdown)
        for db in self._made:
            db.close()


def _transaction(
    db: apsw.Connection, read: Callable[Concatenate[apsw.Connection, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    try:
        db.execute("BEGIN")
        try:
            return read(db, *args, **kwargs)
        finally:
            db.execute("COMMIT")
    except apsw.Error as error:
        raise _as_ours(error) from error


def _as_ours(error: apsw.Error) -> EngineError:
    if isinstance(error, apsw.BusyError):
        return Unavailable("Another process holds the data folder.")
    return EngineError(f"The store cannot be read: {error}")
