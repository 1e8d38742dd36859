"""The line of work: drafts are decided and written one after the other, and nothing else writes.

Law: memory may run ahead of the store only while a draft is being written; if that fails, memory is
thrown away and read again. Numbers go on from what was written.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from server.accounts.directory import Directory
from server.cases.deadlines import month_of
from server.clock import Clock
from server.delivery.delivery import Delivery
from server.instants import say
from server.intake.deciding import erasure
from server.intake.deciding.batch import Decider
from server.intake.deciding.draft import Draft
from server.intake.deciding.waiting import Waiting
from server.intake.judging import held
from server.intake.judging.receipt import has_id, in_turn, key_of
from server.intake.memory.casefile import CaseFiles
from server.intake.writing.attempts import DEFECTS, FAILURES, Attempts
from server.intake.writing.checkpoint import Checkpoint
from server.intake.writing.ledger import Ledger
from server.intake.writing.writer import Writer
from server.municipality.world import World
from server.store import epoch
from server.store.databases import Databases
from sync.errors import EngineError
from sync.interface import AllDocsQuery

Json = dict[str, Any]


#: Receipts that waited and are judged at once: a phone may have sent any number before its report came.
_RELEASED = 256


class Line:
    """Only the holder of the intake lock has one."""

    def __init__(
        self,
        databases: Databases,
        clock: Clock,
        world: World,
        files: CaseFiles,
        decider: Decider,
        directory: Directory,
        delivery: Delivery,
        writer: Writer,
        ledger: Ledger,
        attempts: Attempts,
        checkpoint: Checkpoint,
        on_report: Callable[[Json], None],
    ) -> None:
        self.databases = databases
        self.clock = clock
        self.world = world
        self.files = files
        self.decider = decider
        self._directory = directory
        self.delivery = delivery
        self.attempts = attempts
        self.checkpoint = checkpoint
        self._writer = writer
        self._ledger = ledger
        self._on_report = on_report
        self._waiting = Waiting()
        #: Events admitted, refused and quarantined since the start.
        self.counts = {"admitted": 0, "refused": 0, "quarantined": 0}

    async def load(self) -> None:
        """Which quarantined events only wait for what they are about, and what was redacted."""
        self.decider.redacted = await erasure.load(self.databases.cases)
        self.decider.lost = await epoch.lost(self.databases.cases)
        query = AllDocsQuery(startkey="quarantine:", endkey="quarantine:\uffff", include_docs=True)
        for row in (await self.databases.cases.all_docs(query)).rows:
            if row.doc is not None:
                self._waiting.note(orjson.loads(row.doc))
        for kind in held.KINDS:
            query = AllDocsQuery(startkey=f"{kind}:", endkey=f"{kind}:\uffff")
            names = [row.id.split(":") for row in (await self.databases.cases.all_docs(query)).rows]
            self.decider.shared |= {name[1] for name in names if len(name) > 2}

    def draft(self) -> Draft:
        """An empty draft of this instant."""
        now = say(self.clock.now())
        return Draft(
            self.checkpoint.admission + 1,
            now,
            month_of(now, self.world.timezone),
            stored_chains=self.decider.chains.stored,
        )

    def forget(self) -> None:
        """Throw memory away: it may be ahead of what is stored."""
        self.decider.forget()
        self.delivery.mailboxes.forget()

    async def process(self, receipts: list[Json]) -> list[Json]:
        """Take these receipts in, whole; gives the reports that changed."""
        changed: list[Json] = []
        turns = deque([in_turn(receipts)])
        while turns:
            taken = turns.popleft()
            if self.attempts.one_by_one and len(taken) > 1:
                turns.extendleft([receipt] for receipt in reversed(taken))
                continue
            draft, reports = await self._take(taken)
            changed += reports
            # What comes free may free more, to any depth: it is a queue, never a call within a call.
            turns.extend(await self._freed(draft))
        return changed

    async def _take(self, receipts: list[Json]) -> tuple[Draft, list[Json]]:
        keys = [key_of(receipt) for receipt in receipts]
        self.attempts.begin(keys)
        try:
            draft = await self._decide(receipts)
            self.attempts.judged()
            changed = await self.commit(draft)
            for receipt, members in draft.erase:
                await erasure.mask_receipts(self.databases.inbox, [receipt], members)
            if draft.erase:
                await self.databases.inbox.compact()
        except (EngineError, asyncio.CancelledError):
            self.attempts.idle()
            raise
        self.attempts.passed(keys)
        return draft, changed

    async def complete(self, records: list[Json]) -> None:
        """What the run before wrote into ``cases`` and may not have brought to its end.

        The inbox tells most of it again, but neither what had waited for its report nor what the clock
        or an office asked for.
        """
        if self.attempts.one_by_one and len(records) > 1:
            for record in records:
                await self.complete([record])
            return
        receipts = [_as_receipt(record) for record in records if "event" in record]
        self.attempts.begin([_key_of_record(record) for record in records])
        try:
            await self.decider.prepare(receipts)
            await self.files.load(record["report"] for record in records)
            draft = self.draft()
            for record in records:
                if self.attempts.judging(_key_of_record(record)) < FAILURES:
                    self.decider.complete(record, draft)
            self.attempts.judged()
            await self.commit(draft)
        except (EngineError, asyncio.CancelledError):
            self.attempts.idle()
            raise
        self.attempts.idle()

    async def _decide(self, receipts: list[Json]) -> Draft:
        while True:
            await self.decider.prepare(receipts)
            draft = self.draft()
            try:
                self.decider.decide(receipts, draft)
            except DEFECTS:
                # One event met a defect; nothing was written. The third time it is put aside.
                self.decider.forget()
                continue
            return draft

    async def commit(self, draft: Draft) -> list[Json]:
        """Write a draft; gives the reports it changed."""
        try:
            changed = await self._writer.write(draft)
        except BaseException:
            self.forget()
            raise
        self.checkpoint = replace(
            self.checkpoint, admission=draft.next_admission - 1, folio=self._ledger.last
        )
        self.counts["admitted"] += draft.admitted
        self.counts["refused"] += draft.refused
        self.counts["quarantined"] += draft.quarantined
        for doc in draft.waiting:
            self._waiting.note(doc)
        for report in changed:
            self._on_report(report)
        self.files.trim()
        return changed

    async def _freed(self, draft: Draft) -> list[list[Json]]:
        """What waited for something that this draft brought, or that it refused: then it waits in vain."""
        if not self._waiting:
            return []
        there = {("report_unknown", key) for key, file in draft.touched.items() if file.report is not None}
        there |= {("incident_unknown", key) for key in draft.incidents if key in self.delivery.incidents}
        there |= {("basis_unknown", event) for _, event, _ in draft.accepted}
        for doc in draft.truth.values():
            if doc.get("schema") == "refusal.v1":
                there.add(("basis_unknown", doc["event"]))
            elif "event" in doc and doc["_id"].startswith("record:"):
                there.add(("basis_unknown", doc["event"]["_id"]))
        return await self._held(self._waiting.take(there))

    async def _held(self, receipts: list[str]) -> list[list[Json]]:
        turns: list[list[Json]] = []
        for first in range(0, len(receipts), _RELEASED):
            found = await self.databases.inbox.get_many(receipts[first : first + _RELEASED])
            turns.append(in_turn([found[key] for key in sorted(found) if has_id(found[key])]))
        return [turn for turn in turns if turn]

    async def take_known_devices(self) -> bool:
        """Judge what came from devices that are enrolled only now; whether there was anything."""
        devices = self._waiting.things("event_device_unknown") if self._waiting else ()
        known = {("event_device_unknown", device) for device in devices if self._directory.device(device)}
        turns = await self._held(self._waiting.take(known)) if known else []
        for turn in turns:
            await self.process(turn)
        return bool(turns)


def _as_receipt(record: Json) -> Json:
    return {"event": record["event"], "session": {"device": record["event"].get("device")}}


def _key_of_record(record: Json) -> str:
    """As ``key_of`` the receipt of its event; a fact of the server's own is counted with its report."""
    return str(record["event"]["_id"][-36:] if "event" in record else record["report"])
