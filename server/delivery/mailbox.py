"""Writing mailboxes: compare, then write.

Law: a document that is as it should be is not written again, so that repeating any delivery writes
nothing and wakes nobody. Deletions are tombstones, which replicate. Only intake writes here, so what
was written or read once is known without asking; what is not known is read first.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from server.databases import Databases
from sync.interface import AllDocsQuery, Database

Json = dict[str, Any]

#: Documents whose revision and content are remembered: about 200 bytes each.
REMEMBERED = 400_000
#: Documents written in one call.
CHUNK = 500


def _digest(doc: Json) -> bytes:
    bare = {name: value for name, value in doc.items() if name != "_rev"}
    return hashlib.blake2b(orjson.dumps(bare, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


class Mailboxes:
    """All mailboxes of the municipality, by account, in the generation that is current."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._open: dict[tuple[str, int], Database] = {}
        self._generations: dict[str, int] = {}
        self._known: OrderedDict[tuple[str, int, str], tuple[str, bytes]] = OrderedDict()
        #: Tombstones written since the mailbox was last weighed, by account.
        self.deleted: dict[str, int] = {}
        #: Mailboxes written to since the last ``take_woken``, by database name.
        self._woken: set[str] = set()

    def use(self, account: str, generation: int) -> None:
        """Which generation of an account's mailbox is current."""
        self._generations[account] = generation

    def generation(self, account: str) -> int:
        return self._generations.get(account, 1)

    def take_woken(self) -> set[str]:
        """Names of the mailboxes that changed since the last call."""
        woken, self._woken = self._woken, set()
        return woken

    def forget(self) -> None:
        """Remember nothing: a write may have failed half-way."""
        self._known.clear()

    async def database(self, account: str, generation: int | None = None) -> Database:
        key = (account, generation or self.generation(account))
        found = self._open.get(key)
        if found is None:
            found = self._open[key] = await self._databases.mailbox(*key)
        return found

    async def drop(self, account: str, generation: int) -> None:
        """Delete one generation of a mailbox."""
        self._open.pop((account, generation), None)
        await self._databases.drop_mailbox(account, generation)

    async def write(
        self,
        account: str,
        puts: Mapping[str, Json],
        deletes: Iterable[str] = (),
        *,
        fresh: frozenset[str] = frozenset(),
        generation: int | None = None,
    ) -> int:
        """Make these documents so and those gone; gives how many had to be written.

        ``fresh`` names documents that cannot be there yet: they are not looked for.
        """
        which = generation or self.generation(account)
        database = await self.database(account, which)
        gone = set(deletes) - puts.keys()
        digests = {doc_id: _digest(doc) for doc_id, doc in puts.items()}
        unknown = [
            doc_id
            for doc_id in (*puts, *gone)
            if (account, which, doc_id) not in self._known and doc_id not in fresh
        ]
        if unknown:
            for doc_id, doc in (await database.get_many(unknown)).items():
                self._remember((account, which, doc_id), doc["_rev"], _digest(doc))
        edits: list[tuple[str, Json, bytes | None]] = []
        for doc_id, doc in puts.items():
            known = self._known.get((account, which, doc_id))
            if known is None:
                edits.append((doc_id, doc, digests[doc_id]))
            elif known[1] != digests[doc_id]:
                edits.append((doc_id, {**doc, "_rev": known[0]}, digests[doc_id]))
        for doc_id in sorted(gone):
            known = self._known.get((account, which, doc_id))
            if known is not None:
                edits.append((doc_id, {"_id": doc_id, "_rev": known[0], "_deleted": True}, None))
        for start in range(0, len(edits), CHUNK):
            await self._write_chunk(database, (account, which), edits[start : start + CHUNK])
        return len(edits)

    async def _write_chunk(
        self, database: Database, box: tuple[str, int], edits: list[tuple[str, Json, bytes | None]]
    ) -> None:
        rows = await database.bulk_docs([doc for _, doc, _ in edits])
        self._woken.add(self._databases.mailbox_name(*box))
        again: list[tuple[str, Json, bytes | None]] = []
        for (doc_id, doc, digest), row in zip(edits, rows, strict=True):
            key = (*box, doc_id)
            if row.ok and digest is None:
                self._known.pop(key, None)
                self.deleted[box[0]] = self.deleted.get(box[0], 0) + 1
            elif row.ok and row.rev is not None and digest is not None:
                self._remember(key, row.rev, digest)
            elif row.error == "conflict":
                # Somebody wrote here who must not, or a run before a crash did: theirs is replaced.
                self._known.pop(key, None)
                bare = {name: value for name, value in doc.items() if name != "_rev"}
                again.append((doc_id, bare, digest))
            else:
                why = f"{row.error}: {row.reason}"
                raise RuntimeError(f"{doc_id} was not written to {box[0]}'s mailbox: {why}")
        if again:
            stored = await database.get_many([doc_id for doc_id, _, _ in again])
            anew = [
                (doc_id, {**doc, "_rev": stored[doc_id]["_rev"]}, digest)
                for doc_id, doc, digest in again
                if doc_id in stored and (digest is None or _digest(stored[doc_id]) != digest)
            ]
            if anew:
                await self._write_chunk(database, box, anew)

    def _remember(self, key: tuple[str, int, str], rev: str, digest: bytes) -> None:
        self._known[key] = (rev, digest)
        self._known.move_to_end(key)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def contents(self, account: str, generation: int | None = None) -> dict[str, Json]:
        """Everything a mailbox holds, by id."""
        database = await self.database(account, generation)
        found: dict[str, Json] = {}
        start: str | None = None
        while True:
            query = AllDocsQuery(include_docs=True, limit=CHUNK, startkey=start)
            rows = (await database.all_docs(query)).rows
            for row in rows:
                if row.doc is not None:
                    found[row.id] = orjson.loads(row.doc)
            if len(rows) < CHUNK:
                return found
            start = rows[-1].id + "\u0000"

    async def make_so(self, account: str, wanted: Mapping[str, Json], generation: int | None = None) -> int:
        """Make a mailbox hold exactly these documents; gives how many had to be written."""
        which = generation or self.generation(account)
        actual = await self.contents(account, which)
        for doc_id, doc in actual.items():
            self._remember((account, which, doc_id), doc["_rev"], _digest(doc))
        extra = actual.keys() - wanted.keys()
        absent = frozenset(wanted.keys() - actual.keys())
        return await self.write(account, wanted, extra, fresh=absent, generation=which)

    async def holding(self, accounts: Iterable[str], doc_ids: list[str]) -> dict[str, set[str]]:
        """Which of these documents each account's mailbox holds now: asked of the mailboxes themselves."""
        names = list(accounts)

        async def ask(account: str) -> set[str]:
            database = await self.database(account)
            return set(await database.get_many(doc_ids))

        found = await asyncio.gather(*(ask(account) for account in names))
        return {account: held for account, held in zip(names, found, strict=True) if held}
