"""Who leads a block from now on: appointing, changing, vacating, and deciding what the field proposed.

Law: documents change in an order in which stopping anywhere leaves nobody with more than they had: the one
who leaves loses the blocks first, then the successor gets them, then the padrón names the successor, and
last the proposal is closed. Every step may be repeated. Open reports follow the block, so the successor
inherits them.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Literal

from server.accounts.directory import Directory
from server.accounts.documents import AccountDoc
from server.accounts.model import check_account
from server.clock import Clock
from server.documents import reading
from server.documents.ground import Ground, Proposal
from server.documents.ids import key_of
from server.documents.shapes import Leader, Term
from server.instants import say
from server.problems import Problem
from server.registry.padron import slug
from server.store.scan import scan
from sync.errors import Conflict, NotFound
from sync.interface import Database


class Succession:
    def __init__(self, registry: Database, directory: Directory, clock: Clock) -> None:
        self._registry = registry
        self._directory = directory
        self._clock = clock

    async def appoint(
        self,
        block: str,
        name: str,
        phone: str | None,
        term: Term | None,
        today: str,
        account: str | None = None,
        fresh: str | None = None,
    ) -> str:
        """Make somebody the leader of ``block``; gives the account's id, made now where it is new.

        ``account``: an existing block leader's, who then leads this block too; ``fresh``: the id a new one
        is to have, reserved before so that repeating makes no second one. Whoever led the block leaves it.
        Raises ``block_unknown``, ``account_unknown``, ``account_invalid``.
        """
        found = await self._block(block)
        if fresh is not None and self._directory.account(fresh) is not None:
            account = fresh
        if not name.strip() and account is None:
            raise Problem("form_invalid", "a name is needed")
        if account is not None:
            known = self._directory.account(account)
            if known is None or known.role != "block_leader":
                raise Problem("account_unknown", "no such block leader")
            name, phone = known.name, phone or known.phone
        await self._release(block, today, keep=account)
        if account is None:
            account = fresh or slug(name, await self.taken())
            doc: AccountDoc = {
                "_id": f"account:{account}",
                "schema": "account.v1",
                "name": name.strip(),
                "role": "block_leader",
                "blocks": [block],
                "sector": found.get("sector"),
                "active": True,
                "term": term,
                "generation": 1,
            }
            if phone:
                doc["phone"] = phone
            reason = check_account(doc)
            if reason:
                raise Problem("account_invalid", reason)
            await self._directory.create(doc)
        else:

            def widen(doc: AccountDoc) -> AccountDoc:
                blocks = [*doc.get("blocks", []), *([] if block in doc.get("blocks", []) else [block])]
                return {**doc, "blocks": blocks, "active": True, "term": term or doc.get("term")}

            await self._directory.update(f"account:{account}", widen)
        now = self._directory.account(account)
        assert now is not None
        entry: Leader = {
            "_id": f"leader:{account}",
            "schema": "leader.v1",
            "name": now.name,
            "blocks": list(now.blocks),
            "sector": found.get("sector"),
            "status": "active",
            "term": now.doc.get("term") if now.doc else None,
            "account": account,
        }
        if now.phone:
            entry["phone"] = now.phone
        await self._store(entry)
        await self._name_leader(block, account)
        return account

    async def vacate(self, block: str, today: str) -> None:
        """Nobody leads ``block`` from now on. Raises ``block_unknown``."""
        await self._block(block)
        await self._release(block, today)
        await self._name_leader(block, None)

    async def _release(self, block: str, today: str, keep: str | None = None) -> None:
        """Take ``block`` from whoever has it but ``keep``; who has none left ends the term."""
        yesterday = (date.fromisoformat(today) - timedelta(days=1)).isoformat()

        def left(doc: AccountDoc) -> AccountDoc:
            blocks = [other for other in doc["blocks"] if other != block]
            changed: AccountDoc = {**doc, "blocks": blocks}
            if not blocks:
                term = doc.get("term")
                begun = (term["from"] if term else None) or yesterday
                changed["term"] = {"from": min(begun, yesterday), "until": yesterday}
            return changed

        for account in self._directory.accounts():
            if account.role == "block_leader" and block in account.blocks and account.id != keep:
                await self._directory.update(f"account:{account.id}", left)
        for leader in await self.leaders():
            if block not in leader["blocks"] or leader["_id"] == f"leader:{keep}":
                continue
            blocks = [other for other in leader["blocks"] if other != block]
            if blocks:
                await self._store({**leader, "blocks": blocks})
            else:
                # The account keeps who it was; an entry without blocks is no entry of the padrón.
                await self._registry.delete(leader["_id"], leader["_rev"])

    # -- proposals -----------------------------------------------------------------------------------

    async def reserve(self, proposal: Proposal, name: str) -> str:
        """The account id that approving a proposal will make, kept on the proposal before anything is
        made.
        """
        if proposal.get("account"):
            return str(proposal["account"])
        account = slug(name, await self.taken())
        try:
            await self._registry.put({**proposal, "account": account})
        except Conflict:
            raise Problem("proposal_decided", "somebody else is deciding it") from None
        return account

    async def decide(
        self, proposal: str, by: str, verdict: Literal["approved", "rejected"], reason: str | None = None
    ) -> Proposal:
        """Close a proposal as ``approved`` or ``rejected``. Raises ``proposal_unknown``,
        ``proposal_decided``.
        """
        try:
            doc = reading.proposal(await self._registry.get(f"proposal:{proposal}"))
        except NotFound:
            raise Problem("proposal_unknown") from None
        if doc.get("status", "pending") != "pending":
            raise Problem("proposal_decided")
        decided: Proposal = {**doc, "status": verdict, "decided_by": by, "decided_at": say(self._clock.now())}
        if reason:
            decided["decision_text"] = reason
        try:
            await self._registry.put(decided)
        except Conflict:
            raise Problem("proposal_decided") from None
        return decided

    # -- documents -----------------------------------------------------------------------------------

    async def leaders(self) -> list[Leader]:
        """Every entry of the padrón, by id."""
        return [reading.leader(row.body) async for row in scan(self._registry, "leader:")]

    async def _block(self, block: str) -> Ground:
        try:
            return reading.ground(await self._registry.get(f"block:{block}"))
        except NotFound:
            raise Problem("block_unknown") from None

    async def _name_leader(self, block: str, account: str | None) -> None:
        while True:
            doc = await self._block(block)
            if doc.get("leader") == account:
                return
            try:
                await self._registry.put({**doc, "leader": account})
                return
            except Conflict:
                continue

    async def _store(self, doc: Leader) -> None:
        """Write an entry over whatever is there."""
        bare: dict[str, Any] = {key: value for key, value in doc.items() if key != "_rev"}
        while True:
            try:
                current = await self._registry.get(doc["_id"])
                if {key: value for key, value in current.items() if key != "_rev"} == bare:
                    return
                bare["_rev"] = current["_rev"]
            except NotFound:
                bare.pop("_rev", None)
            try:
                await self._registry.put(bare)
                return
            except Conflict:
                bare.pop("_rev", None)

    async def taken(self) -> set[str]:
        """The ids that a new account cannot have."""
        leaders = {key_of(doc["_id"]) for doc in await self.leaders()}
        return leaders | {account.id for account in self._directory.accounts()}
