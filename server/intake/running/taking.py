"""Taking receipts in: read for, decided and written, and then what they set free.

Law: what waited for something a draft brought, or refused, is judged next, to any depth. An event that ends
the process or meets a defect three times is put aside, and the line moves on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence

from server.accounts.directory import Directory
from server.documents.shapes import Record, Report
from server.intake.deciding.decider import complete, decide
from server.intake.deciding.draft import Draft
from server.intake.judging.receipt import Raw, has_id, in_turn, key_of
from server.intake.writing import erasure
from server.intake.writing.attempts import DEFECTS, FAILURES
from server.intake.writing.checkpoint import Recent
from server.intake.writing.line import Line
from sync.errors import EngineError

#: Receipts that waited and are judged at once: a phone may have sent any number before its report came.
_RELEASED = 256


class Taking:
    """Of one line."""

    def __init__(self, line: Line, directory: Directory) -> None:
        self._line = line
        self._directory = directory
        #: The receipt that is being judged, as ``key_of`` names it.
        self._judged = ""

    async def process(self, receipts: Sequence[Raw]) -> list[Report]:
        """Take these receipts in, whole; gives the reports that changed."""
        changed: list[Report] = []
        turns = deque([in_turn(receipts)])
        while turns:
            taken = turns.popleft()
            if self._line.attempts.one_by_one and len(taken) > 1:
                turns.extendleft([receipt] for receipt in reversed(taken))
                continue
            draft, reports = await self._take(taken)
            changed += reports
            # What comes free may free more, to any depth: it is a queue, never a call within a call.
            turns.extend(await self._freed(draft))
        return changed

    async def _take(self, receipts: Sequence[Raw]) -> tuple[Draft, list[Report]]:
        line = self._line
        keys = [key_of(receipt) for receipt in receipts]
        line.attempts.begin(keys)
        try:
            draft = await self._decide(receipts, keys)
            line.attempts.judged()
            changed = await line.commit(draft)
            for receipt, members in draft.erase:
                await erasure.mask_receipts(line.databases.inbox, [receipt], members)
            if draft.erase:
                await line.databases.inbox.compact()
        except (EngineError, asyncio.CancelledError):
            line.attempts.idle()
            raise
        line.attempts.passed(keys)
        return draft, changed

    async def _decide(self, receipts: Sequence[Raw], keys: list[str]) -> Draft:
        line = self._line
        while True:
            await line.reader.prepare(receipts)
            line.memory.given_up = line.attempts.given_up(keys)
            try:
                return decide(line.memory, self._marked(receipts), line.now())
            except DEFECTS as defect:
                # Nothing was written, and nothing in memory changed. The third time it is put aside.
                line.attempts.failed(self._judged, f"{type(defect).__name__}: {defect}"[:300])

    def _marked(self, receipts: Sequence[Raw]) -> Iterator[Raw]:
        """Each of them, known to be the one in flight."""
        for receipt in receipts:
            self._judged = key_of(receipt)
            self._line.attempts.judging(self._judged)
            yield receipt

    # -- what a run before left -----------------------------------------------------------------------------

    async def complete(self, recent: Recent) -> None:
        """What the run before wrote into ``cases`` and may not have brought to its end.

        The inbox tells most of it again, but neither what had waited for its report nor what the clock
        or an office asked for.
        """
        line, records = self._line, recent.records
        alone = line.attempts.one_by_one
        for group in [[record] for record in records] if alone else [records] * bool(records):
            await self._complete_records(group)
        # What was refused or held is met again; whom it concerned is told, and the desk's list made anew.
        met = {doc["receipt"] for doc in recent.troubles.values() if doc is not None}
        for turn in await self._held(sorted(met)):
            await self.process(turn)
        if recent.troubles or recent.devices:
            await line.reader.chains(recent.devices)
            draft = line.draft()
            draft.troubles |= recent.troubles.keys()
            for device in recent.devices:
                draft.chain(device)
            await line.commit(draft)

    async def _complete_records(self, records: list[Record]) -> None:
        line = self._line
        receipts = [_as_receipt(record) for record in records if "event" in record]
        line.attempts.begin([_key_of_record(record) for record in records])
        try:
            await line.reader.prepare(receipts)
            await line.reader.files(record["report"] for record in records)
            draft = line.draft()
            for record in records:
                if line.attempts.judging(_key_of_record(record)) < FAILURES:
                    complete(draft, record)
            line.attempts.judged()
            await line.commit(draft)
        except (EngineError, asyncio.CancelledError):
            line.attempts.idle()
            raise
        line.attempts.idle()

    # -- what waited ----------------------------------------------------------------------------------------

    async def _freed(self, draft: Draft) -> list[list[Raw]]:
        """What waited for something that this draft brought, or that it refused: then it waits in vain."""
        waiting = self._line.memory.waiting
        if not waiting:
            return []
        there = {("report_unknown", key) for key, file in draft.touched.items() if file.report is not None}
        there |= {("incident_unknown", key) for key in draft.incidents if key in self._line.memory.incidents}
        there |= {("basis_unknown", event) for _, event, _ in draft.accepted}
        there |= {("basis_unknown", event) for event in draft.declined}
        for doc in draft.truth.values():
            if "event" in doc and doc["_id"].startswith("record:"):
                there.add(("basis_unknown", doc["event"]["_id"]))
        return await self._held(waiting.take(there))

    async def _held(self, receipts: list[str]) -> list[list[Raw]]:
        turns: list[list[Raw]] = []
        for first in range(0, len(receipts), _RELEASED):
            found = await self._line.databases.inbox.get_many(receipts[first : first + _RELEASED])
            turns.append(in_turn([found[key] for key in sorted(found) if has_id(found[key])]))
        return [turn for turn in turns if turn]

    async def take_known_devices(self) -> bool:
        """Judge what came from devices that are enrolled only now; whether there was anything."""
        waiting = self._line.memory.waiting
        devices = waiting.things("event_device_unknown") if waiting else ()
        known = {("event_device_unknown", device) for device in devices if self._directory.device(device)}
        turns = await self._held(waiting.take(known)) if known else []
        for turn in turns:
            await self.process(turn)
        return bool(turns)


def _as_receipt(record: Record) -> Raw:
    return {"event": record["event"], "session": {"device": record["event"].get("device")}}


def _key_of_record(record: Record) -> str:
    """As ``key_of`` the receipt of its event; a fact of the server's own is counted with its report."""
    return str(record["event"]["_id"][-36:] if "event" in record else record["report"])
