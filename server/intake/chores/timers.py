"""What falls due by the clock: emergencies nobody takes, crews that left for risk, photos that never came.

Law: nothing is remembered here that the reports do not say; after a restart the same things are due. The
operator's hook is called beside the line of work, which never waits for it; only its result is recorded
in line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx2

from server.cases.deadlines import month_of
from server.documents.shapes import EscalatedFact, Report
from server.instants import say
from server.intake.chores import alarm
from server.intake.chores.troubled import Troubled
from server.intake.deciding import photos
from server.intake.deciding.draft import Draft
from server.intake.memory.memory import Memory
from server.intake.reading.reader import Reader

#: Calls the operator's hook with a message; gives what came of it, a word or a status.
Hook = Callable[[dict[str, Any]], Awaitable[str]]

#: What a call came to that ended the process three times: it is not made again, and the record says so.
ENDED = "process_ended"

#: Seconds the hook may take.
PATIENCE = 10.0


def webhook(url: str) -> Hook:
    """POSTs the message as JSON; every failure is an answer too, never an error."""

    async def call(message: dict[str, Any]) -> str:
        try:
            async with httpx2.AsyncClient(timeout=PATIENCE) as client:
                return str((await client.post(url, json=message)).status_code)
        except httpx2.HTTPError as error:
            return type(error).__name__

    return call


class Timers:
    """``note`` every report as it is now; ``due`` drafts what the clock asks for."""

    def __init__(
        self,
        memory: Memory,
        reader: Reader,
        hook: Hook | None,
        poke: Callable[[], None],
        troubled: Troubled,
    ) -> None:
        self._memory = memory
        self._world = memory.world
        self._reader = reader
        self._hook = hook
        self._poke = poke
        self._troubled = troubled
        #: Untaken emergencies, with the number and instant of their next telling.
        self._alarms: dict[str, tuple[int, datetime]] = {}
        #: Reports with photos that have not come, and the earliest instant one of them is late.
        self._photos: dict[str, str] = {}
        self._told: list[tuple[str, int, str, datetime]] = []
        self._calling: dict[tuple[str, int], asyncio.Task[None]] = {}

    def note(self, report: Report) -> None:
        """Take in a report as it is now."""
        report_id = report["_id"].removeprefix("report:")
        following = alarm.next_telling(report) if self._hook is not None else None
        if following is None:
            self._alarms.pop(report_id, None)
        else:
            self._alarms[report_id] = following
        pending = [at for at, *_ in self._awaited(report)]
        if pending:
            self._photos[report_id] = min(pending)
        else:
            self._photos.pop(report_id, None)

    def _awaited(self, report: Report) -> list[tuple[str, str, str]]:
        far = "9999"
        found = set(photos.missing(report, far))
        items = report["evidence"]
        return [
            (item["at"], item["sha256"], item["event"])
            for item in items
            if (item["sha256"], item["event"]) in found
        ]

    def reports_due(self, now: datetime, sure: datetime) -> list[str]:
        """The reports for which ``due`` would find anything.

        Photos grow late by the instant that is ``sure``; an emergency never waits for the clock to be so.
        """
        late = self._late_before(sure)
        found = {report for report, at in self._photos.items() if at < late}
        found |= {report for report, *_ in self._told}
        found |= {
            report
            for report, (number, at) in self._alarms.items()
            if at <= now and (report, number) not in self._calling
        }
        return sorted(found)

    def _late_before(self, now: datetime) -> str:
        return say(now - timedelta(days=self._world.settings["evidence_flag_days"]))

    async def due(self, now: datetime, sure: datetime, draft: Draft, reports: list[str]) -> None:
        """Of these reports: draft the facts that are due, and call the hook for the emergencies."""
        late, wanted = self._late_before(sure), set(reports)
        waiting = [report for report in reports if self._photos.get(report, late) < late]
        ringing = [
            (report, number)
            for report, (number, at) in self._alarms.items()
            if report in wanted and at <= now and (report, number) not in self._calling
        ]
        told = [entry for entry in self._told if entry[0] in wanted]
        self._told = [entry for entry in self._told if entry[0] not in wanted]
        await self._reader.files(reports)
        for report in waiting:
            self._flag_photos(report, late, now, draft)
        for report, number, answer, at in told:
            self._calling.pop((report, number), None)
            self._record(report, {"kind": "escalated", "attempt": number, "answer": answer}, at, draft)
        for report, number in ringing:
            self._ring(report, number, now)

    def _flag_photos(self, report: str, late: str, now: datetime, draft: Draft) -> None:
        file = draft.open(report)
        if file is None or file.report is None:
            return
        for sha256, event in photos.missing(file.report, late):
            draft.fact(
                file,
                f"photo_missing:{sha256}:{event.rpartition(':')[2]}",
                {"kind": "photo_missing", "sha256": sha256, "event": event},
                at=say(now),
                month=month_of(say(now), self._world.timezone),
                flags=[],
            )

    def _record(self, report: str, fact: EscalatedFact, at: datetime, draft: Draft) -> None:
        file = draft.open(report)
        if file is not None and file.report is not None:
            month = month_of(say(at), self._world.timezone)
            draft.fact(file, f"escalated:{fact['attempt']}", fact, at=say(at), month=month, flags=[])

    def _ring(self, report: str, number: int, now: datetime) -> None:
        file = self._memory.files.get(report)
        stored = file.report if file else None
        if stored is None or self._hook is None or (number == 1 and alarm.is_stale(stored, now)):
            self._alarms.pop(report, None)
            return
        name = kind["name"] if (kind := self._world.types.get(stored["type"])) else None
        message = alarm.message(stored, number, name)
        self._calling[report, number] = asyncio.create_task(self._call(report, number, message, now))

    async def _call(self, report: str, number: int, message: dict[str, Any], at: datetime) -> None:
        assert self._hook is not None
        key = f"call:{report}"
        answer = ENDED
        if self._troubled.willing(key):
            self._troubled.begin([key])
            try:
                answer = await self._hook(message)
            except asyncio.CancelledError:
                self._troubled.idle([key])
                raise
            self._troubled.done([key])
        self._told.append((report, number, answer, at))
        self._poke()

    async def settled(self) -> None:
        """Until no call to the hook is under way."""
        await asyncio.gather(*self._calling.values(), return_exceptions=True)

    async def close(self) -> None:
        """Let go of calls under way: their emergencies are due again after the next start."""
        for task in self._calling.values():
            task.cancel()
        await self.settled()
