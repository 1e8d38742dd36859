"""Where exactly workers stood goes by age: out of records, reports, mailboxes and receipts, a page at a time.

Law POSITION-1: a position's age counts from when its event was first received, in whole days of the
municipality, by a clock that is sure (``server/certainty.py``): what is taken out never comes back. The
receipt is written last and the cursor after it, so whatever was cut short is met again and done again, and
doing it twice changes nothing. The order is that of the inbox's ids, which are the time of receipt on every
engine: a feed of several shards has no such order, and in any feed what is rewritten comes by anew.

What the law's own erasure leaves as it was (``erasure``) is left here too: the event's signature stays and no
longer verifies, and a phone that brings the event back is told what it was told before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from server.cases.whereabouts import EXACT, is_exact, is_faded
from server.clock import Clock, uuid7
from server.delivery.plan import Changes
from server.documents import reading
from server.documents.ids import RECORDS, record_of
from server.documents.redacted import Redacted
from server.documents.shapes import Record, Report
from server.instants import say
from server.intake.judging.erased import mask, redaction
from server.intake.judging.receipt import Raw, has_id
from server.intake.writing.line import Line
from server.store.outgoing import insist
from server.store.scan import Found, after, between
from sync.errors import NotFound

#: ``_local`` document of ``cases``: ``cursor`` (the last receipt looked at), ``day`` and ``days`` (when all
#: was done last, and by which setting), ``worn`` (databases whose earlier revisions still hold positions).
_STATE = "positions"

#: Receipts looked at in one step: most say nowhere where a worker stood.
PAGE = 200
#: Of these, receipts whose positions are taken out in one step, while new events wait: each has its report
#: folded and its dozen copies written, some 4 ms of processor time.
AT_ONCE = 16

#: How ``worn`` names a mailbox: generations change between a step and the compaction.
_MAILBOX = "mailbox:"


class Positions:
    """Only the holder of the intake lock has one. ``step`` while ``due``.

    Databases are compacted beside the line of work, which that would hold for seconds; ``poke`` is called
    when one is.
    """

    def __init__(self, line: Line, certain: Clock, poke: Callable[[], None]) -> None:
        self._line = line
        self._certain = certain
        self._poke = poke
        self._state: Any = None
        self._compacting: asyncio.Task[None] | None = None

    async def due(self) -> bool:
        """Whether today's ageing is not done yet. From memory, but for the first time."""
        if self._line.delivery.postponed:
            return False  # A bulk import fills the mailboxes at its end.
        if self._state is None:
            try:
                self._state = await self._line.databases.cases.get_local(_STATE)
            except NotFound:
                self._state = {"cursor": "", "day": "", "days": 0, "worn": []}
        return (self._state["day"], self._state["days"]) != (self._today(), self._days())

    def _days(self) -> int:
        return int(self._line.memory.world.settings["position_days"])

    def _today(self) -> str:
        return self._line.memory.world.today(self._certain.now())

    def _horizon(self) -> datetime:
        """What was received before this is too old."""
        midnight = datetime.fromisoformat(self._today()).replace(tzinfo=self._line.memory.world.timezone)
        return midnight - timedelta(days=self._days())

    async def step(self) -> bool:
        """A few receipts, or one database that was compacted; whether there is more to do at once."""
        assert self._state is not None, "ask due() first"
        if self._compacting is not None:
            return await self._compacted(self._compacting)
        state = self._state
        old = between(
            self._line.databases.inbox,
            after(state["cursor"]),
            uuid7(self._horizon(), 0),
            most=PAGE,
            page=PAGE,
        )
        rows = [row async for row in old]
        if rows:
            given, cursor = _some(rows)
            if given:
                # Before anything: cut short after the last write, nobody would know what to compact.
                mailboxes = {f"{_MAILBOX}{doc['event']['actor']}" for doc in given}
                await self._note(worn=sorted({*state["worn"], "inbox", "cases", *mailboxes}))
                await self._fade(given)
            await self._note(cursor=cursor)
            return True
        if state["worn"]:
            self._compacting = asyncio.create_task(self._compact(state["worn"][0]), name="compact-worn")
            self._compacting.add_done_callback(lambda _: self._poke())
            return False
        await self._note(day=self._today(), days=self._days())
        return False

    async def _compacted(self, task: asyncio.Task[None]) -> bool:
        """Note that a database is compacted, if it is. Raises what the compaction did; it is begun again."""
        if not task.done():
            return False  # Nothing wears out meanwhile that it might miss.
        self._compacting = None
        task.result()
        assert self._state is not None
        await self._note(worn=self._state["worn"][1:])
        return True

    async def rest(self) -> bool:
        """Wait for what is being compacted; whether anything was."""
        if self._compacting is None:
            return False
        await asyncio.wait({self._compacting})
        return True

    def abandon(self) -> None:
        """Let go of what is being compacted: it is begun again at the next start."""
        if self._compacting is not None:
            self._compacting.cancel()

    async def _note(self, **members: Any) -> None:
        assert self._state is not None
        state = {**self._state, **members}
        self._state = None  # Read again unless it is written.
        rev = await self._line.databases.cases.put_local(_STATE, state)
        self._state = {**state, "_rev": rev}

    async def _compact(self, name: str) -> None:
        databases = self._line.databases
        account = name.removeprefix(_MAILBOX)
        if account == name:
            await (databases.inbox if name == "inbox" else databases.cases).compact()
        elif any(owner.id == account for owner in self._line.delivery.owners()):
            await (await self._line.delivery.mailboxes.database(account)).compact()

    async def _fade(self, receipts: list[Raw]) -> None:
        """Take the positions of these receipts out everywhere."""
        line = self._line
        owns = {receipt["event"]["_id"]: receipt["event"] for receipt in receipts}
        names = [record_of(event) for event in owns]
        names += [f"redacted:{event[-36:]}" for event in owns]
        found = await line.databases.cases.get_many(names)
        records = [reading.record(doc) for name, doc in found.items() if name.startswith(RECORDS)]
        admitted = {record["event"]["_id"] for record in records}
        await self._rewrite_records(records)
        held = [event for name, event in owns.items() if name not in admitted and is_exact(event)]
        await self._keep_names(held, found)
        await self._refold({record["report"] for record in records})
        exact = [receipt for receipt in receipts if is_exact(receipt["event"])]
        docs = [{**receipt, "event": mask(receipt["event"], [EXACT])} for receipt in exact]
        if docs:
            insist(docs, await line.databases.inbox.bulk_docs(docs))

    async def _rewrite_records(self, records: list[Record]) -> None:
        line = self._line
        exact = [record for record in records if is_exact(record["event"])]
        docs = [{**record, "event": mask(record["event"], [EXACT])} for record in exact]
        for record in records:
            line.memory.files.drop(record["report"])  # It holds the positions still.
        if docs:
            insist(docs, await line.databases.cases.bulk_docs(docs))

    async def _keep_names(self, held: list[Raw], found: dict[str, Any]) -> None:
        """By what an event that was refused or is held will be known: no record is there to compare."""
        line, at = self._line, say(self._line.clock.now())
        wanted: dict[str, Redacted] = {}
        for event in held:
            known = found.get(f"redacted:{event['_id'][-36:]}")
            wanted[event["_id"]] = redaction(event, [EXACT], at, known, held=True)
        docs = [doc for doc in wanted.values() if doc != found.get(doc["_id"])]
        if docs:
            insist(docs, await line.databases.cases.bulk_docs(docs))
        line.memory.redacted |= wanted

    async def _refold(self, subjects: set[str]) -> None:
        """Reports as their records fold now, and their copies. Their version stays: nothing happened."""
        line = self._line
        cases = line.databases.cases
        await line.reader.files(sorted(subjects))
        stored = await cases.get_many([f"report:{subject}" for subject in sorted(subjects)])
        reports, docs = [], []
        for subject in sorted(subjects):
            file = line.memory.files.get(subject)
            if file is None or file.report is None:
                continue  # An incident's or a proposal's own document holds no position.
            reports.append(file.report)
            before = stored.get(file.report["_id"])
            doc: Report = {**file.report, "_rev": before["_rev"]} if before else file.report
            if doc != before:
                docs.append((file, doc))
        if docs:
            written = [doc for _, doc in docs]
            rows = await cases.bulk_docs(written)
            insist(written, rows)
            for (file, doc), row in zip(docs, rows, strict=True):
                assert row.rev is not None
                file.stored.wrote(row.rev, doc["version"])
        await line.delivery.reports(Changes(reports))
        line.memory.files.trim()


def _some(rows: Sequence[Found]) -> tuple[list[Raw], str]:
    """The first receipts that say, or said, where a worker stood; the last row up to which these are all."""
    given: list[Raw] = []
    cursor = ""
    for row in rows:
        doc: Raw = row.read()
        # Intake may have met a receipt again, and taken its position out, before the rest was done.
        if has_id(doc) and (is_exact(doc["event"]) or is_faded(doc["event"])):
            if len(given) == AT_ONCE:
                break
            given.append(doc)
        cursor = row.id
    return given, cursor
