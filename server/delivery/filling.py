"""Filling many mailboxes at once, whole.

Law: every mailbox ends with what ``Delivery.wanted`` says, and doing it twice writes nothing. Reports are
walked once, in the order of their ids, and each different copy is made once for all who get it. Papers come
after all reports, and with them the acknowledgements: nobody is told that something is done before it is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable

from server.accounts.model import Account
from server.cases.scope import Scope, View
from server.cases.trim import Variants, needs_contact
from server.delivery.delivery import Delivery
from server.documents import reading
from server.documents.shapes import Report
from server.memory import give_back
from server.municipality.scopes import NOBODY
from server.store.databases import Databases
from server.store.scan import between, end_of, first_id
from sync.interface import AllDocsQuery, Database

#: Called with how many of the index's reports are delivered.
Told = Callable[[int], None]

#: Reports of one step. More would share more between mailboxes that lie together on disk, but hold the loop
#: longer: a step's copies take some 30 ms.
PAGE = 500

REPORTS = "report:"
#: After the last id of a report.
END = end_of(REPORTS)


class _Box:
    """One mailbox while it is filled. ``standing``: the first report it holds that was not compared yet."""

    __slots__ = ("chosen", "database", "scope", "standing")

    def __init__(self, database: Database, scope: Scope, chosen: list[str] | None) -> None:
        self.database = database
        self.scope = scope
        #: Of a mailbox over its cap, in order, the reports it keeps; None keeps all.
        self.chosen = chosen
        self.standing: str | None = None

    async def look(self, start: str) -> None:
        self.standing = await first_id(self.database, REPORTS, start)

    def kept_between(self, first: str, last: str) -> set[str]:
        assert self.chosen is not None
        return set(self.chosen[bisect_left(self.chosen, first) : bisect_right(self.chosen, last)])


class Filling:
    """Only the one writer may have one."""

    def __init__(self, databases: Databases, delivery: Delivery) -> None:
        self._databases = databases
        self._delivery = delivery

    async def fill(self, accounts: Iterable[Account], told: Told | None = None) -> int:
        """Bring these accounts' mailboxes to what they must hold; gives how many documents were written."""
        owners = list(accounts)
        delivery, mailboxes = self._delivery, self._delivery.mailboxes
        # What is written here is too much to remember, and what was remembered would be out of date.
        mailboxes.forget()
        boxes = {account.id: await self._box(account.id) for account in owners}
        written, low = 0, REPORTS
        ids = sorted(delivery.index.entries)
        for first in range(0, max(1, len(ids)), PAGE):
            page = ids[first : first + PAGE]
            high = REPORTS + ids[first + PAGE] if first + PAGE < len(ids) else END
            copies = await self._copies(page, boxes)
            written += await self._put(boxes, copies, low, high)
            low = high
            if told is not None:
                told(min(first + PAGE, len(ids)))
        for account in owners:
            wanted = await delivery.papers_of(account)
            written += await mailboxes.make_so(account.id, wanted, but=REPORTS)
        give_back()
        return written

    async def _box(self, account: str) -> _Box:
        delivery = self._delivery
        delivery.crowding.forget(account)
        keys = delivery.holders.keys.get(account, frozenset())
        chosen = None
        if delivery.index.at_most(keys) > delivery.cap:
            chosen = sorted(delivery.kept(account).views)
        database = await delivery.mailboxes.database(account)
        box = _Box(database, delivery.holders.scopes.get(account, NOBODY), chosen)
        await box.look(REPORTS)
        return box

    # -- copies ----------------------------------------------------------------------------------------

    async def _copies(self, page: list[str], boxes: dict[str, _Box]) -> dict[str, dict[str, Report]]:
        """By account, the copies that its mailbox must hold of these reports."""
        audiences = self._audiences(page, boxes)
        reports = await self._read(list(audiences))
        scopes = {account: box.scope for account, box in boxes.items()}
        callers = {
            citizen
            for key, report in reports.items()
            if (citizen := report["citizen"])
            and any(needs_contact(report, scopes[name], view) for name, view in audiences[key].items())
        }
        citizens = await self._delivery.citizens(sorted(callers))
        found: dict[str, dict[str, Report]] = {}
        for key, report in reports.items():
            contact = citizens.get(report["citizen"] or "")
            doc_id, variants = report["_id"], Variants(report, contact)
            for account, view in audiences[key].items():
                found.setdefault(account, {})[doc_id] = variants.of(scopes[account], view)
        return found

    def _audiences(self, page: list[str], boxes: dict[str, _Box]) -> dict[str, dict[str, View]]:
        """By report, who of these accounts gets it, and how much."""
        entries, holders = self._delivery.index.entries, self._delivery.holders
        full: dict[str, set[str]] = {}
        if page:
            full = {
                account: box.kept_between(page[0], page[-1])
                for account, box in boxes.items()
                if box.chosen is not None
            }
        found = {}
        for report in page:
            audience = {
                account: view
                for account, view in holders.audience(entries[report].keys).items()
                if account in boxes and (account not in full or report in full[account])
            }
            if audience:
                found[report] = audience
        return found

    async def _read(self, reports: list[str]) -> dict[str, Report]:
        keys = tuple(REPORTS + report for report in reports)
        rows = (await self._databases.cases.all_docs(AllDocsQuery(keys=keys, include_docs=True))).rows
        return {row.id.removeprefix(REPORTS): reading.report(row.doc) for row in rows if row.doc is not None}

    # -- writing ---------------------------------------------------------------------------------------

    async def _put(
        self, boxes: dict[str, _Box], copies: dict[str, dict[str, Report]], low: str, high: str
    ) -> int:
        """Make what these mailboxes hold from ``low`` until before ``high`` the ``copies``."""
        written = 0
        for account, box in boxes.items():
            if box.standing is not None and box.standing < high:
                written += await self._compare(account, box, copies.setdefault(account, {}), low, high)
                await box.look(high)
        return written + await self._delivery.mailboxes.lay(copies)

    async def _compare(self, account: str, box: _Box, copies: dict[str, Report], low: str, high: str) -> int:
        """Right what stands there, and leave in ``copies`` only what does not."""
        changed: dict[str, Report] = {}
        gone: set[str] = set()
        async for one in between(box.database, low, high):
            copy, stored = copies.pop(one.id, None), one.read()
            if copy is None:
                gone.add(one.id)
            elif stored != {**copy, "_rev": stored["_rev"]}:
                changed[one.id] = copy
        if not changed and not gone:
            return 0
        return await self._delivery.mailboxes.write(account, changed, gone)
