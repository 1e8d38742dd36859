"""The line of work: drafts are decided and written one after the other, and nothing else writes.

Law: memory may run ahead of the store only while a draft is being written; if that fails, memory is
thrown away and read again. Numbers go on from what was written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from server.cases.deadlines import month_of
from server.clock import Clock
from server.databases import Databases
from server.delivery.delivery import Delivery
from server.instants import say
from server.intake.batch import DEFECTS, Decider
from server.intake.casefile import CaseFiles
from server.intake.checkpoint import Checkpoint
from server.intake.draft import Draft
from server.intake.judge import EVENT_ID
from server.intake.ledger import Ledger
from server.intake.outcome import WAITING
from server.intake.world import World
from server.intake.writer import Writer
from sync.interface import AllDocsQuery

Json = dict[str, Any]


class Line:
    """Only the holder of the intake lock has one."""

    def __init__(
        self,
        databases: Databases,
        clock: Clock,
        world: World,
        files: CaseFiles,
        decider: Decider,
        delivery: Delivery,
        writer: Writer,
        ledger: Ledger,
        checkpoint: Checkpoint,
        on_report: Callable[[Json], None],
    ) -> None:
        self.databases = databases
        self.clock = clock
        self.world = world
        self.files = files
        self.decider = decider
        self.delivery = delivery
        self.checkpoint = checkpoint
        self._writer = writer
        self._ledger = ledger
        self._on_report = on_report
        self._waiting: dict[str, set[str]] = {}
        #: Events admitted, refused and quarantined since the start.
        self.counts = {"admitted": 0, "refused": 0, "quarantined": 0}

    async def load_waiting(self) -> None:
        """Which quarantined events only wait for what they are about."""
        query = AllDocsQuery(startkey="quarantine:", endkey="quarantine:\uffff", include_docs=True)
        for row in (await self.databases.cases.all_docs(query)).rows:
            if row.doc is not None:
                self._note_waiting(orjson.loads(row.doc))

    def _note_waiting(self, doc: Json) -> None:
        if doc.get("code") in WAITING:
            subject = doc.get("waits_for") or doc["event"].split(":")[1]
            self._waiting.setdefault(subject, set()).add(doc["receipt"])

    def draft(self) -> Draft:
        """An empty draft of this instant."""
        now = say(self.clock.now())
        return Draft(
            self.checkpoint.admission + 1,
            now,
            month_of(now, self.world.timezone),
            stored_chains=self.decider.chains,
        )

    def forget(self) -> None:
        """Throw memory away: it may be ahead of what is stored."""
        self.decider.forget()
        self.delivery.mailboxes.forget()

    async def process(self, receipts: list[Json]) -> list[Json]:
        """Take these receipts in, whole; gives the reports that changed."""
        while True:
            await self.decider.prepare(receipts)
            draft = self.draft()
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
        for doc in draft.truth.values():
            if doc["_id"].startswith("quarantine:") and not doc.get("_deleted"):
                self._note_waiting(doc)
        for report in changed:
            self._on_report(report)
        self.files.trim()
        return changed

    async def _release(self, draft: Draft) -> None:
        """Judge again what came before the report or incident it is about."""
        arrived = (draft.fresh | draft.incidents) & self._waiting.keys()
        ids = [receipt for subject in sorted(arrived) for receipt in sorted(self._waiting.pop(subject))]
        if ids:
            found = await self.databases.inbox.get_many(ids)
            await self.process(
                [found[key] for key in sorted(found) if EVENT_ID.match(found[key]["event"]["_id"])]
            )
