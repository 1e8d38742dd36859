"""What each account's scope was, at any moment since the municipality began.

Law TERM-1: a scope is written down when it changes and never edited, so that work done under an earlier one
is judged by it. What an account had before the first entry is what the first entry says.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NotRequired, TypedDict

from server.accounts.directory import Directory
from server.cases.scope import Scope
from server.documents.ids import key_of
from server.instants import say
from server.municipality.world import World, scope_of
from server.store.scan import scan
from sync.interface import Database

#: The scope of who is not there: nobody's, and never in office.
NOBODY: Scope = {
    "account": None, "role": None, "blocks": [], "sector": None, "agency": None, "brigade": None,
    "department": None, "in_office": False,
}  # fmt: skip


class Since(TypedDict):
    """A scope, and the instant from which it held; "" for the first."""

    since: str
    scope: Scope


class History(TypedDict):
    """``scope:<account>`` of ``cases``: every scope an account had, in order."""

    _id: str
    _rev: NotRequired[str]
    schema: str
    history: list[Since]


class Scopes:
    """``await load()`` before use; ``await note()`` whenever accounts may have changed."""

    def __init__(self, cases: Database, directory: Directory, world: World) -> None:
        self._cases = cases
        self._directory = directory
        self._world = world
        self._docs: dict[str, History] = {}

    async def load(self) -> None:
        found = scan(self._cases, "scope:")
        self._docs = {key_of(row.id): row.read() async for row in found}

    def current(self, account: str) -> Scope:
        """The scope an account has now, as last noted; ``NOBODY`` for an unknown one."""
        doc = self._docs.get(account)
        return doc["history"][-1]["scope"] if doc else {**NOBODY, "account": account}

    def everyone(self) -> dict[str, Scope]:
        """Current scopes by account."""
        return {account: doc["history"][-1]["scope"] for account, doc in self._docs.items()}

    def actor(self, account: str) -> Callable[[str], Scope]:
        """A function from an instant to the account's scope then."""

        def at(instant: str) -> Scope:
            doc = self._docs.get(account)
            if doc is None:
                return {**NOBODY, "account": account}
            for entry in reversed(doc["history"]):
                if entry["since"] <= instant:
                    return entry["scope"]
            return doc["history"][0]["scope"]

        return at

    async def note(self, now: datetime) -> set[str]:
        """Write down every scope that is not as it was; gives the accounts, durable on return."""
        today = self._world.today(now)
        changed: dict[str, History] = {}
        seen: set[str] = set()
        for account in self._directory.accounts():
            seen.add(account.id)
            self._compare(account.id, scope_of(account, today), now, changed)
        for gone in self._docs.keys() - seen:
            self._compare(gone, {**self.current(gone), "in_office": False}, now, changed)
        if changed:
            rows = await self._cases.bulk_docs(list(changed.values()))
            for doc, row in zip(changed.values(), rows, strict=True):
                assert row.ok, f"{doc['_id']}: {row.error}; only intake writes scopes"
                if row.rev is not None:
                    doc["_rev"] = row.rev
                self._docs[key_of(doc["_id"])] = doc
        return set(changed)

    def _compare(self, account: str, scope: Scope, now: datetime, changed: dict[str, History]) -> None:
        doc = self._docs.get(account)
        if doc is None:
            entry: Since = {"since": "", "scope": scope}
            changed[account] = {"_id": f"scope:{account}", "schema": "scope.v1", "history": [entry]}
        elif doc["history"][-1]["scope"] != scope:
            entry = {"since": say(now), "scope": scope}
            changed[account] = {**doc, "history": [*doc["history"], entry]}
