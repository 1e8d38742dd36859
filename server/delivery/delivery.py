"""Delivery: every mailbox as the truth says it must be.

Law MAILBOX-1: a mailbox is derived. ``wanted`` says what one account's mailbox must hold, from the truth
alone; ``reports`` brings the mailboxes a report concerns to that, and ``account`` brings one mailbox to it
whole. Both give the same content, and doing either twice writes nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from types import MappingProxyType
from typing import Any

from server.accounts.directory import Directory
from server.accounts.model import MAILBOX_ROLES, Account
from server.cases.scope import Scope, View
from server.cases.trim import copy_of, needs_contact
from server.delivery import papers
from server.delivery.acknowledgement import acknowledgement
from server.delivery.crowding import Crowding
from server.delivery.drawings import Drawings
from server.delivery.index import Holders, Kept, ReportIndex, entry_of, keep
from server.delivery.mailbox import Mailboxes
from server.delivery.plan import Changes, Plan, Reached, contacts, plan
from server.documents import reading
from server.documents.ids import chain_id, report_id, uuid_of
from server.documents.shapes import CitizenContent, Incident, Report
from server.documents.trouble import Trouble
from server.feeds.wake import Wake
from server.instants import say
from server.municipality.keys import keys_of
from server.municipality.scopes import Scopes
from server.municipality.world import World
from server.persons.rectifying import contents
from server.store.databases import Databases
from server.store.outgoing import Outgoing
from server.store.scan import scan
from sync.interface import Doc

#: Reports read per page while the index is filled: some 10 MB.
_PAGE = 2_000


class Delivery:
    """``await load()`` before use. Only the one writer may call what writes."""

    def __init__(
        self,
        databases: Databases,
        directory: Directory,
        world: World,
        scopes: Scopes,
        incidents: dict[str, Incident],
        wake: Wake | None = None,
    ) -> None:
        """``wake``: gateways in other processes are told with each write which mailboxes changed."""
        self._databases = databases
        self._directory = directory
        self._world = world
        self._scopes = scopes
        self.incidents = incidents
        self.index = ReportIndex()
        self.holders = Holders()
        self.mailboxes = Mailboxes(databases, wake)
        self.horizon = ""
        #: Mailboxes are left as they are; ``Upkeep.catch_up`` fills them whole.
        self.postponed = False
        self.crowding = Crowding(self)
        #: ``block_leaders`` as long as no account changes.
        self._leaders: dict[str, Account] = {}
        self._drawings = Drawings()

    @property
    def cap(self) -> int:
        return int(self._world.settings["mailbox_cap"])

    # -- filling --------------------------------------------------------------------------------------

    def horizon_of(self, now: datetime) -> str:
        """What was closed before this leaves the mailboxes; whole days, so that it moves once a day."""
        today = datetime.fromisoformat(self._world.today(now)).replace(tzinfo=self._world.timezone)
        return say(today - timedelta(days=self._world.settings["retention_days"]))

    async def load(self, now: datetime, see: Any = None) -> None:
        """Fill the index from the truth. ``see`` is called with each stored report."""
        self.horizon = self.horizon_of(now)
        self.load_accounts()
        async for report in self.stored_reports():
            self.note(report)
            if see is not None:
                see(report)
        self.crowding.load()

    def load_accounts(self) -> set[str]:
        """Take in every account's scope; gives those whose keys changed."""
        changed = set()
        self._leaders = {}
        for name, scope in self._scopes.everyone().items():
            if self.holders.put(name, scope):
                changed.add(name)
        for known in self._directory.accounts():
            self.mailboxes.use(known.id, known.generation)
        return changed

    async def stored_reports(self) -> AsyncIterator[Report]:
        """Every report of ``cases``, in the order of ids."""
        async for row in scan(self._databases.cases, "report:", page=_PAGE):
            yield reading.report(row.body)

    def note(self, report: Report) -> tuple[Mapping[str, View], Mapping[str, View]]:
        """Index a report; gives its keys before and now."""
        keys = keys_of(self._world, report, self.incidents)
        entry = entry_of(report, keys, self.horizon)
        before = self.index.put(uuid_of(report["_id"]), entry)
        return (before.keys if before else {}), entry.keys

    # -- what must be ------------------------------------------------------------------------------------

    def kept(self, account: str) -> Kept:
        """The reports an account's mailbox must hold, with their views."""
        keys = self.holders.keys.get(account, frozenset())
        return keep(self.index.views(keys), self.index.entries, self.cap)

    def held(self, account: str) -> dict[str, Doc]:
        """What tells the owner of a mailbox over its cap that there is more; nothing for any other."""
        total = self.index.count(self.holders.keys.get(account, frozenset()))
        return {"held": papers.held_paper(self.cap, total)} if total > self.cap else {}

    def owners(self) -> list[Account]:
        """The accounts that have a mailbox, by id; leavers keep theirs, for what they must still be told."""
        return [account for account in self._directory.accounts() if account.role in MAILBOX_ROLES]

    async def wanted(self, account: Account) -> dict[str, Doc]:
        """Everything one mailbox must hold, by id, without revisions."""
        docs = await self.papers_of(account)
        kept = self.kept(account.id)
        ids = [report_id(report) for report in kept.views]
        for start in range(0, len(ids), _PAGE):
            found = await self._databases.cases.get_many(ids[start : start + _PAGE])
            pairs = [(reading.report(doc), kept.views[uuid_of(key)]) for key, doc in found.items()]
            docs |= await self._copies(account.id, pairs)
        return docs

    async def papers_of(self, account: Account) -> dict[str, Doc]:
        """Everything of one mailbox that is no report."""
        scope = self._scopes.current(account.id)
        found: list[Doc] = [papers.profile(account, scope, self._world.settings)]
        found += await self._territory_papers(scope)
        found += self.held(account.id).values()
        async for row in scan(self._databases.cases, f"{chain_id(account.id)}~"):
            found.append(acknowledgement(reading.chain(row.body)))
        if scope["in_office"] and scope["role"] in ("civil_protection", "desk"):
            found += [
                papers.colleague_paper(other)
                for other in self._directory.accounts()
                if papers.is_assignable(self._scopes.current(other.id))
            ]
        if scope["in_office"] and scope["role"] == "civil_protection":
            found += [papers.incident_paper(doc) for doc in self.incidents.values() if self.is_current(doc)]
        if scope["in_office"] and scope["role"] == "desk":
            found += (await self.troubles()).values()
        return {doc["_id"]: doc for doc in found}

    async def troubles(self, written: Mapping[str, Trouble] = MappingProxyType({})) -> dict[str, Doc]:
        """The refusals and quarantined events that a desk's mailbox lists, the newest of each.

        ``written``: those about to be written, by id (``_deleted``: taken away), over what is stored.
        """
        found: dict[str, Doc] = {}
        for kind in ("quarantine:", "refusal:"):
            mine = {key: doc for key, doc in written.items() if key.startswith(kind)}
            rows = scan(self._databases.cases, kind, backwards=True, most=_TROUBLES + len(mine))
            docs = {row.id: reading.trouble(row.body) async for row in rows} | mine
            there = (docs[key] for key in sorted(docs, reverse=True) if not docs[key].get("_deleted"))
            found |= {doc["_id"]: papers.trouble_paper(doc) for doc in islice(there, _TROUBLES)}
        return found

    def is_current(self, incident: Incident) -> bool:
        """Open, or closed within the retention."""
        return incident["closed_at"] is None or incident["closed_at"] >= self.horizon

    async def _territory_papers(self, scope: Scope) -> list[Doc]:
        territory = self._world.territory
        sectors = papers.sectors_of(scope, territory.block_docs)
        if not sectors:
            return []
        with_phone = scope["role"] == "sector_leader"
        leaders = self._leaders = self._leaders or self.block_leaders()
        await self._drawings.ready(territory, sectors)
        shown = {block: territory.block_docs[block] for s in sectors for block in territory.blocks_in(s)}
        found: list[Doc] = []
        for block, doc in shown.items():
            drawing, leader = self._drawings.of(block), leaders.get(block)
            found.append(papers.block_paper(block, doc, drawing, leader, with_phone=with_phone))
        if with_phone:
            found += [
                papers.leader_paper(doc)
                for doc in self._world.registry.kind("leader").values()
                if doc.get("sector") in sectors or not shown.keys().isdisjoint(doc.get("blocks") or ())
            ]
        return found

    def block_leaders(self) -> dict[str, Account]:
        """The leader in office of each block (the lower account id where there are two)."""
        found: dict[str, Account] = {}
        for account in reversed(self._directory.accounts()):
            scope = self._scopes.current(account.id)
            if scope["role"] == "block_leader" and scope["in_office"]:
                found |= dict.fromkeys(scope["blocks"], account)
        return found

    async def _copies(self, account: str, pairs: Iterable[tuple[Report, View]]) -> dict[str, Doc]:
        scope = self.holders.scopes[account]
        listed = list(pairs)
        callers = (doc["citizen"] for doc, view in listed if needs_contact(doc, scope, view))
        wanted = {citizen for citizen in callers if citizen}
        citizens = await self.citizens(wanted)
        return {
            doc["_id"]: copy_of(doc, scope, view, citizens.get(doc["citizen"] or "")) for doc, view in listed
        }

    async def citizens(self, ids: Iterable[str]) -> dict[str, CitizenContent]:
        """Contents of citizen documents as they were put right, by id; redacted ones are empty."""
        wanted = list(ids)
        if not wanted:
            return {}
        return await contents(self._databases, wanted)

    # -- making it so --------------------------------------------------------------------------------------

    async def reports(self, changes: Changes, ahead: Outgoing | None = None) -> None:
        """Bring every mailbox that a change concerns to what it must hold.

        What ``ahead`` holds may be written with it, before it.
        """
        if self.postponed:
            for report in changes.reports:
                self.note(report)
            return
        ids = [uuid_of(report["_id"]) for report in changes.reports]
        entries = {report: self.index.entries.get(report) for report in ids}
        try:
            made = await self._plan(changes)
            await self.mailboxes.spread(
                made.puts, made.deletes, then=made.then, fresh=made.fresh, ahead=ahead
            )
        except BaseException:
            # The mailboxes may be as they were: who had a report must be found again.
            for uuid, entry in entries.items():
                self.index.put(uuid, entry)
            self.crowding.clear()
            raise

    async def _plan(self, changes: Changes) -> Plan:
        """Read what the plan rests on, and make it."""
        reached = [self._reached(report) for report in changes.reports]
        scopes = self.holders.scopes
        citizens = await self.citizens(sorted(contacts(reached, scopes)))
        held: dict[str, set[str]] = {}
        if doubtful := [report_id(report) for report in changes.doubtful]:
            held = await self.mailboxes.holding([account.id for account in self.owners()], doubtful)
        made = plan(changes, reached, scopes, citizens, held, self._has_mailbox)
        # Who loses one may have room for another.
        touched = {name for one in reached for name in (*one.audience, *one.left)}
        for account in filter(self._has_mailbox, touched):
            await self.crowding.respect(account, made.puts, made.deletes)
        return made

    def _reached(self, report: Report) -> Reached:
        before, now = self.note(report)
        audience = self.holders.audience(now)
        return Reached(report, audience, frozenset(self.holders.audience(before)) - audience.keys())

    def _has_mailbox(self, account: str) -> bool:
        known = self._directory.account(account)
        return known is not None and known.role in MAILBOX_ROLES

    async def stored_copies(self, account: str, views: Mapping[str, View]) -> dict[str, Doc]:
        """An account's copies of stored reports, by document id."""
        if not views:
            return {}
        docs = await self._databases.cases.get_many([report_id(report) for report in views])
        return await self._copies(
            account, [(reading.report(doc), views[uuid_of(key)]) for key, doc in docs.items()]
        )

    async def account(self, account: Account, generation: int | None = None) -> int:
        """Bring one mailbox to what it must hold, whole; gives how many documents had to be written."""
        self.crowding.forget(account.id)
        return await self.mailboxes.make_so(account.id, await self.wanted(account), generation)


#: Refusals and quarantined events a desk's mailbox lists, newest first by event id; pages show the rest.
_TROUBLES = 500
