"""Writing mailboxes: compare, then write.

Law: a document that is as it should be is not written again, so that repeating any delivery writes
nothing and wakes nobody. Deletions are tombstones, which replicate. Only intake writes here, so what
was written or read once is known without asking; what is not known is read first.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from server.feeds.wake import Wake, Woken
from server.store.databases import Databases
from server.store.outgoing import Outgoing
from server.store.scan import all_but
from sync.interface import Database, Doc, Step, Write

#: Documents whose revision and content are remembered: about 200 bytes each.
REMEMBERED = 400_000
#: Blocks of a sector: a thousand in each leader's mailbox, hardly ever another. Read again, not remembered.
_HEAVY = "block:"
#: Documents written in one call: with their records and reports they still fit one transaction.
CHUNK = 800


#: An account and a generation: one mailbox.
Box = tuple[str, int]
#: A mailbox, what must be there, and the ids of what must not.
_Wanted = tuple[Box, Mapping[str, Doc], set[str]]


class _Edit(NamedTuple):
    """``rev`` is what it is written over; ``digest`` is of ``body``. A deletion has neither."""

    box: Box
    doc_id: str
    doc: Doc
    rev: str | None
    digest: bytes | None
    body: bytes | None


def _body(doc: Doc) -> bytes:
    """The document's own members as JSON, the same for equal ones."""
    own = {name: value for name, value in doc.items() if name != "_id" and name != "_rev"}
    return orjson.dumps(own, option=orjson.OPT_SORT_KEYS)


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).digest()


class Mailboxes:
    """All mailboxes of the municipality, by account, in the generation that is current."""

    def __init__(self, databases: Databases, wake: Wake | None = None) -> None:
        """``wake``: told with each write which mailboxes changed; without one, ``take_woken`` says it."""
        self._databases = databases
        self._wake = wake
        self._open: dict[tuple[str, int], Database] = {}
        self._generations: dict[str, int] = {}
        self._known: OrderedDict[tuple[str, int, str], tuple[str, bytes]] = OrderedDict()
        #: Tombstones written since the mailbox was last weighed, by account.
        self.deleted: dict[str, int] = {}
        #: Mailboxes written to since the last ``take_woken``, by database name; those in all but cards.
        self._written: set[str] = set()
        self._woken: set[str] = set()

    def use(self, account: str, generation: int) -> None:
        """Which generation of an account's mailbox is current."""
        self._generations[account] = generation

    def generation(self, account: str) -> int:
        return self._generations.get(account, 1)

    def take_woken(self) -> Woken:
        """Names of the mailboxes that changed since the last call."""
        woken = Woken(self._woken, self._written - self._woken)
        self._written, self._woken = set(), set()
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
        puts: Mapping[str, Doc],
        deletes: Iterable[str] = (),
        *,
        fresh: frozenset[str] = frozenset(),
        generation: int | None = None,
    ) -> int:
        """Make these documents so and those gone; gives how many had to be written.

        ``fresh`` names documents that cannot be there yet: they are not looked for.
        """
        box = (account, generation or self.generation(account))
        return await self._write([(box, puts, set(deletes) - puts.keys())], fresh)

    async def spread(
        self,
        puts: Mapping[str, Mapping[str, Doc]],
        deletes: Mapping[str, Iterable[str]],
        *,
        then: Mapping[str, Mapping[str, Doc]] = MappingProxyType({}),
        fresh: frozenset[str] = frozenset(),
        ahead: Outgoing | None = None,
    ) -> int:
        """``write`` for many accounts at once. A document that many of them get may be one object.

        Nobody sees anything of ``then`` before all the rest is there. What ``ahead`` holds is written first
        if anything is.
        """
        wanted = []
        for account in puts.keys() | deletes.keys():
            mine = puts.get(account, {})
            box = (account, self.generation(account))
            wanted.append((box, mine, set(deletes.get(account, ())) - mine.keys()))
        last: list[_Wanted] = [((name, self.generation(name)), docs, set()) for name, docs in then.items()]
        return await self._write(wanted, fresh, last, ahead)

    async def lay(self, puts: Mapping[str, Mapping[str, Doc]]) -> int:
        """Documents that these accounts' mailboxes do not hold: written without a look, and not remembered.

        One object may be in many mailboxes, and is then read once. Gives how many were written.
        """
        filled = {account: docs for account, docs in puts.items() if docs}
        bodies: dict[int, bytes] = {}
        writes: list[Write] = []
        for account, docs in filled.items():
            database = await self.database(account)
            for doc in docs.values():
                body = bodies.get(id(doc))
                if body is None:
                    body = bodies[id(doc)] = _body(doc)
                writes.append(Write(database, doc, body=body))
        if not writes:
            return 0
        (written,) = await self._databases.engine.spread(Step(writes))
        rows = iter(written)
        for account, docs in filled.items():
            self._written.add(self._databases.mailbox_name(account, self.generation(account)))
            mine = islice(rows, len(docs))
            refused = [doc_id for doc_id, row in zip(docs, mine, strict=True) if row.error is not None]
            if refused:
                # They were there after all, or cannot be written, which this says.
                await self.write(account, {doc_id: docs[doc_id] for doc_id in refused})
        return len(writes)

    async def _write(
        self,
        wanted: list[_Wanted],
        fresh: frozenset[str],
        then: Sequence[_Wanted] = (),
        ahead: Outgoing | None = None,
    ) -> int:
        try:
            return await self._write_all(wanted, fresh, then, ahead)
        finally:
            for box, puts, gone in (*wanted, *then):
                for doc_id in (*puts, *gone):
                    if doc_id.startswith(_HEAVY):
                        self._known.pop((*box, doc_id), None)

    async def _write_all(
        self,
        wanted: list[_Wanted],
        fresh: frozenset[str],
        then: Sequence[_Wanted],
        ahead: Outgoing | None,
    ) -> int:
        edits, last = await self._edits(wanted, fresh), await self._edits(then, fresh)
        if len(edits) + len(last) <= CHUNK:
            await self._put(edits, last, ahead)
            return len(edits) + len(last)
        if ahead is not None:
            await ahead.write()
        for part in (edits, last):
            for start in range(0, len(part), CHUNK):
                await self._put(part[start : start + CHUNK])
        return len(edits) + len(last)

    async def _edits(self, wanted: Sequence[_Wanted], fresh: frozenset[str]) -> list[_Edit]:
        """What differs from what is stored."""
        unknown: list[tuple[Box, list[str]]] = []
        for box, puts, gone in wanted:
            asked = (key for key in (*puts, *gone) if key not in fresh)
            if missing := [key for key in asked if (*box, key) not in self._known]:
                unknown.append((box, missing))
        await asyncio.gather(*(self._look(box, missing) for box, missing in unknown))
        written: dict[int, tuple[bytes, bytes]] = {}
        edits: list[_Edit] = []
        for box, puts, gone in wanted:
            for doc_id, doc in puts.items():
                known_body = written.get(id(doc))
                if known_body is None:
                    body = _body(doc)
                    known_body = written[id(doc)] = (_digest(body), body)
                digest, body = known_body
                known = self._known.get((*box, doc_id))
                if known is None:
                    edits.append(_Edit(box, doc_id, doc, None, digest, body))
                elif known[1] != digest:
                    edits.append(_Edit(box, doc_id, doc, known[0], digest, body))
            for doc_id in sorted(gone):
                known = self._known.get((*box, doc_id))
                if known is not None:
                    edits.append(_Edit(box, doc_id, {"_id": doc_id}, known[0], None, None))
        return edits

    async def _look(self, box: Box, doc_ids: list[str]) -> None:
        """Read documents whose content here is not known."""
        database = await self.database(*box)
        for doc_id, doc in (await database.get_many(doc_ids)).items():
            self._remember((*box, doc_id), doc["_rev"], _digest(_body(doc)))

    async def _put(
        self, edits: Sequence[_Edit], then: Sequence[_Edit] = (), ahead: Outgoing | None = None
    ) -> None:
        both = [*edits, *then]
        if not both:
            return
        boxes = {edit.box for edit in both}
        databases = {box: await self.database(*box) for box in boxes}
        writes = [
            Write(databases[edit.box], edit.doc, edit.rev, edit.body is None, edit.body, keep=False)
            for edit in both
        ]
        steps = [Step(writes[: len(edits)]), Step(writes[len(edits) :])]
        named = {box: self._databases.mailbox_name(*box) for box in boxes}
        names = {named[edit.box] for edit in both if edit.doc.get("view") != "card"}
        if self._wake is not None:
            woken = Woken(names, set(named.values()) - names)
            steps.append(Step([await self._wake.write(woken)]))
        first, last, *rung = await (ahead or Outgoing(self._databases.engine)).write_before(*steps)
        if self._wake is None:
            self._written.update(named.values())
            self._woken.update(names)
        else:
            self._wake.wrote(rung[0][0])
        again: list[_Edit] = []
        for edit, row in zip(both, (*first, *last), strict=True):
            account, key = edit.box[0], (*edit.box, edit.doc_id)
            if row.ok and edit.digest is None:
                self._known.pop(key, None)
                self.deleted[account] = self.deleted.get(account, 0) + 1
            elif row.ok and row.rev is not None and edit.digest is not None:
                self._remember(key, row.rev, edit.digest)
            elif row.error == "conflict":
                # Somebody wrote here who must not, or a run before a crash did: theirs is replaced.
                self._known.pop(key, None)
                again.append(edit)
            else:
                why = f"{row.error}: {row.reason}"
                raise RuntimeError(f"{edit.doc_id} was not written to {account}'s mailbox: {why}")
        anew = [found for edit in again if (found := await self._again(edit)) is not None]
        if anew:
            await self._put(anew)

    async def _again(self, edit: _Edit) -> _Edit | None:
        """The edit over what is stored; None where that is as it should be."""
        database = await self.database(*edit.box)
        stored = (await database.get_many([edit.doc_id])).get(edit.doc_id)
        if stored is None or (edit.digest is not None and _digest(_body(stored)) == edit.digest):
            return None
        return edit._replace(rev=stored["_rev"])

    def _remember(self, key: tuple[str, int, str], rev: str, digest: bytes) -> None:
        self._known[key] = (rev, digest)
        self._known.move_to_end(key)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def contents(
        self, account: str, generation: int | None = None, *, but: str | None = None
    ) -> dict[str, Any]:
        """Everything a mailbox holds, by id, ``but`` what has ids that begin so."""
        database = await self.database(account, generation)
        return {one.id: one.read() async for one in all_but(database, but, CHUNK)}

    async def make_so(
        self,
        account: str,
        wanted: Mapping[str, Doc],
        generation: int | None = None,
        *,
        but: str | None = None,
    ) -> int:
        """Make a mailbox hold exactly these documents; gives how many had to be written.

        ``but``: what has ids that begin so is left as it is.
        """
        which = generation or self.generation(account)
        actual = await self.contents(account, which, but=but)
        for doc_id, doc in actual.items():
            self._remember((account, which, doc_id), doc["_rev"], _digest(_body(doc)))
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
