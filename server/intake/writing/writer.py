"""Writing what a batch decided: record, report, mailboxes, acknowledgement, in that order.

Law: each step may be repeated, and may be cut short after any of its writes: records are met again as
records, reports compare their version, mailboxes compare their content. ``STEPS`` names the steps in
order; a test stops between any two of them. The mailboxes' step ends with the acknowledgements, which lie
in mailboxes too and which nobody sees before the rest.

Where nothing has to be read in between, the steps go to the engine together (``Outgoing``): the embedded one
then makes them one transaction, which is synced once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from server.cases.folio import definitive
from server.cases.incident import fold_incident
from server.delivery import papers
from server.delivery.acknowledgement import ack_id, acknowledgement
from server.delivery.delivery import Delivery
from server.intake.deciding.batch import Decider
from server.intake.deciding.draft import Draft
from server.intake.deciding.paging import Closed
from server.intake.memory import chain as chains
from server.intake.memory.casefile import CaseFiles
from server.intake.writing.ledger import Ledger
from server.municipality.world import World
from server.store.databases import Databases
from server.store.outgoing import Outgoing, Owner
from sync.errors import StorageFull
from sync.interface import Database

Json = dict[str, Any]

STEPS = ("folios", "records", "reports", "mailboxes")

#: Called with a step's name when it is done: faults are tested by raising from it.
StepHook = Callable[[str], Awaitable[None]]


class Writer:
    """Writes drafts. Only the holder of the intake lock has one."""

    def __init__(
        self,
        databases: Databases,
        world: World,
        files: CaseFiles,
        decider: Decider,
        delivery: Delivery,
        ledger: Ledger,
        hook: StepHook | None = None,
    ) -> None:
        self._databases = databases
        self._cases: Database = databases.cases
        self._world = world
        self._files = files
        self._decider = decider
        self._delivery = delivery
        self._ledger = ledger
        self._hook = hook
        self._shown_troubles: set[str] | None = None

    async def _done(self, step: str) -> None:
        if self._hook is not None:
            await self._hook(step)

    async def write(self, draft: Draft) -> list[Json]:
        """Write a draft whole; gives the reports it changed. Raises the engine's errors."""
        try:
            return await self._write_whole(draft)
        except OSError as error:
            # Like an engine that is full: the inbox waits, and the same numbers are tried again.
            raise StorageFull(f"The folio ledger cannot be written: {error}") from error

    async def _write_whole(self, draft: Draft) -> list[Json]:
        self._number(draft)
        if self._ledger.is_synced:
            return await self._write(draft, Outgoing(self._databases.engine))
        # The disk takes the folios in while copies are made; nothing is written before it has them.
        folios = asyncio.ensure_future(asyncio.to_thread(self._ledger.sync))
        try:
            return await self._write(draft, Outgoing(self._databases.engine, folios))
        finally:
            await asyncio.gather(folios, return_exceptions=True)

    async def _write(self, draft: Draft, out: Outgoing) -> list[Json]:
        stepwise = self._hook is not None
        if stepwise:
            await out.write()
        await self._done("folios")
        out.add(self._cases, list(draft.truth.values()))
        # Proposals come after their records, a desk's list of troubles is read from ``cases``, and what an
        # incident reaches rests on its stored document.
        if stepwise or draft.proposals or draft.troubles or draft.incidents:
            await out.write()
        for report, record in draft.proposals.items():
            await self._propose(report, record)
        await self._done("records")
        self._accept(draft)
        pages = await self._decider.chains.close(draft)
        out.add(self._cases, pages.docs)
        reports = self._add_reports(draft, out)
        if stepwise or draft.incidents:
            await out.write()
        await self._done("reports")
        await self._deliver(draft, reports, pages, out)
        await out.write()
        self._decider.chains.told(draft.chains)
        await self._done("mailboxes")
        return reports

    def _number(self, draft: Draft) -> None:
        """Reserve folios in the ledger, then record them."""
        numbers = self._ledger.reserve(draft.unnumbered)
        prefix = self._world.settings["folio_prefix"]
        for report, number in numbers.items():
            file = self._files.get(report)
            assert file is not None
            at = file.captured_at
            assert at is not None
            folio = definitive(prefix, number)
            fact = {"kind": "folio", "folio": folio}
            draft.fact(file, "folio", fact, at=at, month=draft.month, flags=[])

    async def _propose(self, proposal: str, record: Json) -> None:
        """A proposal of the field, once, for the registry to decide."""
        doc_id = f"proposal:{proposal}"
        if await self._databases.registry.get_many([doc_id]):
            return
        event = record["event"]
        payload = event["payload"]
        await self._databases.registry.put(
            {
                "_id": doc_id,
                "schema": "proposal.v1",
                "block": payload["block"],
                "action": payload["action"],
                "citizen": payload.get("citizen"),
                "text": payload.get("text"),
                "by": event["actor"],
                "at": record["effective_at"],
                "status": "pending",
            }
        )

    def _add_reports(self, draft: Draft, out: Outgoing) -> list[Json]:
        """Reports and incidents as they fold now, and the devices' chains; gives the reports."""
        changed: list[Json] = []
        docs: list[Json] = []
        owners: dict[str, Owner] = {}
        for file in draft.touched.values():
            report = file.report
            if report is None:
                continue
            changed.append(report)
            if report["version"] != file.stored_version:
                docs.append({**report, "_rev": file.rev} if file.rev else report)
                owners[report["_id"]] = file.stored
        for incident in sorted(draft.incidents):
            found = self._files.get(incident)
            folded = fold_incident(found.records.values()) if found else None
            if folded is None:
                continue
            stored = self._delivery.incidents.get(incident)
            if stored is None or stored["version"] != folded["version"]:
                doc = {**folded, "_rev": stored["_rev"]} if stored else folded
                docs.append(doc)
                owners[doc["_id"]] = self._incident_setter(incident, folded)
        for device, chain in draft.chains.items():
            if chain != draft.stored_chains.get(device):
                docs.append(chain)
                owners[chain["_id"]] = self._chain_setter(device, chain)
        out.add(self._cases, docs, owners)
        return changed

    def _incident_setter(self, incident: str, folded: Json) -> Owner:
        def keep(rev: str) -> None:
            self._delivery.incidents[incident] = {**folded, "_rev": rev}

        return keep

    def _chain_setter(self, device: str, chain: Json) -> Owner:
        def keep(rev: str) -> None:
            self._decider.chains.wrote(device, chain, rev)

        return keep

    def _accept(self, draft: Draft) -> None:
        for device, event, record_id in draft.accepted:
            file = self._files.get(record_id.split(":")[1])
            assert file is not None
            record = file.records[record_id]
            folio = file.report["folio"] if file.report else None
            chain = draft.chain(device)
            chains.accept(chain, event, record["admission"], folio, record["event"]["device_seq"])

    async def _deliver(self, draft: Draft, reports: list[Json], pages: Closed, out: Outgoing) -> None:
        others: dict[str, dict[str, Json | None]] = {}
        for device, gone in pages.gone.items():
            lost = others.setdefault(_account(device), {})
            lost |= {ack_id(page): None for page in gone}
        for incident in draft.incidents:
            doc = self._delivery.incidents.get(incident)
            if doc is not None:
                for account in self._delivery.holders.of("civil_protection"):
                    others.setdefault(account, {})[doc["_id"]] = papers.incident_paper(doc)
        if draft.troubles:
            await self._show_troubles(draft, others)
        reached = await self._incident_reports(draft, reports)
        await self._delivery.reports(
            reports + reached,
            fresh=draft.fresh,
            doubtful=draft.doubtful,
            papers_too=others,
            acknowledgements=_acknowledgements(draft, pages),
            ahead=out,
        )

    async def _incident_reports(self, draft: Draft, reports: list[Json]) -> list[Json]:
        """Reports of incidents that opened or closed: whether Protección Civil sees them rests on it."""
        have = {report["_id"] for report in reports}
        ids = {
            f"report:{report}"
            for incident in draft.incidents
            if (doc := self._delivery.incidents.get(incident)) is not None
            for report in doc["reports"]
        }
        missing = sorted(ids - have)
        return list((await self._cases.get_many(missing)).values()) if missing else []

    async def _show_troubles(self, draft: Draft, others: dict[str, dict[str, Json | None]]) -> None:
        listed = await self._delivery.troubles()
        gone = ((self._shown_troubles or set()) | draft.troubles) - listed.keys()
        self._shown_troubles = set(listed)
        for account in self._delivery.holders.of("desk"):
            mine = others.setdefault(account, {})
            mine |= listed
            mine |= dict.fromkeys(gone)


def _account(device: str) -> str:
    return device.rpartition("~")[0]


def _acknowledgements(draft: Draft, pages: Closed) -> dict[str, dict[str, Json]]:
    """By account, the acknowledgement of each device that the draft answers, and the pages it closed."""
    found: dict[str, dict[str, Json]] = {}
    for device, chain in draft.chains.items():
        mine = found.setdefault(_account(device), {})
        for doc in (*pages.told.get(device, ()), chain):
            ack = acknowledgement(doc)
            mine[ack["_id"]] = ack
    return found
