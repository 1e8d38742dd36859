"""Reading into memory what deciding needs: the only part of intake that fills it.

Law: whatever a batch is judged by is in memory before it is decided. What nothing is stored of is known to be
absent without asking. Events may be malformed: what they name is looked for only where it is a name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from server.accounts.directory import Directory
from server.cases.canonical import seal
from server.documents import reading
from server.documents.ids import event_parts, key_of, record_of, records_of, report_id
from server.documents.ids import subject_of as subject_of_id
from server.documents.shapes import Record
from server.evidence.blob import blob
from server.intake.judging import held
from server.intake.judging.judge import subject_of
from server.intake.judging.receipt import Raw, has_id, point_of
from server.intake.memory.casefile import CaseFile
from server.intake.memory.memory import Memory
from server.intake.reading import needs
from server.store import epoch
from server.store.databases import Databases
from server.store.scan import scan, scan_ids

#: Records of one report read at once: all of nearly every report there is.
_RECORDS = 2_000


class Reader:
    """Of one memory."""

    def __init__(self, databases: Databases, directory: Directory, memory: Memory) -> None:
        self._cases = databases.cases
        self._evidence = databases.evidence
        self._directory = directory
        self._memory = memory

    async def begin(self) -> None:
        """What must be known before the first receipt: what was redacted, waits, or was lost in a restore."""
        memory = self._memory
        memory.redacted = {(doc := row.read())["event"]: doc async for row in scan(self._cases, "redacted:")}
        memory.lost = await epoch.lost(self._cases)
        async for row in scan(self._cases, "quarantine:"):
            memory.waiting.note(reading.trouble(row.body))
        for kind in held.KINDS:
            async for doc_id in scan_ids(self._cases, f"{kind}:"):
                own, _, beside = key_of(doc_id).partition(":")
                if beside:
                    memory.shared.add(own)

    async def incidents(self) -> None:
        """The incidents there are, where that is not known."""
        memory = self._memory
        if memory.incidents_known:
            return
        rows = scan(self._cases, "incident:")
        found = {row.id.removeprefix("incident:"): reading.incident(row.body) async for row in rows}
        memory.incidents.clear()
        memory.incidents |= found
        memory.incidents_known = True

    async def prepare(self, receipts: Sequence[Raw]) -> None:
        """All that deciding these receipts needs."""
        memory = self._memory
        await self.incidents()
        events = [receipt["event"] for receipt in receipts if has_id(receipt)]
        await self._blobs(events)
        subjects = list(dict.fromkeys(subject_of(event) for event in events))
        unknown = [subject for subject in subjects if memory.files.get(subject) is None]
        devices = {d for e in events if isinstance(d := e.get("device"), str)}
        devices |= {d for r in receipts if isinstance(d := r["session"].get("device"), str)}
        new_devices = memory.chains.unknown(devices)
        ids = [report_id(subject) for subject in unknown] + [f"chain:{device}" for device in new_devices]
        for event in events:
            _, own = event_parts(event["_id"])
            ids += [record_of(event["_id"]), f"refusal:{own}", f"quarantine:{own}"]
            if own in memory.shared:
                ids += held.places(event, seal(event))
        memory.known = await self._cases.get_many(list(dict.fromkeys(ids)))
        known: dict[str, Any] = memory.known
        for device in new_devices:
            memory.chains.take(device, known.get(f"chain:{device}"))
        # A report's capture is its first record: where neither is stored, nothing is.
        captures = {subject_of(e): e["_id"] for e in events if e.get("kind") == "captured"}
        absent = frozenset(
            subject
            for subject in unknown
            if subject in captures
            and report_id(subject) not in known
            and record_of(captures[subject]) not in known
        )
        await self.files(unknown, absent=absent)
        gapped = [event for device in devices for _, event in memory.chains.stored[device]["gapped"]]
        await self.files([*needs.referenced(memory.files, events), *map(subject_of_id, gapped)])
        await self._refusals(events)
        memory.world.territory.look_ahead([point for event in events if (point := point_of(event))])
        for device in devices:
            if self._directory.device(device) is None:
                await self._directory.find(f"device:{device}")

    async def files(self, subjects: Iterable[str], *, absent: frozenset[str] = frozenset()) -> None:
        """The case files of ``subjects``; of those in ``absent`` nothing is stored, it is known."""
        files = self._memory.files
        missing = [subject for subject in dict.fromkeys(subjects) if subject not in files]
        for subject in missing:
            if subject in absent:
                files.put(CaseFile(subject))
        await asyncio.gather(*(self._file(subject) for subject in missing if subject not in absent))

    async def chains(self, devices: Iterable[str]) -> None:
        """The chains of these devices."""
        missing = self._memory.chains.unknown(devices)
        if missing:
            found: dict[str, Any] = await self._cases.get_many([f"chain:{device}" for device in missing])
            for device in missing:
                self._memory.chains.take(device, found.get(f"chain:{device}"))

    async def _file(self, subject: str) -> None:
        records, stored = await asyncio.gather(
            self._records(subject), self._cases.get_many([report_id(subject)])
        )
        report: Any = stored.get(report_id(subject))
        self._memory.files.put(CaseFile(subject, records, report))

    async def _records(self, subject: str) -> list[Record]:
        return [
            reading.record(row.body) async for row in scan(self._cases, records_of(subject), page=_RECORDS)
        ]

    async def _refusals(self, events: list[Raw]) -> None:
        """Whether what an event names as seen, and is no record, was refused: it does not wait for that."""
        memory = self._memory
        named = {f"refusal:{seen[-36:]}" for seen in needs.bases(memory.files, events)}
        if missing := sorted(named - memory.known.keys()):
            memory.known |= await self._cases.get_many(missing)

    async def _blobs(self, events: list[Raw]) -> None:
        """Photos that came before the event that declares them may have been judged already."""
        listed = [photo for event in events for photo in _list(event.get("photos"))]
        named = [photo.get("sha256") for photo in listed if isinstance(photo, dict)]
        ids = [f"blob:{sha256}" for sha256 in named if isinstance(sha256, str)]
        found = await self._evidence.get_many(list(dict.fromkeys(ids))) if ids else {}
        self._memory.blobs = {doc["sha256"]: blob(doc) for doc in found.values()}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
