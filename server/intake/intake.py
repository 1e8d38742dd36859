"""The one process that turns receipts into records, reports, mailboxes and acknowledgements.

Law: it does one thing at a time, in the order of the inbox, and claims nothing before it is done.
Killed at any moment it goes on from its checkpoint and ends with the same documents. What it is asked
to do by other processes comes to it through databases it follows, never by a call.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from server.accounts.directory import Directory
from server.clock import Clock
from server.databases import Databases
from server.delivery.delivery import Delivery
from server.delivery.upkeep import Upkeep
from server.instants import say
from server.intake import checkpoint as checkpoints
from server.intake.batch import DEFECTS, WAITING, Decider
from server.intake.casefile import CaseFiles
from server.intake.draft import Draft
from server.intake.judge import EVENT_ID
from server.intake.ledger import Ledger
from server.intake.lock import IntakeLock
from server.intake.scopes import Scopes
from server.intake.world import World
from server.intake.writer import StepHook, Writer, insist
from sync.errors import EngineError
from sync.interface import AllDocsQuery, ChangesQuery

Json = dict[str, Any]

#: Receipts taken at once: as many as arrive in a second at the rate aimed at. More would make the first
#: wait.
BATCH = 256
#: Seconds between checkpoints while work goes on: repeating a second's work after a crash costs a second.
CHECKPOINT_EVERY = 1.0
#: Seconds before an engine that refused is asked again; doubled up to the second number.
RETRY = (0.5, 15.0)
#: Seconds a wait for changes may last before timers are looked at.
TICK = 5.0


class Intake:
    """``start`` follows the inbox in the background; ``open``, ``run_until_idle`` do what is there."""

    def __init__(
        self,
        databases: Databases,
        directory: Directory,
        clock: Clock,
        folder: Path,
        *,
        on_woken: Callable[[set[str]], None] | None = None,
        escalation_url: str = "",
        step_hook: StepHook | None = None,
    ) -> None:
        self._databases = databases
        self._directory = directory
        self._clock = clock
        self._folder = folder
        self._lock = IntakeLock(folder)
        self._on_woken = on_woken
        self._step_hook = step_hook
        self._escalation_url = escalation_url
        self.world = World(databases)
        self.incidents: dict[str, Json] = {}
        self.files = CaseFiles(databases.cases)
        self.scopes = Scopes(databases.cases, directory, self.world)
        self.delivery = Delivery(databases, directory, self.world, self.scopes, self.incidents)
        self.upkeep = Upkeep(databases, directory, self.world, self.scopes, self.delivery)
        self.decider = Decider(
            databases.cases, directory, self.world, self.files, self.scopes, self.incidents
        )
        self.checkpoint = checkpoints.Checkpoint()
        self._written = self.checkpoint
        self._written_at = 0.0
        self._waiting: dict[str, set[str]] = {}
        self._ledger: Ledger | None = None
        self._writer: Writer | None = None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._watchers: list[asyncio.Task[None]] = []
        #: Events admitted, refused and quarantined since the start.
        self.counts = {"admitted": 0, "refused": 0, "quarantined": 0}

    # -- opening --------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Take the lock and read what is needed. Raises ``IntakeRunning``."""
        self._lock.take()
        try:
            await self._open()
        except BaseException:
            self._lock.release()
            raise

    async def _open(self) -> None:
        cases = self._databases.cases
        stored = await checkpoints.read(cases)
        self.checkpoint, holes = await checkpoints.count_on(cases, stored)
        if holes:
            docs = [checkpoints.void(admission) for admission in holes]
            insist(docs, await cases.bulk_docs(docs))
        self._written = stored
        self._ledger = Ledger.open(self._folder, self.checkpoint.folio)
        await self.world.load()
        await self.scopes.load()
        await self.scopes.note(self._clock.now())
        await self._load_incidents()
        await self._load_waiting()
        await self.delivery.load(self._clock.now())
        self._writer = Writer(
            self._databases,
            self.world,
            self.files,
            self.decider,
            self.delivery,
            self._ledger,
            self._step_hook,
        )
        await self.upkeep.begin()

    async def _load_incidents(self) -> None:
        query = AllDocsQuery(startkey="incident:", endkey="incident:\uffff", include_docs=True)
        for row in (await self._databases.cases.all_docs(query)).rows:
            if row.doc is not None:
                self.incidents[row.id.removeprefix("incident:")] = orjson.loads(row.doc)

    async def _load_waiting(self) -> None:
        query = AllDocsQuery(startkey="quarantine:", endkey="quarantine:\uffff", include_docs=True)
        for row in (await self._databases.cases.all_docs(query)).rows:
            if row.doc is not None:
                self._note_waiting(orjson.loads(row.doc))

    def _note_waiting(self, doc: Json) -> None:
        if doc.get("code") in WAITING:
            subject = doc.get("waits_for") or doc["event"].split(":")[1]
            self._waiting.setdefault(subject, set()).add(doc["receipt"])

    async def close(self) -> None:
        """Let go of everything; the checkpoint is written where the engine still answers."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        self._watchers.clear()
        try:
            await self._write_checkpoint(force=True)
        except EngineError:
            pass  # What the checkpoint does not say is met again and found done.
        if self._ledger is not None:
            self._ledger.close()
        self._lock.release()

    # -- following ----------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open, and follow the inbox until ``stop``."""
        await self.open()
        databases = self._databases
        followed = ("inbox", "accounts", "registry", "reference", "evidence", "citizens")
        self._watchers = [
            asyncio.create_task(self._watch(getattr(databases, name)), name=f"intake-watch-{name}")
            for name in followed
        ]
        self._task = asyncio.create_task(self._follow(), name="intake")

    async def stop(self) -> None:
        """End after the batch under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self.close()

    @property
    def task(self) -> asyncio.Task[None] | None:
        """The running loop: whoever started intake watches it, since its end is a defect."""
        return self._task

    def poke(self) -> None:
        """Say that there may be something to do."""
        self._wake.set()

    async def _watch(self, database: Any) -> None:
        since = "now"
        while True:
            try:
                page = await database.changes(ChangesQuery(since=since, limit=1))
                since = page.last_seq
                if page.rows or await database.wait_for_change(since, TICK):
                    self._wake.set()
                    since = "now" if page.rows else since
            except EngineError:
                await asyncio.sleep(RETRY[0])

    async def _follow(self) -> None:
        pause = RETRY[0]
        while True:
            try:
                self._wake.clear()
                await self.run_until_idle()
                pause = RETRY[0]
                await self._write_checkpoint(force=True)
                try:
                    await asyncio.wait_for(self._wake.wait(), TICK)
                except TimeoutError:
                    pass
            except EngineError:
                # The engine is away or full: nothing is lost, the inbox waits.
                self._forget()
                await asyncio.sleep(pause)
                pause = min(pause * 2, RETRY[1])

    def _forget(self) -> None:
        self.decider.forget()
        self.delivery.mailboxes.forget()

    async def run_until_idle(self) -> None:
        """Do all that is to be done now."""
        while await self._round():
            pass
        self.decider.recovering = False
        await self._write_checkpoint(force=False)

    async def _round(self) -> bool:
        """One look at everything that may ask for work; whether anything was done."""
        busy = await self.upkeep.refresh(self._clock.now())
        busy = await self._take_inbox() or busy
        await self._tell()
        return busy

    async def _take_inbox(self) -> bool:
        query = ChangesQuery(since=self.checkpoint.inbox, limit=BATCH, include_docs=True)
        page = await self._databases.inbox.changes(query)
        receipts = [orjson.loads(row.doc) for row in page.rows if row.doc is not None and not row.deleted]
        if receipts:
            await self.process(receipts)
        self.checkpoint = replace(self.checkpoint, inbox=page.last_seq)
        if time.monotonic() - self._written_at > CHECKPOINT_EVERY:
            await self._write_checkpoint(force=True)
        return bool(page.rows)

    async def process(self, receipts: list[Json]) -> list[Json]:
        """Take these receipts in, whole; gives the reports that changed."""
        while True:
            draft = self._draft()
            await self.decider.prepare(receipts)
            draft.stored_chains = self.decider.chains
            try:
                self.decider.decide(receipts, draft)
            except DEFECTS:
                # One event met a defect; nothing was written. The third time it is put aside.
                self.decider.forget()
                continue
            break
        changed = await self.commit(draft)
        await self._release(draft)
        return changed

    def _draft(self) -> Draft:
        return Draft(self.checkpoint.admission + 1, say(self._clock.now()))

    async def commit(self, draft: Draft) -> list[Json]:
        """Write a draft. Whatever fails, memory is thrown away, since it may be ahead of what is stored."""
        assert self._writer is not None, "open() first"
        assert self._ledger is not None
        try:
            changed = await self._writer.write(draft)
        except BaseException:
            self._forget()
            raise
        self.checkpoint = replace(
            self.checkpoint, admission=draft.next_admission - 1, folio=self._ledger.last
        )
        self.counts["admitted"] += draft.admitted
        self.counts["refused"] += draft.refused
        self.counts["quarantined"] += draft.quarantined
        for doc in draft.truth.values():
            if doc["_id"].startswith("quarantine:") and not doc.get("_deleted"):
                self._note_waiting(doc)
        self.files.trim()
        return changed

    async def _release(self, draft: Draft) -> None:
        """Judge again what came before the report or incident it is about."""
        arrived = (draft.fresh | draft.incidents) & self._waiting.keys()
        ids = [receipt for subject in sorted(arrived) for receipt in sorted(self._waiting.pop(subject))]
        if ids:
            found = await self._databases.inbox.get_many(ids)
            receipts = [found[key] for key in sorted(found) if EVENT_ID.match(found[key]["event"]["_id"])]
            await self.process(receipts)

    async def _tell(self) -> None:
        """Wake whoever waits for the mailboxes that changed."""
        woken = self.delivery.mailboxes.take_woken() | self.upkeep.take_woken()
        if not woken:
            return
        if self._on_woken is not None:
            self._on_woken(woken)
        else:
            wake = self._databases.wake
            known = await wake.get_many(sorted(woken))
            docs = [{"_id": name, "at": say(self._clock.now())} for name in sorted(woken)]
            await wake.bulk_docs(
                [{**doc, "_rev": known[doc["_id"]]["_rev"]} if doc["_id"] in known else doc for doc in docs]
            )

    async def _write_checkpoint(self, *, force: bool) -> None:
        if self.checkpoint == self._written or not force:
            return
        await checkpoints.write(self._databases.cases, self.checkpoint)
        self._written, self._written_at = self.checkpoint, time.monotonic()
