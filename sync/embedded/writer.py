"""The one thread that writes: work waits in line, and what has gathered is committed together.

Law: a future is resolved only after the transaction that did its work is on disk; work that raises has left
no trace, whatever else shared its transaction. Many callers thus share one fsync, and none is told too early.

While one group is being synced the next gathers, so the group grows with the load by itself and a lone
writer never waits for company.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import apsw

from sync.embedded import schema
from sync.errors import EngineError, StorageFull, Unavailable

T = TypeVar("T")

#: A group is closed after this long (seconds), so that its first member is not kept waiting by its last.
GROUP_SECONDS = 0.02

#: What the disk may answer to a write; SQLite has then undone the statement or the whole transaction.
DISK_ERRORS = (apsw.FullError, apsw.IOError, apsw.CantOpenError, apsw.ReadOnlyError, apsw.NoMemError)


@dataclass(slots=True)
class Tx:
    """A write transaction as its work sees it. ``touched`` gives each changed database's last sequence."""

    db: apsw.Connection
    seq: int
    touched: dict[int, int] = field(default_factory=dict)

    def next_seq(self) -> int:
        self.seq += 1
        return self.seq


@dataclass(slots=True, eq=False)
class _Work:
    job: Callable[[Tx], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    result: Any = None
    error: BaseException | None = None


class Writer:
    """``publish`` is called on the caller's loop with each changed database's last sequence, after the
    commit.
    """

    def __init__(self, file: Path, publish: Callable[[dict[int, int]], None]) -> None:
        self._file = file
        self._publish = publish
        self._line: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._db = schema.connect(file, writer=True)
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="sync-writer", daemon=True)
        self._thread.start()

    async def submit(self, job: Callable[[Tx], T]) -> T:
        """Run ``job`` in a transaction and give its result once that is durable.

        A cancelled caller does not undo its work: as with a lost reply, it may have happened or not.
        """
        if self._closing:
            raise Unavailable("The engine is closed.")
        loop = asyncio.get_running_loop()
        work = _Work(job, loop.create_future(), loop)
        self._line.put(work)
        return await work.future  # type: ignore[no-any-return]

    async def close(self) -> None:
        """Finish what is in line, then let go of the file."""
        if not self._closing:
            self._closing = True
            self._line.put(None)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join)

    # -- on the thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        while (first := self._line.get()) is not None:
            self._group(first)
        self._db.close()

    def _group(self, first: _Work) -> None:
        done: list[_Work] = []
        try:
            touched = self._commit(self._gather(first, done))
        except EngineError as error:
            # The group shares one fate; alone, each has its own, and only the one at fault is refused.
            for work in done:
                self._alone(work, error)
            return
        self._tell(done, touched)

    def _alone(self, work: _Work, refusal: EngineError) -> None:
        touched: dict[int, int] = {}
        if isinstance(refusal, StorageFull):
            try:
                touched = self._commit(iter([work]))
            except EngineError as error:
                work.error = error
        else:
            work.error = refusal
        self._tell([work], touched)

    def _gather(self, first: _Work, done: list[_Work]) -> Iterator[_Work]:
        """``first`` and whatever stands in line behind it, until the group has lasted long enough."""
        until = time.monotonic() + GROUP_SECONDS
        work: _Work | None = first
        while work is not None:
            done.append(work)
            yield work
            if time.monotonic() > until:
                return
            try:
                work = self._line.get_nowait()
            except queue.Empty:
                return
        self._line.put(None)

    def _commit(self, works: Iterator[_Work]) -> dict[int, int]:
        db = self._db
        touched: dict[int, int] = {}
        work: _Work | None = next(works)
        try:
            db.execute("BEGIN IMMEDIATE")
            tx = Tx(db, db.execute("SELECT seq FROM clock").get)
            before = tx.seq
            while work is not None:
                self._do(tx, work)
                touched.update(tx.touched)
                work = next(works, None)
            if tx.seq != before:
                db.execute("UPDATE clock SET seq = ?", (tx.seq,))
            db.execute("COMMIT")
        except DISK_ERRORS as error:
            self._roll_back()
            raise StorageFull(f"The disk refused the write: {error}") from error
        except apsw.BusyError as error:
            self._roll_back()
            raise Unavailable("Another process holds the data folder.") from error
        except apsw.Error as error:
            self._roll_back()
            raise EngineError(f"The store cannot be written: {error}") from error
        return touched

    def _do(self, tx: Tx, work: _Work) -> None:
        seq = tx.seq
        tx.touched, work.error = {}, None
        tx.db.execute("SAVEPOINT work")
        try:
            work.result = work.job(tx)
        except (*DISK_ERRORS, apsw.BusyError):
            raise
        except BaseException as error:  # noqa: BLE001 - carried to the caller, whose handler is the outermost
            tx.db.execute("ROLLBACK TO work")
            work.error, tx.seq, tx.touched = error, seq, {}
        tx.db.execute("RELEASE work")

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def _tell(self, done: list[_Work], touched: dict[int, int]) -> None:
        loops = {work.loop for work in done}
        for loop in loops:
            mine = [work for work in done if work.loop is loop]
            try:
                loop.call_soon_threadsafe(self._resolve, mine, touched)
            except RuntimeError:
                # The caller's loop has ended: nobody is left to be told, and the work stays done.
                continue

    def _resolve(self, done: list[_Work], touched: dict[int, int]) -> None:
        for work in done:
            if work.future.done():
                continue
            if work.error is not None:
                work.future.set_exception(work.error)
            else:
                work.future.set_result(work.result)
        if touched:
            self._publish(touched)
