"""The embedded engine: a data folder's databases, its writer, its readers and its housekeeping."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

import apsw

from sync import revision
from sync.draft import Draft, check_id, read
from sync.embedded import backup, housekeeping, log, schema
from sync.embedded.attaching import Staging
from sync.embedded.bell import Bell
from sync.embedded.blobs import Blobs
from sync.embedded.database import EmbeddedDatabase
from sync.embedded.edit import SpreadEdits
from sync.embedded.feed import Counted
from sync.embedded.readers import Readers
from sync.embedded.waiting import Waiting
from sync.embedded.writer import Tx, Writer
from sync.errors import BadRequest, DatabaseExists, DatabaseNotFound, EngineError, IllegalDatabaseName
from sync.interface import BulkRow, Engine, Step, Write

T = TypeVar("T")
P = ParamSpec("P")

#: CouchDB's rule, and its system databases.
_NAME = re.compile(r"[a-z][a-z0-9_$()+/-]{0,237}|_users|_replicator|_global_changes")
_NAME_RULE = (
    "Only lowercase characters (a-z), digits (0-9), and any of the characters _, $, (, ), +, -, and / are"
    " allowed. Must begin with a letter."
)

#: Seconds between rounds of housekeeping, and how many rounds lie between sweeps of the attachment files.
ROUND_SECONDS = 60.0
SWEEP_ROUNDS = 60

#: Times the log is asked to begin anew. Each waits for readers and the writer as long as any writer does
#: (``BUSY_SECONDS``), so a second refusal means a machine that is stuck; the next compaction asks again.
_LOG_TRIES = 2

_FIND = "SELECT number, uuid, created FROM databases WHERE name = ? AND dropped = 0"

#: Documents of one transaction of ``spread``, which the loop waits for: some twenty milliseconds under
#: load. Steps that fit share one, so that a round of the case service is synced once.
SPREAD_DOCS = 1_000


class EmbeddedEngine(Engine):
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / schema.FILE_NAME
        self.blobs = Blobs(folder)
        self.writer = Writer(self.file, self._publish)
        self.readers = Readers(self.file)
        self.counted = Counted()
        self.waiting = Waiting(
            self.readers.data_version, lambda numbers: self.readers.afresh(_positions, numbers)
        )
        self._bell = Bell(folder, self.waiting.rung)
        self._wake = asyncio.Event()
        self._rounds = asyncio.get_running_loop().create_task(self._keep_house())

    # -- databases ---------------------------------------------------------------------------------

    async def create(self, name: str) -> EmbeddedDatabase:
        if _NAME.fullmatch(name) is None or "//" in name:
            raise IllegalDatabaseName(f"Name: '{name}'. {_NAME_RULE}")
        tag, now = uuid.uuid4().hex, int(time.time())

        def work(tx: Tx) -> int:
            if tx.db.execute("SELECT 1 FROM databases WHERE name = ? AND dropped = 0", (name,)).fetchone():
                raise DatabaseExists
            row: list[Any] = tx.db.execute(
                "INSERT INTO databases (name, uuid, created, security) VALUES (?, ?, ?, ?) RETURNING number",
                (name, tag, now, b"{}"),
            ).fetchall()
            return int(row[0][0])

        return EmbeddedDatabase(self, name, await self.writer.submit(work), tag, now)

    async def open(self, name: str) -> EmbeddedDatabase:
        return EmbeddedDatabase(self, name, *self.readers.quick(_open, name))

    async def delete(self, name: str) -> None:
        def work(tx: Tx) -> None:
            number, _, _ = _open(tx.db, name)
            tx.heads.clear()
            tx.db.execute("UPDATE databases SET dropped = 1 WHERE number = ?", (number,))
            # Its waiters must learn that it is gone.
            tx.touched[number] = 1 << 62

        await self.writer.submit(work)
        self._wake.set()

    async def names(self, *, prefix: str = "") -> list[str]:
        return await self.readers.scan(_names, prefix)

    # -- writing -----------------------------------------------------------------------------------

    async def spread(self, *steps: Step) -> list[list[BulkRow]]:
        drafts = [_Drafts(_drafts(step.writes), step.strict) for step in steps]
        if sum(len(step.writes) for step in steps) <= SPREAD_DOCS:
            return await self.writer.submit(partial(self._write_steps, drafts))
        written: list[list[BulkRow]] = []
        for step in drafts:
            firsts = range(0, len(step.drafts), SPREAD_DOCS)
            parts = [_Drafts(step.drafts[first : first + SPREAD_DOCS], step.strict) for first in firsts]
            rows = await asyncio.gather(
                *(self.writer.submit(partial(self._write_steps, [part])) for part in parts)
            )
            written.append([row for (part,) in rows for row in part])
            if step.ends(written[-1]):
                break
        return written

    def _write_steps(self, steps: Sequence[_Drafts], tx: Tx) -> list[list[BulkRow]]:
        staging = Staging(self.blobs)
        written: list[list[BulkRow]] = []
        for step in steps:
            written.append(SpreadEdits(tx, staging).apply(step.drafts))
            if step.ends(written[-1]):
                break
        return written

    # -- housekeeping ------------------------------------------------------------------------------

    async def backup(self, folder: str) -> None:
        await self.in_thread(backup.copy, self.file, self.blobs, Path(folder))

    async def reclaim(self) -> None:
        """Delete the rows of dropped databases and give the space back, a short step at a time."""
        for number in self.readers.quick(housekeeping.dropped):
            await self._in_steps(partial(housekeeping.reclaim_step, number=number))
        await self.give_back()

    async def compact(self, number: int) -> None:
        """Drop the bodies of revisions that are no leaves, a short step at a time."""
        await self._in_steps(partial(housekeeping.compact_step, number=number))

    async def compact_worn(self) -> None:
        """Compact where superseded bodies outnumber the documents, as CouchDB's smoosh does."""
        for number in await self.readers.scan(housekeeping.worn):
            try:
                await self.compact(number)
            except DatabaseNotFound:
                continue
            await self.give_back()

    async def give_back(self) -> None:
        await self._in_steps(housekeeping.give_back_step)

    async def _in_steps(self, step: Callable[..., bool]) -> None:
        """Repeat ``step(tx, rows=…)`` until nothing is left, each time with as many rows as time allows."""
        pace = housekeeping.Pace()
        more = True
        while more:
            more, seconds = await self.writer.spare(partial(step, rows=pace.rows))
            pace.took(seconds)

    async def begin_log_anew(self) -> None:
        """Leave nothing in the write-ahead log: ``secure_delete`` does not reach what stands there."""
        for _ in range(_LOG_TRIES):
            if await self.in_thread(log.begin_anew, self.file):
                return

    async def sweep(self, now: float | None = None) -> int:
        """Remove attachment files that nothing has named for a day. Gives how many."""
        at = time.time() if now is None else now
        await self.writer.submit(lambda tx: housekeeping.sweep_rows(tx, int(at)), heavy=True)
        names = await self.in_thread(lambda: list(self.blobs.names()))
        removed = 0
        for first in range(0, len(names), housekeeping.MOST_ROWS):
            some = names[first : first + housekeeping.MOST_ROWS]
            removed += await self.writer.submit(
                partial(housekeeping.sweep_files, names=some, now=at, blobs=self.blobs), heavy=True
            )
        await self.in_thread(self.blobs.sweep_arrivals, at, float(housekeeping.IDLE_SECONDS))
        return removed

    async def in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(None, lambda: work(*args, **kwargs))

    async def close(self) -> None:
        self._rounds.cancel()
        await asyncio.gather(self._rounds, return_exceptions=True)
        self._bell.close()
        await self.waiting.close()
        await self.writer.close()
        await self.readers.close()

    async def _keep_house(self) -> None:
        for number in itertools.count(1):
            self._wake.clear()
            try:
                await self.reclaim()
                await self.compact_worn()
                if number % SWEEP_ROUNDS == 0:
                    await self.sweep()
                    # Not after each drop: it may hold a writer for a tenth of a second.
                    await self.begin_log_anew()
            except (EngineError, OSError):
                # A full disk, a file that cannot be listed: what is left over is taken up in the next round.
                pass
            try:
                # Not ``wait_for``: Python 3.11's may swallow a cancellation that meets the wake-up.
                async with asyncio.timeout(ROUND_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _publish(self, touched: dict[int, int]) -> None:
        self.waiting.publish(touched)
        self._bell.ring()


async def open_engine(folder: str | Path) -> EmbeddedEngine:
    """Open a data folder, made now where missing. Raises ``Unavailable`` for one that is not ours."""
    path = Path(folder)

    def prepare() -> None:
        path.mkdir(parents=True, exist_ok=True)

    await asyncio.get_running_loop().run_in_executor(None, prepare)
    return EmbeddedEngine(path)


async def restore_engine(source: str | Path, folder: str | Path) -> None:
    """Make a data folder of a backup. Raises ``BadRequest`` if it is none or the folder is not empty."""
    await asyncio.get_running_loop().run_in_executor(None, backup.restore, Path(source), Path(folder))


class _Drafts(NamedTuple):
    """A step as the writer takes it: database number and draft of each write."""

    drafts: Sequence[tuple[int, Draft]]
    strict: bool

    def ends(self, rows: Sequence[BulkRow]) -> bool:
        """Whether these rows of it forbid the steps behind it."""
        return self.strict and not all(row.ok for row in rows)


def _drafts(writes: Sequence[Write]) -> list[tuple[int, Draft]]:
    """Database number and draft of each write; each document is read once, however often it stands there."""
    seen: dict[int, Draft] = {}
    drafts = []
    for write in writes:
        bare = seen.get(id(write.doc))
        if bare is None:
            bare = seen[id(write.doc)] = _read(write)
            if bare.attachments is not None:
                raise BadRequest("Attachments are written to one database at a time")
        assert isinstance(write.database, EmbeddedDatabase)
        one = bare
        if write.rev is not None or write.deleted:
            revision.parse(write.rev)
            one = Draft(bare.id, write.rev, bare.body, write.deleted, keep=write.keep)
        drafts.append((write.database.number, one))
    return drafts


def _read(write: Write) -> Draft:
    if write.body is None:
        return read(write.doc)
    return Draft(check_id(write.doc["_id"]), None, write.body[1:])


def _open(db: apsw.Connection, name: str) -> tuple[int, str, int]:
    """Number, uuid and time of making: what never changes in a database's row."""
    row: tuple[int, str, int] | None = db.execute(_FIND, (name,)).fetchone()
    if row is None:
        raise DatabaseNotFound
    return row


def _names(db: apsw.Connection, prefix: str) -> list[str]:
    sql = (
        "SELECT name FROM databases WHERE dropped = 0 AND name >= ? AND substr(name, 1, ?) = ? ORDER BY name"
    )
    return [name for (name,) in db.execute(sql, (prefix, len(prefix), prefix))]


def _positions(db: apsw.Connection, numbers: list[int]) -> dict[int, int]:
    sql = "SELECT update_seq FROM databases WHERE number = ? AND dropped = 0"
    found = {number: db.execute(sql, (number,)).get for number in numbers}
    return {number: seq for number, seq in found.items() if seq is not None}
