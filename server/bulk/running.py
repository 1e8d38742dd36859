"""Bulk jobs at work: begun, gone on with after a kill, told report by report.

Law BULK-1: a result is written after intake's word, never before; what a kill leaves is asked again, and the
events' ids, given beforehand, make a repetition the same act. A job is done in the name of whoever confirmed
it, and only as long as they may.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from server.accounts.directory import Directory
from server.accounts.model import Account
from server.bulk.job import Item, Result, ended, items_of, own_of, part_id, results_of, with_results
from server.bulk.judging import Refused, payload_for, seen
from server.channels.acts import BY_NAME, Missing
from server.channels.pen import Deed, Pen
from server.channels.word import Word
from server.clock import Clock
from server.documents import reading
from server.documents.ids import event_id, key_of, report_id
from server.documents.shapes import BulkJob, BulkPart
from server.instants import say
from server.municipality.world import scope_of as actor_of
from server.problems import CATALOGUE, Problem
from server.register.scope import scope_of
from server.store.databases import Databases
from server.store.scan import scan
from server.worker import Worker
from sync.errors import Conflict, EngineError, NotFound

log = structlog.get_logger("manzana.bulk")

#: Reports sealed together: their results are written together, and a page that looks sees them.
_TOGETHER = 50
#: Seconds intake is given for fifty acts before the next fifty are begun; the rest is asked again.
_PATIENCE = 20.0
#: Seconds between two looks at jobs that wait for intake.
_AGAIN = 5.0
OUT_OF_POWER = "La cuenta de quien lo pidió ya no puede hacerlo."


class Bulk:
    """``await start()`` before use; ``stop`` at the end. One per process that serves pages."""

    def __init__(
        self,
        databases: Databases,
        directory: Directory,
        pen: Pen,
        clock: Clock,
        zone: Callable[[], Awaitable[ZoneInfo]],
    ) -> None:
        self._databases = databases
        self._directory = directory
        self._pen = pen
        self._clock = clock
        self._zone = zone
        #: Jobs to look at; None until those of an earlier run were looked for.
        self._open: set[str] | None = None
        self._wanted = asyncio.Event()
        self.worker = Worker("bulk", self._rounds)

    async def start(self) -> None:
        """Go on with what an earlier run left."""
        self.worker.start()

    async def stop(self) -> None:
        await self.worker.stop()

    # -- asking ---------------------------------------------------------------------------------------

    async def begin(self, head: BulkJob, parts: Sequence[BulkPart]) -> None:
        """Keep a job and let it begin; one that is kept goes on as it is. Raises the engine's errors."""
        office = self._databases.office
        if head["_id"] not in await office.get_many([head["_id"]]):
            # Parts first, and in one step where the engine has one: a head without them would be no job.
            await office.bulk_docs([*parts, head])
        self._look_at(key_of(head["_id"]))

    async def head(self, job: str) -> BulkJob | None:
        found = await self._databases.office.get_many([f"bulk:{job}"])
        return next(map(reading.bulk_job, found.values()), None)

    async def parts(self, job: str, count: int) -> list[BulkPart]:
        """The job's parts in their order."""
        ids = [part_id(job, number) for number in range(count)]
        found = await self._databases.office.get_many(ids)
        return [reading.bulk_part(found[part]) for part in ids if part in found]

    async def newest(self, limit: int = 100) -> list[BulkJob]:
        """Heads of jobs, newest first."""
        found = scan(self._databases.office, "bulk:", backwards=True, most=limit)
        return [reading.bulk_job(one.body) async for one in found]

    async def end(self, job: str) -> None:
        """Stop a job: what is done is done, what is not is left."""
        await self._change(job, lambda head: ended(head, "stopped", say(self._clock.now())))

    async def adopt(self, job: str) -> None:
        """Go on here with a job that another installation began and does not go on with."""
        installation = await self._pen.installation()
        await self._change(job, lambda head: {**head, "installation": installation})
        self._look_at(job)

    async def mine(self, head: BulkJob) -> bool:
        """Whether this installation is the one that goes on with a job."""
        return bool(head["installation"] == await self._pen.installation())

    # -- working --------------------------------------------------------------------------------------

    def _look_at(self, job: str) -> None:
        if self._open is not None:
            self._open.add(job)
        self._wanted.set()

    async def _rounds(self) -> None:
        while True:
            self._wanted.clear()
            try:
                waits = await self.run()
            except (EngineError, Problem) as error:
                log.warning("bulk_waits", error=str(error))
                waits = True
            try:
                await asyncio.wait_for(self._wanted.wait(), _AGAIN if waits else None)
            except TimeoutError:
                continue

    async def run(self, patience: float = _PATIENCE) -> bool:
        """Go on with every job that is open here; True where one waits for intake's word."""
        if self._open is None:
            heads = await self.newest(10_000)
            self._open = {key_of(head["_id"]) for head in heads if head["state"] == "running"}
        for job in sorted(self._open):
            if await self._run(job, patience):
                self._open.discard(job)
        return bool(self._open)

    async def _run(self, job: str, patience: float) -> bool:
        """True where there is nothing more to do for it here."""
        head = await self._current(job)
        if head is None:
            return True
        for number in range(head["parts"]):
            (held,) = (await self._databases.office.get_many([part_id(job, number)])).values()
            part = reading.bulk_part(held)
            while todo := _next(results_of(part), items_of(part)):
                if await self._current(job) is None:
                    return True
                became = await self._together(head, job, part, todo, patience)
                results = [became.get(place, result) for place, result in enumerate(results_of(part))]
                if results != results_of(part):
                    part = await self._put(with_results(part, results))
                if not all(result.final for result in became.values()):
                    # Intake is behind, or away: no more is put before it.
                    return False
        await self._change(job, lambda doc: ended(doc, "done", say(self._clock.now())))
        return True

    async def _current(self, job: str) -> BulkJob | None:
        """The job's head where it is to go on here."""
        head = await self.head(job)
        return head if head and head["state"] == "running" and await self.mine(head) else None

    async def _together(
        self, head: BulkJob, job: str, part: BulkPart, places: list[int], patience: float
    ) -> dict[int, Result]:
        """Do these reports of a part; what became of each."""
        items = items_of(part)
        account = self._directory.account(head["by"])
        today = self._clock.now().astimezone(await self._zone()).date().isoformat()
        events = {place: self._event(job, head["at"], items[place]) for place in places}
        device = await self._pen.device(head["by"])
        words = await self._pen.words(device, list(events.values()))
        kept = await self._pen.kept(list(events.values()))
        found: dict[int, Result] = {}
        fresh = []
        for place, event in events.items():
            if words[event].state != "waiting" or event in kept:
                found[place] = _result(words[event])
            else:
                fresh.append(place)
        if fresh and (account is None or not account.supervisor or not account.in_office(today)):
            return found | dict.fromkeys(fresh, Result("refused", OUT_OF_POWER))
        if fresh:
            assert account is not None
            deeds, refused = await self._deeds(head, account, today, {n: items[n] for n in fresh}, events)
            done = await self._pen.act_all(account, list(deeds.values()), patience=patience) if deeds else {}
            found |= refused | {place: _result(done[events[place]]) for place in deeds}
        waiting = {place: events[place] for place, result in found.items() if not result.final}
        if waiting:
            words = await self._pen.words(device, list(waiting.values()), patience)
            found |= {place: _result(words[event]) for place, event in waiting.items()}
        return found

    async def _deeds(
        self, head: BulkJob, account: Account, today: str, items: dict[int, Item], events: dict[int, str]
    ) -> tuple[dict[int, Deed], dict[int, Result]]:
        """What is to be done to these, and what is not and why."""
        reports = await self._databases.cases.get_many([report_id(item.report) for item in items.values()])
        kinds = sorted({f"type:{doc['type']}" for doc in reports.values()})
        types = await self._databases.reference.get_many(kinds)
        act, actor, scope = BY_NAME[head["act"]], actor_of(account, today), scope_of(account, today)
        deeds: dict[int, Deed] = {}
        refused: dict[int, Result] = {}
        for place, item in items.items():
            held = reports.get(report_id(item.report))
            report = reading.report(held) if held else None
            stored = types.get(f"type:{report['type']}") if report else None
            kind = reading.petition_type(stored) if stored else None
            try:
                payload = payload_for(act, head["form"], actor, scope, item, report, kind)
            except (Refused, Missing) as why:
                refused[place] = Result("refused", why.sentence)
                continue
            assert report is not None
            own = events[place].rpartition(":")[2]
            deeds[place] = Deed(act.kind, item.report, payload, own, seen(item, report))
        return deeds, refused

    def _event(self, job: str, at: str, item: Item) -> str:
        return event_id(item.report, own_of(job, at, item.report))

    async def _put(self, part: BulkPart) -> BulkPart:
        """The part as it is stored. Another process of this installation may have been quicker: its results
        are of the same events, so they are as good.
        """
        try:
            rev = await self._databases.office.put(part)
        except Conflict:
            return reading.bulk_part((await self._databases.office.get_many([part["_id"]]))[part["_id"]])
        return {**part, "_rev": rev}

    async def _change(self, job: str, change: Any) -> None:
        """Change a running job's head; one that has ended stays as it is."""
        while True:
            head = await self.head(job)
            if head is None:
                raise NotFound(f"bulk:{job}")
            if head["state"] != "running":
                return
            try:
                await self._databases.office.put(change(head))
                return
            except Conflict:
                continue


def _next(results: Sequence[Result | None], items: Sequence[Item]) -> list[int]:
    """The next places of a part that lack a final result."""
    open_ = [place for place in range(len(items)) if (result := results[place]) is None or not result.final]
    return open_[:_TOGETHER]


def _result(word: Word) -> Result:
    match word.state:
        case "admitted":
            return Result("done")
        case "waiting":
            return Result("waiting")
        case "quarantined":
            return Result("refused", "Espera revisión de la mesa: véalo en Cuarentena.")
    known = CATALOGUE.get(word.code or "")
    return Result("refused", (known.message if known else word.message) or "No corresponde.")
