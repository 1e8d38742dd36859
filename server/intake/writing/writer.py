"""Writing what a batch decided: record, report, mailboxes, acknowledgement, in that order.

Law: each step may be repeated, and may be cut short after any of its writes: records are met again as
records, reports compare their version, mailboxes compare their content. The mailboxes' step ends with the
acknowledgements, which lie in mailboxes too and which nobody sees before the rest.

All that has to be read is read before anything is written, so every batch goes to the engine in one piece
(``Outgoing``): the embedded one makes it one transaction, which is synced once.
"""

from __future__ import annotations

import asyncio
from functools import partial

from server.cases.incident import fold_incident
from server.delivery import papers
from server.delivery.acknowledgement import ack_id, acknowledgement
from server.delivery.delivery import Delivery
from server.delivery.plan import Changes
from server.documents import reading
from server.documents.ground import Proposal
from server.documents.shapes import Incident, Record, Report
from server.intake.deciding.draft import Draft
from server.intake.deciding.numbering import give_folios, list_admitted
from server.intake.memory.casefile import CaseFile
from server.intake.writing import paging
from server.intake.writing.ledger import Ledger
from server.intake.writing.paging import Closed
from server.store.databases import Databases
from server.store.outgoing import Outgoing, Owner
from sync.errors import StorageFull
from sync.interface import Database, Doc


class Writer:
    """Writes drafts. Only the holder of the intake lock has one."""

    def __init__(self, databases: Databases, delivery: Delivery, ledger: Ledger) -> None:
        self._databases = databases
        self._cases: Database = databases.cases
        self._delivery = delivery
        self._ledger = ledger
        self._shown_troubles: set[str] | None = None

    async def write(self, draft: Draft) -> list[Report]:
        """Write a draft whole; gives the reports it changed. Raises the engine's errors."""
        try:
            return await self._write_whole(draft)
        except OSError as error:
            # Like an engine that is full: the inbox waits, and the same numbers are tried again.
            raise StorageFull(f"The folio ledger cannot be written: {error}") from error

    async def _write_whole(self, draft: Draft) -> list[Report]:
        give_folios(draft, self._ledger.reserve(draft.unnumbered))
        list_admitted(draft)
        if self._ledger.is_synced:
            return await self._write(draft, Outgoing(self._databases.engine))
        # The disk takes the folios in while copies are made; nothing is written before it has them.
        folios = asyncio.ensure_future(asyncio.to_thread(self._ledger.sync))
        try:
            return await self._write(draft, Outgoing(self._databases.engine, folios))
        finally:
            await asyncio.gather(folios, return_exceptions=True)

    async def _write(self, draft: Draft, out: Outgoing) -> list[Report]:
        out.add(self._cases, [doc for doc in draft.truth.values() if not doc.get("_deleted")])
        out.add(self._databases.registry, await self._proposals(draft))
        pages = await paging.close(self._cases, draft)
        out.add(self._cases, pages.docs)
        incidents = self._incidents(draft)
        reports = self._add_reports(draft, incidents, out)
        # Only now: what is held is known by it until it is a record, or refused.
        out.add(self._cases, [doc for doc in draft.truth.values() if doc.get("_deleted")])
        known = draft.memory.incidents
        before = {uuid: known.get(uuid) for uuid in incidents}
        try:
            # Who sees a report rests on the incident as it is now.
            known |= incidents
            await self._deliver(draft, reports, pages, out)
            await out.write()
        except BaseException:
            for uuid, incident in before.items():
                if known[uuid] is incidents[uuid]:  # not written
                    known.pop(uuid)
                    known |= {uuid: incident} if incident is not None else {}
            raise
        draft.memory.chains.told(draft.chains)
        return reports

    async def _proposals(self, draft: Draft) -> list[Proposal]:
        """Proposals of the field, each once, for the registry to decide."""
        if not draft.proposals:
            return []
        made = [_proposal(uuid, record) for uuid, record in draft.proposals.items()]
        there = await self._databases.registry.get_many([doc["_id"] for doc in made])
        return [doc for doc in made if doc["_id"] not in there]

    def _incidents(self, draft: Draft) -> dict[str, Incident]:
        """The incidents that are not as they are stored."""
        changed: dict[str, Incident] = {}
        for uuid in sorted(draft.incidents):
            found = draft.open(uuid)
            folded = fold_incident(found.records.values()) if found else None
            stored = draft.memory.incidents.get(uuid)
            if folded is not None and (stored is None or stored["version"] != folded["version"]):
                changed[uuid] = {**folded, "_rev": stored["_rev"]} if stored else folded
        return changed

    def _add_reports(self, draft: Draft, incidents: dict[str, Incident], out: Outgoing) -> list[Report]:
        """Reports and incidents as they fold now, and the devices' chains; gives the reports."""
        changed: list[Report] = []
        docs: list[Doc] = list(incidents.values())
        owners: dict[str, Owner] = {}
        memory = draft.memory
        for file in draft.touched.values():
            report, stored = file.report, file.stored
            if report is None:
                continue
            changed.append(report)
            if report["version"] != stored.version:
                docs.append({**report, "_rev": stored.rev} if stored.rev else report)
                owners[report["_id"]] = partial(_wrote_report, file, report["version"])
        for uuid, incident in incidents.items():
            owners[incident["_id"]] = partial(_wrote_incident, memory.incidents, uuid, incident)
        for device, chain in draft.chains.items():
            if chain != memory.chains.stored.get(device):
                docs.append(chain)
                owners[chain["_id"]] = partial(memory.chains.wrote, device, chain)
        out.add(self._cases, docs, owners)
        return changed

    async def _deliver(self, draft: Draft, reports: list[Report], pages: Closed, out: Outgoing) -> None:
        others: dict[str, dict[str, Doc | None]] = {}
        for device, gone in pages.gone.items():
            lost = others.setdefault(_account(device), {})
            lost |= {ack_id(page): None for page in gone}
        for incident in draft.incidents:
            doc = draft.memory.incidents.get(incident)
            if doc is not None:
                for account in self._delivery.holders.of("civil_protection"):
                    others.setdefault(account, {})[doc["_id"]] = papers.incident_paper(doc)
        if draft.troubles:
            await self._show_troubles(draft, others)
        reached = await self._incident_reports(draft, reports)
        acknowledgements = _acknowledgements(draft, pages)
        changes = Changes(reports + reached, draft.fresh, draft.doubtful, others, acknowledgements)
        await self._delivery.reports(changes, out)

    async def _incident_reports(self, draft: Draft, reports: list[Report]) -> list[Report]:
        """Reports of incidents that opened or closed: whether Protección Civil sees them rests on it."""
        have = {report["_id"] for report in reports}
        ids = {
            f"report:{report}"
            for incident in draft.incidents
            if (doc := draft.memory.incidents.get(incident)) is not None
            for report in doc["reports"]
        }
        missing = sorted(ids - have)
        found = await self._cases.get_many(missing) if missing else {}
        return [reading.report(doc) for doc in found.values()]

    async def _show_troubles(self, draft: Draft, others: dict[str, dict[str, Doc | None]]) -> None:
        listed = await self._delivery.troubles(
            {doc["_id"]: doc for doc in draft.truth.values() if not doc["_id"].startswith("record:")}
        )
        gone = ((self._shown_troubles or set()) | draft.troubles) - listed.keys()
        self._shown_troubles = set(listed)
        for account in self._delivery.holders.of("desk"):
            mine = others.setdefault(account, {})
            mine |= listed
            mine |= dict.fromkeys(gone)


def _wrote_report(file: CaseFile, version: int, rev: str) -> None:
    file.stored.wrote(rev, version)


def _wrote_incident(known: dict[str, Incident], uuid: str, incident: Incident, rev: str) -> None:
    known[uuid] = {**incident, "_rev": rev}


def _proposal(uuid: str, record: Record) -> Proposal:
    event = record["event"]
    payload = event["payload"]
    return {
        "_id": f"proposal:{uuid}",
        "schema": "proposal.v1",
        "block": payload["block"],
        "action": payload["action"],
        "citizen": payload.get("citizen"),
        "text": payload.get("text"),
        "by": event["actor"],
        "at": record["effective_at"],
        "status": "pending",
    }


def _account(device: str) -> str:
    return device.rpartition("~")[0]


def _acknowledgements(draft: Draft, pages: Closed) -> dict[str, dict[str, Doc]]:
    """By account, the acknowledgement of each device that the draft answers, and the pages it closed."""
    found: dict[str, dict[str, Doc]] = {}
    for device, chain in draft.chains.items():
        mine = found.setdefault(_account(device), {})
        for doc in (*pages.told.get(device, ()), chain):
            ack = acknowledgement(doc)
            mine[ack["_id"]] = ack
    return found
