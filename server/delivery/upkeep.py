"""Keeping mailboxes right while accounts, areas, catalogue and the calendar change around them.

Law: a change of scope is noted first and delivered after; a mailbox is brought to what it must hold
whole, so what an interrupted run left does not matter. Whose papers mention a changed account get their
papers anew.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime
from typing import Any

from server.accounts.directory import Directory
from server.accounts.model import Account
from server.delivery import papers
from server.delivery.delivery import Delivery
from server.delivery.drawings import FORM
from server.delivery.filling import Filling, Told
from server.municipality.scopes import Scopes
from server.municipality.world import World
from server.store.databases import Databases
from sync.errors import NotFound
from sync.interface import ChangePage, ChangesQuery

#: A mailbox with this many tombstones, and more of them than live documents, is made anew (design,
#: Gateway).
TOMBSTONES = 1_000

#: So many mailboxes are filled one by one: to walk through all reports for them would cost more.
FEW = 8

#: Where ``cases`` says up to what everything but reports was delivered.
_STAMP = "delivered"


class Upkeep:
    """``await begin()`` once, then ``await refresh(now)`` whenever something may have changed."""

    def __init__(
        self,
        databases: Databases,
        directory: Directory,
        world: World,
        scopes: Scopes,
        delivery: Delivery,
    ) -> None:
        self._databases = databases
        self._directory = directory
        self._world = world
        self._scopes = scopes
        self._delivery = delivery
        self.filling = Filling(databases, delivery)
        self._faces: dict[str, Any] = {}
        self._ground: tuple[Any, ...] = ()
        self._woken: set[str] = set()
        self._accounts_seq = "0"

    def take_woken(self) -> set[str]:
        """Names of feeds besides mailboxes that changed since the last call."""
        woken, self._woken = self._woken, set()
        return woken

    async def begin(self, told: Told | None = None) -> None:
        """Look at all mailboxes where anything changed while no intake ran, or the last one was cut short."""
        self._faces = {account.id: self._face(account) for account in self._delivery.owners()}
        self._ground = self._ground_now()
        try:
            known = (await self._databases.cases.get_local(_STAMP))["stamp"]
        except NotFound:
            known = None
        if known != self._stamp():
            await self.filling.fill(self._delivery.owners(), told)
            await self._put_stamp()

    async def postpone(self) -> None:
        """Leave the mailboxes until ``catch_up``. Cut short before, the next ``begin`` fills them all."""
        self._delivery.postponed = True
        await self._put_stamp()

    async def catch_up(self, told: Told | None = None) -> None:
        """Fill every mailbox with what came since ``postpone``."""
        self._delivery.postponed = False
        await self.filling.fill(self._delivery.owners(), told)
        await self._put_stamp()

    def _stamp(self) -> str:
        """Names the state of everything but reports that mailboxes are made of."""
        digest = hashlib.sha256(repr((sorted(self._faces.items()), self._delivery.horizon, FORM)).encode())
        for shelf in (self._world.registry, self._world.reference):
            digest.update(repr(sorted((key, doc["_rev"]) for key, doc in shelf.docs.items())).encode())
        return digest.hexdigest()

    async def _put_stamp(self) -> None:
        doc = {"stamp": "" if self._delivery.postponed else self._stamp()}
        try:
            doc["_rev"] = (await self._databases.cases.get_local(_STAMP))["_rev"]
        except NotFound:
            pass
        await self._databases.cases.put_local(_STAMP, doc)

    def _face(self, account: Account) -> tuple[Any, ...]:
        """All of an account that shows in a mailbox, its own or another's."""
        scope = self._scopes.current(account.id)
        term = (account.term_from, account.term_until)
        return (account.name, account.phone, account.role, term, repr(scope))

    async def refresh(self, now: datetime) -> bool:
        """Bring everything to what it must be; whether anything had changed."""
        query = ChangesQuery(since=self._accounts_seq, limit=10_000)
        (registry, reference), page = await asyncio.gather(
            self._world.load(), self._databases.accounts.changes(query)
        )
        if reference:
            self._woken.add("reference")
        ground = self._ground_now()
        everything, self._ground = ground != self._ground, ground
        horizon = self._delivery.horizon_of(now)
        dates_moved = horizon != self._delivery.horizon
        changed = await self._accounts(now, page, look=dates_moved)
        if everything or dates_moved:
            await self._delivery.load(now)
            changed = {account.id for account in self._delivery.owners()}
        elif registry:
            await self._papers(self._concerned(registry), set())
        if changed:
            await self._deliver(changed)
        if changed or registry or reference or dates_moved:
            await self._put_stamp()
        await self._make_room()
        return bool(changed or registry or reference)

    def _concerned(self, registry: set[str]) -> list[Account]:
        """The owners whose papers may tell of these documents of the padrón: those of their sectors."""
        owners, blocks = self._delivery.owners(), self._world.territory.block_docs
        sectors: set[str | None] = set()
        for key in registry:
            kind, doc = key.partition(":")[0], self._world.registry.docs.get(key)
            if kind not in ("block", "leader"):
                continue  # Proposals are in no mailbox, and of other areas only the ids.
            if doc is None:
                return owners
            sectors |= {
                doc.get("sector"),
                *(blocks.get(b, {}).get("sector") for b in doc.get("blocks") or ()),
            }
        scopes = ((account, self._scopes.current(account.id)) for account in owners)
        return [account for account, scope in scopes if papers.sectors_of(scope, blocks) & sectors]

    def _ground_now(self) -> tuple[Any, ...]:
        """All of areas, catalogue and settings that decides who sees which report."""
        names = ("timezone", "retention_days", "mailbox_cap", "municipality")
        chosen = tuple(self._world.settings.get(name) for name in names)
        return (self._world.territory.version, self._world.civil_types, *chosen)

    async def _accounts(self, now: datetime, page: ChangePage, *, look: bool) -> set[str]:
        """Note scopes that changed; gives the accounts whose face did."""
        self._accounts_seq = page.last_seq
        if not look and not any(row.id.startswith("account:") for row in page.rows):
            return set()
        await self._directory.refresh()
        await self._scopes.note(now)
        self._delivery.load_accounts()
        faces = {account.id: self._face(account) for account in self._delivery.owners()}
        changed = {account for account, face in faces.items() if self._faces.get(account) != face}
        changed |= self._faces.keys() - faces.keys()
        self._faces = faces
        return changed

    async def _deliver(self, changed: set[str]) -> None:
        """Whole mailboxes for those who changed, papers for those whose papers may mention them."""
        owners = {account.id: account for account in self._delivery.owners()}
        whole = [owners[account] for account in sorted(changed & owners.keys())]
        if len(whole) > FEW:
            await self.filling.fill(whole)
        else:
            for account in whole:
                await self._delivery.account(account)
        await self._papers([owners[key] for key in sorted(owners.keys() - changed)], changed)

    async def _papers(self, accounts: list[Account], changed: set[str]) -> None:
        for account in accounts:
            wanted = await self._delivery.papers_of(account)
            gone = {
                f"colleague:{other}"
                for other in changed
                if not papers.is_assignable(self._scopes.current(other))
            }
            await self._delivery.mailboxes.write(account.id, wanted, gone)

    async def _make_room(self) -> None:
        """Make anew the mailboxes that hold more tombstones than documents."""
        deleted = self._delivery.mailboxes.deleted
        for account in [name for name, count in deleted.items() if count >= TOMBSTONES // 4]:
            deleted.pop(account)
            known = self._directory.account(account)
            if known is None:
                continue
            info = await (await self._delivery.mailboxes.database(account)).info()
            if info.doc_del_count > max(info.doc_count, TOMBSTONES):
                await self.regenerate(known)

    async def regenerate(self, account: Account) -> None:
        """A new generation of a mailbox: nothing of the old one remains, in any revision or feed.

        The new one is filled before the account names it; the old one is dropped after. Cut short
        between, the old or the new one is an orphan, which ``rebuild`` sweeps.
        """
        old = self._delivery.mailboxes.generation(account.id)
        await self._delivery.mailboxes.drop(account.id, old + 1)
        await self._delivery.account(account, generation=old + 1)
        await self._directory.update(f"account:{account.id}", lambda doc: {**doc, "generation": old + 1})
        self._delivery.mailboxes.use(account.id, old + 1)
        await self._delivery.mailboxes.drop(account.id, old)
        self._woken.add(self._databases.mailbox_name(account.id, old))
