"""The one process that turns receipts into records, reports, mailboxes and acknowledgements.

Law INTAKE-1: it does one thing at a time, in the order of the inbox, and claims nothing before it is done.
Killed at any moment it goes on from its checkpoint and ends with the same documents. What it is asked
to do by other processes comes to it through databases it follows, never by a call.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import orjson

from server.accounts.directory import Directory
from server.cases.deadlines import official_holidays
from server.clock import Clock
from server.delivery.delivery import Delivery
from server.delivery.filling import Told
from server.delivery.upkeep import Upkeep
from server.feeds.wake import Wake, Woken
from server.intake.chores.chores import Chores
from server.intake.chores.requests import REQUEST
from server.intake.chores.timers import Hook, Timers
from server.intake.chores.troubled import Troubled
from server.intake.memory.memory import Memory
from server.intake.reading.reader import Reader
from server.intake.running.lock import IntakeLock
from server.intake.running.taking import Taking
from server.intake.writing import checkpoint as checkpoints
from server.intake.writing.attempts import Attempts
from server.intake.writing.ledger import Ledger
from server.intake.writing.line import Line
from server.municipality.scopes import Scopes
from server.municipality.world import World
from server.store.databases import Databases
from server.store.outgoing import insist
from sync.errors import EngineError
from sync.interface import ChangePage, ChangesQuery, Database

#: Receipts taken at once: as many as arrive in a second at the rate aimed at. More would make the first
#: wait.
BATCH = 256
#: The same while a large import is taken in and nobody waits.
BULK = 2_000
#: Seconds between checkpoints while work goes on: repeating a second's work after a crash costs a second.
CHECKPOINT_EVERY = 1.0
#: Seconds before an engine that refused is asked again; doubled up to the second number.
RETRY = (0.5, 15.0)
#: Seconds a wait for changes may last before timers are looked at.
TICK = 5.0

#: Seconds from the beginning of one round to the next while receipts keep coming. A round costs some ten
#: milliseconds whatever it takes in, and wakes every phone it reaches: taken one by one, a hundred reports a
#: second would fill a processor. The first after a pause is taken at once.
BREATH = 0.03

#: What intake follows. ``citizens`` is not among them: only its own requests change it.
FOLLOWED = ("inbox", "accounts", "registry", "reference", "evidence")


class Intake:
    """``start`` follows the inbox in the background; ``open``, ``run_until_idle`` do what is there."""

    def __init__(
        self,
        databases: Databases,
        directory: Directory,
        clock: Clock,
        folder: Path,
        *,
        certain: Clock | None = None,
        on_woken: Callable[[Woken], None] | None = None,
        hook: Hook | None = None,
    ) -> None:
        self._databases = databases
        self._clock = clock
        #: By which things grow old (``server/certainty.py``).
        self._certain = certain or clock
        self._folder = folder
        self._lock = IntakeLock(folder)
        self._attempts = Attempts(folder)
        self._troubled = Troubled(folder)
        self._on_woken = on_woken
        self._directory = directory
        self._wake = asyncio.Event()
        self.world = World(databases)
        self.scopes = Scopes(databases.cases, directory, self.world)
        self.memory = Memory(self.world, directory.device, self.scopes.actor)
        self._reader = Reader(databases, directory, self.memory)
        #: With the gateway in this process, which feeds changed is told by a call.
        self._bell = Wake(databases.wake) if on_woken is None else None
        self.delivery = Delivery(
            databases, directory, self.world, self.scopes, self.memory.incidents, self._bell
        )
        self.upkeep = Upkeep(databases, directory, self.world, self.scopes, self.delivery)
        self.timers = Timers(self.memory, self._reader, hook, self.poke, self._troubled)
        self._written = checkpoints.Checkpoint()
        self._written_at = 0.0
        self._batch = BATCH
        self._ledger: Ledger | None = None
        self._line: Line | None = None
        self._taking: Taking | None = None
        self._chores: Chores | None = None
        self._task: asyncio.Task[None] | None = None
        self._watchers: list[asyncio.Task[None]] = []

    @property
    def line(self) -> Line:
        """The line of work, once open."""
        assert self._line is not None, "open() first"
        return self._line

    @property
    def taking(self) -> Taking:
        """What takes receipts in, once open."""
        assert self._taking is not None, "open() first"
        return self._taking

    @property
    def task(self) -> asyncio.Task[None] | None:
        """The running loop: whoever started intake watches it, since its end is a defect."""
        return self._task

    # -- opening and closing ------------------------------------------------------------------------------

    async def open(self, told: Told | None = None) -> None:
        """Take the lock and read what is needed. Raises ``IntakeRunning``.

        ``told``: as in ``fill_mailboxes``, where a run cut short left them to this one.
        """
        self._lock.take()
        try:
            await self._open(told)
        except BaseException:
            self.abandon()
            raise

    async def _open(self, told: Told | None) -> None:
        cases = self._databases.cases
        self._attempts.open()
        self._troubled.open()
        stored = await checkpoints.read(cases)
        counted, holes, recent = await checkpoints.count_on(cases, stored)
        if holes:
            docs = [checkpoints.void(admission) for admission in holes]
            insist(docs, await cases.bulk_docs(docs))
        self._written = stored
        now = self._certain.now()
        # Reading the almanac takes a quarter of a second: not while the first report waits.
        official_holidays(now.year)
        await self.world.load()
        await self.scopes.load()
        await self.scopes.note(now)
        await self._reader.incidents()
        await self.delivery.load(now, self.timers.note)
        ledger = self._ledger = Ledger.open(self._folder, counted.folio)
        self._line = Line(
            self._databases, self._clock, self.memory, self._reader, self.delivery, ledger, self._attempts,
            counted, self.timers.note,
        )  # fmt: skip
        await self._reader.begin()
        self._taking = Taking(self._line, self._directory)
        self._chores = Chores(
            self._line, self._certain, self._directory, self.timers, self.upkeep, self._troubled, self.poke
        )
        await self.upkeep.begin(told)
        if recent:
            await self._taking.complete(recent)

    async def close(self) -> None:
        """Let go of everything; the checkpoint is written where the engine still answers."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        self._watchers.clear()
        await self.timers.close()
        try:
            await self._write_checkpoint()
        except EngineError:
            pass  # What the checkpoint does not say is met again and found done.
        self.abandon()

    def abandon(self) -> None:
        """Let go of lock and ledger and write nothing more: what a kill does."""
        if self._chores is not None:
            self._chores.abandon()
        if self._ledger is not None:
            self._ledger.close()
        self._attempts.close()
        self._lock.release()

    # -- following ----------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open, and follow the inbox until ``stop``."""
        await self.open()
        self._watchers = [
            asyncio.create_task(self._watch(getattr(self._databases, name)), name=f"intake-watch-{name}")
            for name in FOLLOWED
        ]
        self._task = asyncio.create_task(self._follow(), name="intake")

    async def stop(self) -> None:
        """End where it stands; what was cut short is completed at the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self.close()

    def poke(self) -> None:
        """Say that there may be something to do."""
        self._wake.set()

    async def _watch(self, database: Database) -> None:
        since = "now"
        while True:
            try:
                page = await database.changes(ChangesQuery(since=since, limit=1))
                if page.rows:
                    # First up to where, then the call: the round that it begins reads that far at least.
                    since = (await database.changes(ChangesQuery(since="now", limit=1))).last_seq
                    self._wake.set()
                    await asyncio.sleep(BREATH)  # A round begins no sooner, however many come.
                    continue
                since = page.last_seq
                await database.wait_for_change(since, TICK)
            except EngineError:
                await asyncio.sleep(RETRY[0])

    async def _follow(self) -> None:
        pause = RETRY[0]
        while True:
            try:
                self._wake.clear()
                await self._run_paced()
                pause = RETRY[0]
                try:
                    async with asyncio.timeout(TICK):
                        await self._wake.wait()
                except TimeoutError:
                    pass
            except EngineError:
                # The engine is away or full: nothing is lost, the inbox waits.
                self.line.forget()
                await asyncio.sleep(pause)
                pause = min(pause * 2, RETRY[1])

    async def _run_paced(self) -> None:
        """``run_until_idle`` for receipts that come in while it works."""
        begun = time.monotonic()
        while await self._round():
            await asyncio.sleep(max(0.0, begun + BREATH - time.monotonic()))
            begun = time.monotonic()
        await self._rest()

    async def run_until_idle(self) -> None:
        """Do all that is to be done now."""
        assert self._chores is not None, "open() first"
        while await self._round() or await self._chores.rest():
            pass
        await self._rest()

    async def _rest(self) -> None:
        """All that was there is done."""
        self.memory.recovering = False
        self._attempts.acquit()
        if time.monotonic() - self._written_at > CHECKPOINT_EVERY:
            await self._write_checkpoint()

    async def backlog(self) -> int:
        """Receipts that were not taken in yet."""
        query = ChangesQuery(since=self.line.checkpoint.inbox, limit=1)
        page = await self._databases.inbox.changes(query)
        return len(page.rows) + page.pending

    async def take_in_bulk(self) -> None:
        """Do all but the mailboxes, which ``fill_mailboxes`` must do next.

        Nothing is acknowledged before. Cut short, the next start goes on and fills the mailboxes.
        """
        await self.upkeep.postpone()
        self._batch = BULK
        try:
            await self.run_until_idle()
        finally:
            self._batch = BATCH

    async def fill_mailboxes(self, told: Told | None = None) -> None:
        """``told`` is called with how many of the reports in ``delivery.index`` are in the mailboxes."""
        await self.upkeep.catch_up(told)
        await self._tell()

    async def _round(self) -> bool:
        """One look at everything that may ask for work; whether anything was done."""
        assert self._chores is not None
        # Asked together, taken in one after the other: on CouchDB each is a request.
        busy, inbox, evidence = await asyncio.gather(
            self.upkeep.refresh(self._certain.now()), self._inbox(), self._chores.verdicts()
        )
        busy = await self.taking.take_known_devices() or busy
        busy = await self._take_inbox(inbox) or busy
        busy = await self._chores.take_verdicts(evidence) or busy
        busy = await self._chores.keep_time() or busy
        # Once a day, and only while nobody waits: what is a day older tomorrow can wait for a quiet moment.
        busy = busy or await self._chores.age_positions()
        await self._tell()
        return busy

    async def _inbox(self) -> ChangePage:
        query = ChangesQuery(since=self.line.checkpoint.inbox, limit=self._batch, include_docs=True)
        return await self._databases.inbox.changes(query)

    async def _take_inbox(self, page: ChangePage) -> bool:
        line = self.line
        docs = [orjson.loads(row.doc) for row in page.rows if row.doc is not None and not row.deleted]
        for is_request, group in groupby(docs, key=lambda doc: doc.get("schema") == REQUEST):
            if is_request:
                assert self._chores is not None
                for request in group:
                    await self._chores.take_request(request)
            else:
                await self.taking.process(list(group))
        line.checkpoint = replace(line.checkpoint, inbox=page.last_seq)
        if page.rows and time.monotonic() - self._written_at > CHECKPOINT_EVERY:
            await self._write_checkpoint()
        return bool(page.rows)

    async def _tell(self) -> None:
        """Wake whoever waits for the mailboxes that changed."""
        changed, feeds = self.delivery.mailboxes.take_woken(), self.upkeep.take_woken()
        woken = Woken(changed.names | feeds, changed.cards)
        if not (woken.names or woken.cards):
            return
        if self._bell is not None:
            await self._bell.ring(woken)
        elif self._on_woken is not None:
            self._on_woken(woken)

    async def _write_checkpoint(self) -> None:
        if self._line is None or self._line.checkpoint == self._written:
            return
        # Nothing else writes ``cases`` and nothing is under way: all up to here is counted.
        cases = self._databases.cases
        counted = replace(self._line.checkpoint, cases=(await cases.info()).update_seq)
        await checkpoints.write(cases, counted)
        self._written, self._written_at = self._line.checkpoint, time.monotonic()
