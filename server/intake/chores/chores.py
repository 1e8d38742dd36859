"""What intake does besides receipts: verdicts of photos, what the clock asks for, what offices request.

Law: each chore is a draft of its own in the same line, and may be repeated like any other. A request is
taken in its turn of the inbox, so the checkpoint covers it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import orjson
import structlog

from server.accounts.directory import Directory
from server.cases.validation import reasons
from server.clock import Clock
from server.delivery.plan import Changes
from server.delivery.upkeep import Upkeep
from server.documents import reading
from server.documents.ids import subject_of
from server.documents.shapes import Fact, RedactionFact, Report, Request, ReviewedFact
from server.evidence.blob import Blob, blob
from server.intake.chores.positions import Positions
from server.intake.chores.requests import REQUEST
from server.intake.chores.timers import Timers
from server.intake.chores.troubled import Troubled
from server.intake.deciding import photos
from server.intake.judging.outcome import Quarantined, request_document
from server.intake.judging.receipt import Raw
from server.intake.writing import erasure
from server.intake.writing.attempts import DEFECTS, FAILURES
from server.intake.writing.line import Line
from server.persons.erasing import forget
from sync.errors import EngineError, NotFound
from sync.interface import ChangesQuery

log = structlog.get_logger("manzana.intake")

_PAGE = 200

#: The name under which the ageing of positions is counted where it fails.
_POSITIONS = "positions"


class Chores:
    """Does them; ``intake`` decides when."""

    def __init__(
        self,
        line: Line,
        certain: Clock,
        directory: Directory,
        timers: Timers,
        upkeep: Upkeep,
        troubled: Troubled,
        poke: Callable[[], None],
    ) -> None:
        self._line = line
        self._certain = certain
        self._directory = directory
        self._timers = timers
        self._upkeep = upkeep
        self._troubled = troubled
        self._positions = Positions(line, certain, poke)

    # -- photos -------------------------------------------------------------------------------------------

    async def take_verdicts(self) -> bool:
        """Follow ``evidence``: a judged photo becomes a fact of its reports. Whether there was anything."""
        line = self._line
        query = ChangesQuery(since=line.checkpoint.evidence, limit=_PAGE, include_docs=True)
        page = await line.databases.evidence.changes(query)
        docs = [orjson.loads(row.doc) for row in page.rows if row.doc is not None and not row.deleted]
        blobs = [blob(doc) for doc in docs if doc["_id"].startswith("blob:")]
        judged = {
            f"photo:{found['sha256']}": found for found in blobs if found.get("verdict") in photos.JUDGED
        }
        await self._each(list(judged), lambda keys: self._record_verdicts([judged[key] for key in keys]))
        line.checkpoint = replace(line.checkpoint, evidence=page.last_seq)
        return bool(page.rows)

    async def _record_verdicts(self, judged: list[Blob]) -> None:
        line = self._line
        subjects = {subject for found in judged for subject in photos.subjects_of(found)}
        devices = {d["device"] for found in judged for d in found.get("deliveries") or ()}
        known = {device for device in devices if self._directory.device(device) is not None}
        await line.reader.files(subjects)
        await line.reader.chains(known)
        draft = line.draft()
        for found in judged:
            for subject in sorted(photos.subjects_of(found)):
                file = draft.open(subject)
                if file is not None:
                    photos.record_verdict(file, found, draft)
            photos.tell_devices(found, draft, known)
        await line.commit(draft)

    # -- the clock ----------------------------------------------------------------------------------------

    async def keep_time(self) -> bool:
        """Do what is due by the clock; whether anything was."""
        now, sure = self._line.clock.now(), self._certain.now()
        before = self._line.checkpoint.admission
        reports = [f"report:{report}" for report in self._timers.reports_due(now, sure)]

        async def work(keys: list[str]) -> None:
            draft = self._line.draft()
            await self._timers.due(now, sure, draft, [key.removeprefix("report:") for key in keys])
            if draft.truth:
                await self._line.commit(draft)

        await self._each(reports, work)
        return self._line.checkpoint.admission > before

    async def age_positions(self) -> bool:
        """A step of taking out workers' positions that are too old; whether there may be another."""
        if not self._troubled.willing(_POSITIONS) or not await self._positions.due():
            return False
        more = False

        async def work(_: list[str]) -> None:
            nonlocal more
            more = await self._positions.step()

        await self._each([_POSITIONS], work)
        return more

    async def rest(self) -> bool:
        """Wait for what goes on beside the line; whether there was anything."""
        return await self._positions.rest()

    def abandon(self) -> None:
        """Let go of what goes on beside the line."""
        self._positions.abandon()

    # -- what may fail --------------------------------------------------------------------------------------

    async def _each(self, keys: list[str], work: Callable[[list[str]], Awaitable[None]]) -> None:
        """``work`` over all of them at once; one by one where any of them failed before."""
        willing = [key for key in keys if self._troubled.willing(key)]
        alone = any(self._troubled.suspect(key) for key in willing)
        for group in [[key] for key in willing] if alone else [willing] * bool(willing):
            self._troubled.begin(group)
            try:
                await work(group)
            except (EngineError, asyncio.CancelledError):
                self._troubled.idle(group)
                raise
            except DEFECTS as defect:
                self._line.forget()
                self._troubled.failed(group, f"{type(defect).__name__}: {defect}"[:300])
                await self._each(group, work)
            else:
                self._troubled.done(group)

    # -- requests -----------------------------------------------------------------------------------------

    async def take_request(self, request: Raw) -> None:
        """Do what an office asked; what cannot be done is put aside and listed, and the line moves on."""
        line, key = self._line, request["_id"][-36:]
        if found := reasons(REQUEST, request):
            await self._put_aside(request, Quarantined("request_invalid", "; ".join(found)))
            return
        line.attempts.begin([key])
        ends = line.attempts.judging(key)
        if ends >= FAILURES:
            await self._put_aside(request, Quarantined("event_failed", f"{ends} processes ended over it"))
        else:
            await self._try(reading.request(request), key)
        line.attempts.passed([key])

    async def _try(self, request: Request, key: str) -> None:
        while True:
            try:
                await self.do(request)
            except (EngineError, asyncio.CancelledError):
                self._line.attempts.idle()
                raise
            except DEFECTS as defect:
                self._line.forget()
                if self._line.attempts.failed(key) >= FAILURES:
                    trouble = Quarantined("event_failed", f"{type(defect).__name__}: {defect}"[:300])
                    await self._put_aside(request, trouble)
                    return
            else:
                await self._lift(request)
                return

    async def _put_aside(self, request: Raw, trouble: Quarantined) -> None:
        draft = self._line.draft()
        doc = request_document(trouble, request, draft.now)
        found = await self._line.databases.cases.get_many([doc["_id"]])
        stored = found.get(doc["_id"])
        if stored is not None and (stored["code"], stored["reason"]) == (doc["code"], doc["reason"]):
            return
        log.error("request put aside", request=request["_id"], asked=doc["kind"], reason=doc["reason"])
        draft.truth[doc["_id"]] = {**doc, "_rev": stored["_rev"]} if stored else doc
        draft.troubles.add(doc["_id"])
        draft.quarantined += 1
        await self._line.commit(draft)

    async def _lift(self, request: Request) -> None:
        """A request that was put aside before and is done now is no longer listed."""
        if "retry" not in request:
            return
        name = f"quarantine:{request['retry_of']}" if "retry_of" in request else None
        stored = await self._line.databases.cases.get_many([name] if name else [])
        if name in stored:
            draft = self._line.draft()
            draft.truth[name] = {"_id": name, "_rev": stored[name]["_rev"], "_deleted": True}
            draft.troubles.add(name)
            await self._line.commit(draft)

    async def do(self, request: Request) -> None:
        """Do what an office asked (a valid ``request.v1``). Raises whatever a defect raises."""
        wanted = request["wanted"]
        match wanted["do"]:
            case "review":
                fact: ReviewedFact = {"kind": "reviewed", "flags": wanted["flags"], "by": request["by"]}
                await self._fact(wanted["report"], f"reviewed:{request['_id']}", fact)
            case "redact_event":
                redaction: RedactionFact = {
                    "kind": "redaction",
                    "event": wanted["event"],
                    "members": list(wanted["members"]),
                    "reason": wanted["reason"],
                    "by": request["by"],
                }
                subject = subject_of(wanted["event"])
                reports = await self._fact(subject, f"redaction:{request['_id']}", redaction)
                await self._erase_event(subject, wanted["event"], redaction["members"], request["at"])
                await self._erase(reports)
            case "redact_citizen":
                await self._redact_citizen(wanted["citizen"], request["at"])
            case "rectify_citizen":
                # The content stands beside the document already: the copies that show it are made anew.
                named = await self._naming(wanted["citizen"])
                await self._line.delivery.reports(Changes(named))
            case "rebuild":
                for account in self._line.delivery.owners():
                    await self._upkeep.regenerate(account)

    async def _fact(self, subject: str, key: str, fact: Fact) -> list[Report]:
        line = self._line
        await line.reader.files([subject])
        draft = line.draft()
        file = draft.open(subject)
        if file is None or not file.records:
            return []
        draft.touched[subject] = file
        draft.fact(file, key, fact, at=draft.now, month=draft.month, flags=[])
        if subject in line.delivery.incidents:
            draft.incidents.add(subject)
        return await line.commit(draft)

    async def _naming(self, citizen: str) -> list[Report]:
        return [r async for r in self._line.delivery.stored_reports() if _names_citizen(r, citizen)]

    async def _redact_citizen(self, citizen: str, at: str) -> None:
        citizens = self._line.databases.citizens
        try:
            doc = await citizens.get(citizen)
        except NotFound:
            return
        if "redacted_at" not in doc:
            await citizens.put({**doc, "content": {}, "salt": "0" * 32, "redacted_at": at})
        await forget(self._line.databases, citizen, at)
        await citizens.compact()
        named = await self._naming(citizen)
        await self._line.delivery.reports(Changes(named))
        await self._erase(named)

    async def _erase_event(self, subject: str, event: str, members: list[str], at: str) -> None:
        line = self._line
        gone = await erasure.erase_event(line.databases, event, members, at)
        line.memory.files.drop(subject)  # it holds the words still
        await self._erase_proposal(subject, members)
        if gone is not None:
            line.memory.redacted[event] = gone
        await line.databases.inbox.compact()

    async def _erase_proposal(self, subject: str, members: list[str]) -> None:
        """The registry's copy of a proposal from the field, where the subject is one."""
        registry = self._line.databases.registry
        name = f"proposal:{subject}"
        stored = (await registry.get_many([name])).get(name)
        if stored is not None:
            masked = stored | dict.fromkeys({"text", "citizen"}.intersection(members))
            if masked != stored:
                await registry.put(masked)
            await registry.compact()

    async def _erase(self, reports: list[Report]) -> None:
        """Leave nothing of earlier copies: new generations where they are, compacted where they were."""
        delivery = self._line.delivery
        holders: set[str] = set()
        for report in reports:
            entry = delivery.index.entries.get(report["_id"].removeprefix("report:"))
            holders |= delivery.holders.audience(entry.keys).keys() if entry else set()
        for account in delivery.owners():
            if account.id in holders:
                await self._upkeep.regenerate(account)
            else:
                await (await delivery.mailboxes.database(account.id)).compact()
        await self._line.databases.cases.compact()


def _names_citizen(report: Report, citizen: str) -> bool:
    return report["citizen"] == citizen or any(
        entry["payload"].get("citizen") == citizen for entry in report["timeline"]
    )
