"""The one connection that writes: work waits in line, and what has gathered is committed together.

Law: a future is resolved only after the transaction that did its work is on disk; work that raises has left
no trace, whatever else shared its transaction. Many callers thus share one fsync, and none is told too early.

A group's light work runs on the event loop: it takes microseconds, while a thread would have to take the
interpreter's lock from the loop again after every statement. Heavy work and every commit run in a thread.
While one group is being synced the next gathers, so groups grow with the load by themselves and a lone writer
never waits for company.

Housekeeping stands in a line of its own (``spare``): a step of it never shares a transaction with anybody's
write, and goes when nobody else is waiting, or after ``PATIENCE`` groups, so that it ends under any load.
While the log is being copied it rests, since both want the same disk.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import apsw

from sync.embedded import schema
from sync.embedded.hand import Hand
from sync.embedded.log import Log
from sync.errors import EngineError, StorageFull, Unavailable

T = TypeVar("T")

#: A group is closed after this long (seconds): its first member should not be kept waiting by its last, nor
#: the loop by light work that has piled up.
GROUP_SECONDS = 0.005

#: So many groups go before a piece of housekeeping that waits: often enough that it gets on, seldom enough
#: that the writers hardly feel it.
PATIENCE = 8

#: What the disk may answer to a write; SQLite has then undone the statement or the whole transaction.
DISK_ERRORS = (apsw.FullError, apsw.IOError, apsw.CantOpenError, apsw.ReadOnlyError, apsw.NoMemError)


class Tally(NamedTuple):
    """Live and deleted documents, bytes and superseded bodies to add; the last sequence to set."""

    number: int
    live: int
    gone: int
    bytes: int
    stale: int
    seq: int


class _Spoiled(Exception):
    """Work that raised has left something behind: the group begins anew, each under a savepoint."""


@dataclass(slots=True)
class Tx:
    """A write transaction as its work sees it. ``touched`` gives each changed database's last sequence."""

    db: apsw.Connection
    seq: int
    touched: dict[int, int] = field(default_factory=dict)
    #: What the work adds to its databases' rows, written once for the whole group.
    tallies: list[Tally] = field(default_factory=list)
    #: Databases' rows that the group has read already. Who changes one beyond its counts clears them.
    heads: dict[int, Any] = field(default_factory=dict)

    def next_seq(self) -> int:
        self.seq += 1
        return self.seq


@dataclass(slots=True, eq=False)
class _Work:
    job: Callable[[Tx], Any]
    future: asyncio.Future[Any]
    heavy: bool
    result: Any = None
    error: BaseException | None = None
    #: How long its transaction held the writer, in seconds; measured in the thread.
    held: float = 0.0


class Writer:
    """Belongs to the loop it is made on. ``publish`` is told each changed database's last sequence."""

    def __init__(self, file: Path, publish: Callable[[dict[int, int]], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._publish = publish
        self._line: deque[_Work] = deque()
        self._spare: deque[_Work] = deque()
        self._groups = 0
        self._thread = Hand("sync-writer")
        self._db = schema.connect(file, writer=True)
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False
        self._before = 0
        self._log = Log(file)
        self._db.set_wal_hook(self._log.grown)
        self._touched: dict[int, int] = {}
        self._tallies: dict[int, Tally] = {}

    async def submit(self, job: Callable[[Tx], T], *, heavy: bool = False) -> T:
        """Run ``job`` in a transaction and give its result once that is durable.

        ``heavy`` is for work of more than some hundred microseconds. A cancelled caller's work may have
        happened or not, as with a lost reply.
        """
        if self._closing:
            raise Unavailable("The engine is closed.")
        work = _Work(job, self._loop.create_future(), heavy)
        self._join(self._line, work)
        return await work.future  # type: ignore[no-any-return]

    async def spare(self, job: Callable[[Tx], T]) -> tuple[T, float]:
        """Run one step of housekeeping in a transaction of its own, behind everybody's writes.

        Gives its result and for how many seconds it held the writer, its commit included.
        """
        if self._closing:
            raise Unavailable("The engine is closed.")
        work = _Work(job, self._loop.create_future(), heavy=True)
        self._join(self._spare, work)
        return await work.future, work.held

    async def close(self) -> None:
        """Finish what is in line, then let go of the file."""
        self._closing = True
        await self._idle.wait()
        await self._log.close()
        await self._idle.wait()
        self._thread.close()
        self._db.close()

    # -- on the loop -------------------------------------------------------------------------------

    def _join(self, line: deque[_Work], work: _Work) -> None:
        line.append(work)
        if self._idle.is_set():
            self._idle.clear()
            # Not at once: whoever else the loop is about to run may join the group.
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        if self._log.is_copied():
            self._in_thread([], self._log.finish(self._db))
            return
        group = self._take()
        if not group:
            self._idle.set()
            return
        if any(work.heavy for work in group):
            self._in_thread(group, self._whole)
            return
        try:
            tx = self._begin_at_once()
            if tx is None:
                self._in_thread(group, self._whole)
                return
            done = self._do_all(tx, group, until=time.monotonic() + GROUP_SECONDS)
            self._seal(tx)
        except _Spoiled:
            self._roll_back()
            self._in_thread(group, self._carefully)
            return
        except apsw.Error as error:
            self._roll_back()
            self._ended(group, error)
            return
        self._line.extendleft(reversed(group[done:]))
        self._in_thread(group[:done], self._commit)

    def _take(self) -> list[_Work]:
        """The light work at the head of the line, or one piece of heavy work with what stands before it."""
        while self._spare and (not self._line or self._groups >= PATIENCE) and not self._log.is_busy():
            work = self._spare.popleft()
            if not work.future.done():
                self._groups = 0
                return [work]
        group: list[_Work] = []
        while self._line and not (group and group[-1].heavy):
            work = self._line.popleft()
            if not work.future.done():  # given up before it began
                group.append(work)
        self._groups += 1
        return group

    def _in_thread(self, group: list[_Work], part: Callable[[Sequence[_Work]], None]) -> None:
        def run() -> None:
            refusal: apsw.Error | None = None
            try:
                part(group)
            except apsw.Error as error:
                self._roll_back()
                refusal = error
            self._loop.call_soon_threadsafe(self._ended, group, refusal)

        self._thread.give(run)

    def _ended(self, group: Sequence[_Work], refusal: apsw.Error | None) -> None:
        if refusal is not None and len(group) > 1:
            # The group shared one fate; alone, each has its own, and only the one at fault is refused.
            self._in_thread(list(group), self._apart)
            return
        for work in group:
            if refusal is not None:
                work.error = _as_refusal(refusal)
            if work.future.done():
                continue
            if work.error is not None:
                work.future.set_exception(work.error)
            else:
                work.future.set_result(work.result)
        touched, self._touched = self._touched, {}
        if touched:
            self._publish(touched)
        if self._log.is_long():
            self._log.copy(self._loop, self._copied)
        self._turn()

    def _copied(self) -> None:
        if self._idle.is_set():
            self._idle.clear()
            self._turn()

    # -- on the loop or in the thread, never both at once ------------------------------------------

    def _begin(self) -> Tx:
        self._db.execute("BEGIN IMMEDIATE")
        self._before = int(self._db.execute("SELECT seq FROM clock").get)
        return Tx(self._db, self._before)

    def _begin_at_once(self) -> Tx | None:
        """None where another process is writing: the loop must not wait for it."""
        self._db.set_busy_handler(None)
        try:
            return self._begin()
        except apsw.BusyError:
            return None
        finally:
            schema.be_patient(self._db)

    def _do_all(self, tx: Tx, group: Sequence[_Work], *, until: float | None = None) -> int:
        """How many were done before the time was up: at least one."""
        for count, work in enumerate(group, 1):
            self._do(tx, work)
            if until is not None and time.monotonic() > until:
                return count
        return len(group)

    def _do(self, tx: Tx, work: _Work, *, careful: bool = False) -> None:
        """One piece of work. Most that raises has changed nothing, so a savepoint is not worth its price;
        where it has, this raises ``_Spoiled`` unless it was ``careful``.
        """
        seq, changes = tx.seq, tx.db.total_changes()
        tx.touched, tx.tallies, work.error = {}, [], None
        if careful:
            tx.db.execute("SAVEPOINT work")
        try:
            work.result = work.job(tx)
        except (*DISK_ERRORS, apsw.BusyError):
            raise
        except BaseException as error:
            work.error, tx.seq, tx.touched, tx.tallies = error, seq, {}, []
            if careful:
                tx.db.execute("ROLLBACK TO work")
            elif tx.db.total_changes() != changes:
                raise _Spoiled from error
        if careful:
            tx.db.execute("RELEASE work")
        self._touched.update(tx.touched)
        for tally in tx.tallies:
            before = self._tallies.get(tally.number)
            self._tallies[tally.number] = tally if before is None else _sum(before, tally)

    def _seal(self, tx: Tx) -> None:
        """What the group wants written beside its documents."""
        for number, live, gone, size, stale, seq in self._tallies.values():
            tx.db.execute(_COUNT, (live, gone, size, stale, seq, number))
        self._tallies = {}
        if tx.seq != self._before:
            tx.db.execute("UPDATE clock SET seq = ?", (tx.seq,))

    def _commit(self, _: object = None) -> None:
        self._db.execute("COMMIT")

    def _whole(self, group: Sequence[_Work]) -> None:
        begun = time.monotonic()
        tx = self._begin()
        try:
            self._do_all(tx, group)
        except _Spoiled:
            self._roll_back()
            self._carefully(group)
            return
        self._seal(tx)
        self._commit()
        group[-1].held = time.monotonic() - begun

    def _carefully(self, group: Sequence[_Work]) -> None:
        """The whole group, each piece of work under a savepoint of its own."""
        tx = self._begin()
        for work in group:
            self._do(tx, work, careful=True)
        self._seal(tx)
        self._commit()

    def _apart(self, group: Sequence[_Work]) -> None:
        touched: dict[int, int] = {}
        for work in group:
            try:
                self._whole([work])
            except apsw.Error as error:
                self._roll_back()
                work.error = _as_refusal(error)
            touched |= self._touched
        self._touched = touched

    def _roll_back(self) -> None:
        self._touched, self._tallies = {}, {}
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")


_COUNT = (
    "UPDATE databases SET live = live + ?, gone = gone + ?, bytes = bytes + ?, stale = stale + ?,"
    " update_seq = ? WHERE number = ?"
)


def _sum(one: Tally, other: Tally) -> Tally:
    return Tally(
        one.number,
        one.live + other.live,
        one.gone + other.gone,
        one.bytes + other.bytes,
        one.stale + other.stale,
        other.seq,
    )


def _as_refusal(error: apsw.Error) -> EngineError:
    if isinstance(error, DISK_ERRORS):
        return StorageFull(f"The disk refused the write: {error}")
    if isinstance(error, apsw.BusyError):
        return Unavailable("Another process holds the data folder.")
    return EngineError(f"The store cannot be written: {error}")
