"""Every account, device and session of the municipality, in memory, as the ``accounts`` database has them.

Law: the database is the truth and this is its shadow: it is filled once, follows the changes feed, and every
write goes to the database before it shows here. What is not in the shadow is asked of the database before
anyone is told that it does not exist, so another process's writes are never denied, only late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from server.accounts.model import Account, Device
from sync.errors import Conflict, EngineError, NotFound
from sync.interface import ChangesQuery, Database, Doc

#: What is shadowed; the audit lines beside them only grow and are read by nobody here.
_KINDS = ("account:", "device:", "session:", "code:")
#: Documents read per page while filling: bounds memory, and few requests on CouchDB.
_PAGE = 2_000
#: Seconds a wait for changes may last; the embedded engine wakes at once, another process's writes within
#: this.
_WAIT = 20.0
#: How often a write is tried again over somebody else's revision before the conflict is told.
_ATTEMPTS = 8


class Directory:
    """``await start()`` before use and ``await stop()`` after; both may be called once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._docs: dict[str, Any] = {}
        self._accounts: dict[str, Account] = {}
        self._devices: dict[str, Device] = {}
        self._by_account: dict[str, set[str]] = {}
        self._since = "0"
        self._task: asyncio.Task[None] | None = None
        self._listeners: list[Callable[[str], None]] = []

    async def start(self) -> None:
        await self.refresh()
        self._task = asyncio.create_task(self._follow(), name="accounts-directory")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def listen(self, listener: Callable[[str], None]) -> None:
        """``listener`` is called with a document's id whenever it changed, from here or elsewhere."""
        self._listeners.append(listener)

    async def refresh(self) -> None:
        """Take in every change since the last one seen. Safe to call at any time."""
        while True:
            page = await self._database.changes(
                ChangesQuery(since=self._since, limit=_PAGE, include_docs=True)
            )
            for row in page.rows:
                doc = None if row.deleted or row.doc is None else orjson.loads(row.doc)
                self._take(row.id, doc)
            self._since = page.last_seq
            if len(page.rows) < _PAGE:
                return

    async def _follow(self) -> None:
        while True:
            try:
                if await self._database.wait_for_change(self._since, _WAIT):
                    await self.refresh()
            except EngineError:
                # The engine is away: what is known stays served, and the feed is taken up where it was.
                await asyncio.sleep(1.0)

    def _take(self, doc_id: str, doc: Any | None) -> None:
        if not doc_id.startswith(_KINDS):
            return
        known = self._docs.get(doc_id)
        if doc is None:
            self._docs.pop(doc_id, None)
        else:
            if known is not None and known.get("_rev") == doc.get("_rev"):
                return
            if known is not None and _generation(known) > _generation(doc):
                return
            self._docs[doc_id] = doc
        kind, _, key = doc_id.partition(":")
        if kind == "account":
            if doc is None:
                self._accounts.pop(key, None)
            else:
                self._accounts[key] = Account.from_doc(doc)
        elif kind == "device":
            account = key.partition("~")[0]
            if doc is None:
                self._devices.pop(key, None)
                self._by_account.get(account, set()).discard(key)
            else:
                self._devices[key] = Device.from_doc(doc)
                self._by_account.setdefault(account, set()).add(key)
        for listener in self._listeners:
            listener(doc_id)

    # -- reading -------------------------------------------------------------------------------------

    def account(self, account: str) -> Account | None:
        return self._accounts.get(account)

    def device(self, device: str) -> Device | None:
        return self._devices.get(device)

    def accounts(self) -> list[Account]:
        """Every account, by id."""
        return [self._accounts[key] for key in sorted(self._accounts)]

    def devices(self, account: str | None = None) -> list[Device]:
        """The devices of an account, or all, by id."""
        keys: Iterable[str] = self._devices if account is None else self._by_account.get(account, ())
        return [self._devices[key] for key in sorted(keys)]

    def documents(self, kind: str) -> list[Any]:
        """The documents whose id begins with ``kind:``, by id. They are shared: do not change them."""
        return [self._docs[key] for key in sorted(self._docs) if key.startswith(kind + ":")]

    async def find(self, doc_id: str) -> Any | None:
        """One document: from the shadow, else from the database. It is shared: do not change it."""
        doc = self._docs.get(doc_id)
        if doc is None:
            found = await self._database.get_many([doc_id])
            doc = found.get(doc_id)
            if doc is not None:
                self._take(doc_id, doc)
        return doc

    # -- writing -------------------------------------------------------------------------------------

    async def create(self, doc: Doc) -> None:
        """Store a new document. Raises ``Conflict`` where its id exists."""
        rev = await self._database.put(doc)
        self._take(doc["_id"], {**doc, "_rev": rev})

    async def update(self, doc_id: str, change: Callable[[Any], Doc | None]) -> None:
        """Apply ``change`` (a copy in, the new document or None for no change out) and store the result.

        On somebody else's revision the change is applied anew to it, so ``change`` must not rest on earlier
        values. Raises ``NotFound``; ``Conflict`` after several tries.
        """
        for _ in range(_ATTEMPTS):
            current: Any = await self._database.get(doc_id)
            changed = change(dict(current))
            if changed is None or changed == current:
                self._take(doc_id, current)
                return
            try:
                rev = await self._database.put(changed)
            except Conflict:
                continue
            self._take(doc_id, {**changed, "_rev": rev})
            return
        raise Conflict

    async def remove(self, doc_id: str) -> None:
        """Delete a document; one that is already gone is fine."""
        try:
            current = await self._database.get(doc_id)
            await self._database.delete(doc_id, current["_rev"])
        except NotFound:
            pass
        self._take(doc_id, None)


def _generation(doc: Any) -> int:
    return int(str(doc.get("_rev", "0-")).partition("-")[0])
