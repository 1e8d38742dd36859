"""The line of work: drafts are written one after the other, and nothing else writes.

Law: memory takes a draft in when it is written; where that fails, whatever may be ahead of the store is
thrown away and read again. Numbers go on from what was written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from server.clock import Clock
from server.delivery.delivery import Delivery
from server.documents.shapes import Report
from server.instants import say
from server.intake.deciding.draft import Draft, remember
from server.intake.memory.memory import Memory
from server.intake.reading.reader import Reader
from server.intake.writing.attempts import Attempts
from server.intake.writing.checkpoint import Checkpoint
from server.intake.writing.ledger import Ledger
from server.intake.writing.writer import Writer
from server.store.databases import Databases


class Line:
    """Only the holder of the intake lock has one."""

    def __init__(
        self,
        databases: Databases,
        clock: Clock,
        memory: Memory,
        reader: Reader,
        delivery: Delivery,
        ledger: Ledger,
        attempts: Attempts,
        checkpoint: Checkpoint,
        on_report: Callable[[Report], None],
    ) -> None:
        """``on_report`` is told of every report that a draft changed."""
        self.databases = databases
        self.clock = clock
        self.memory = memory
        self.reader = reader
        self.delivery = delivery
        self.attempts = attempts
        self.checkpoint = checkpoint
        memory.admission = checkpoint.admission
        self._writer = Writer(databases, delivery, ledger)
        self._ledger = ledger
        self._on_report = on_report
        #: Events admitted, refused and quarantined since the start.
        self.counts = {"admitted": 0, "refused": 0, "quarantined": 0}

    def now(self) -> str:
        return say(self.clock.now())

    def draft(self) -> Draft:
        """An empty draft of this instant."""
        return Draft.begin(self.memory, self.now())

    def forget(self) -> None:
        """Throw away what may be ahead of what is stored."""
        self.memory.forget()
        self.delivery.mailboxes.forget()

    async def commit(self, draft: Draft) -> list[Report]:
        """Write a draft and take it in; gives the reports it changed. Raises the engine's errors."""
        try:
            changed = await self._writer.write(draft)
        except BaseException:
            self.forget()
            raise
        remember(draft)
        self.checkpoint = replace(self.checkpoint, admission=self.memory.admission, folio=self._ledger.last)
        self.counts["admitted"] += draft.admitted
        self.counts["refused"] += draft.refused
        self.counts["quarantined"] += draft.quarantined
        for report in changed:
            self._on_report(report)
        self.memory.files.trim()
        return changed
