"""Connections that only read: one for the event loop's quick look-ups, a few for threads that scan.

Law: a read transaction begins and ends inside one plain function; it is never held while anything is awaited,
so a slow client cannot keep the log from being checkpointed.
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
    def __init__(self, file: Path) -> None:
        self._file = file
        self._idle: queue.SimpleQueue[apsw.Connection] = queue.SimpleQueue()
        self._quick = schema.connect(file, writer=False)
        self._made = [self._quick]
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="sync-reader")
        self._closed = False

    def quick(
        self, read: Callable[Concatenate[apsw.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a read of a few rows here and now: cheaper than handing it to a thread."""
        if self._closed:
            raise Unavailable("The engine is closed.")
        return _transaction(self._quick, read, *args, **kwargs)

    def one(self, read: Callable[Concatenate[apsw.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``quick`` for a read that is a single statement, which is a transaction by itself."""
        if self._closed:
            raise Unavailable("The engine is closed.")
        try:
            return read(self._quick, *args, **kwargs)
        except apsw.Error as error:
            raise _as_ours(error) from error

    async def scan(
        self, read: Callable[Concatenate[apsw.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a read of any length in a thread."""
        if self._closed:
            raise Unavailable("The engine is closed.")
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, lambda: self._scan(read, *args, **kwargs)
        )

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
        return int(self._quick.execute("PRAGMA data_version").get)

    async def close(self) -> None:
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(None, self._pool.shutdown)
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
