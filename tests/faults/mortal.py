"""An engine that dies at a write: faults are put where the product ends and the disk begins.

Law: the product runs as it does in production; only the engine it was given is another. A death is an
exception that nothing catches, and from then on nothing is read or written any more, by nobody, until
``revive``: what a killed process leaves is what is stored. Every call that may change it is a counted write.

What one call writes is cut into as many writes as the engine it stands for would make of it (``Pieces``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from functools import partial
from typing import Any, Literal, TypeVar

from sync.errors import DatabaseNotFound
from sync.interface import BulkRow, Engine, Step, Write

When = Literal["before", "after"]
Done = TypeVar("Done")

#: Calls of a database that may change what is stored.
WRITES = frozenset(
    {
        "put", "delete", "bulk_docs", "put_local", "delete_local", "put_attachment", "delete_attachment",
        "put_multipart", "purge", "compact", "set_security", "set_revs_limit",
    }
)  # fmt: skip


class Killed(BaseException):
    """Nothing catches it."""


class Pieces(Enum):
    """How much becomes durable at once."""

    #: As the embedded engine does: a call is one transaction, however many databases it writes to.
    TRANSACTIONS = "transactions"
    #: As a CouchDB does: one request for each database of each step.
    REQUESTS = "requests"
    #: As a CouchDB that is killed does: a request for many documents of ``cases`` may be cut short after any.
    DOCUMENTS = "documents"


class Fate:
    """When the engine dies: ``before`` or ``after`` the write number ``at``; ``backwards`` turns round what
    goes together, whose order no engine promises.
    """

    def __init__(self, pieces: Pieces = Pieces.TRANSACTIONS) -> None:
        self.pieces = pieces
        self.backwards = False
        #: Whether writes are counted now: a test writes too.
        self.counting = False
        self.dead = False
        self._writes = 0
        self._at = 0
        self._when: When = "before"

    def die(self, at: int, when: When = "before", *, backwards: bool = False) -> None:
        """Die at that write of those that are counted from now on; the first is 1."""
        self._writes, self._at, self._when, self.backwards = 0, at, when, backwards

    def revive(self) -> None:
        """The next process opens what is there."""
        self.dead = False

    def live(self) -> None:
        if self.dead:
            raise Killed("dead already")

    async def write(self, act: Callable[[], Awaitable[Done]]) -> Done:
        """One write, unless it is the last one."""
        self.live()
        self._writes += self.counting
        last = self.counting and self._writes == self._at
        if last and self._when == "before":
            self._end()
        done = await act()
        if last:
            self._end()
        self.live()
        return done

    def _end(self) -> None:
        self.dead = True
        raise Killed(f"{self._when} write {self._writes}")


class MortalDatabase:
    """A database of a ``MortalEngine``: as the real one, but for the end."""

    def __init__(self, inner: Any, fate: Fate) -> None:
        self.inner = inner
        self.name: str = inner.name
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.inner, name)
        if not callable(real):
            return real

        async def call(*given: Any, **named: Any) -> Any:
            self._fate.live()
            if name in WRITES:
                return await self._fate.write(lambda: real(*given, **named))
            found = await real(*given, **named)
            self._fate.live()
            return found

        return call

    async def bulk_docs(self, docs: Sequence[Any], *, new_edits: bool = True) -> list[BulkRow]:
        whole = self._fate.pieces is not Pieces.DOCUMENTS or not self.name.endswith("cases")
        groups = [list(docs)] if whole else [[doc] for doc in docs]
        rows: list[BulkRow] = []
        for group in _turned(groups, self._fate):
            write = partial(self.inner.bulk_docs, group, new_edits=new_edits)
            rows += await self._fate.write(write)
        return rows if not self._fate.backwards or whole else rows[::-1]


class MortalEngine:
    """Any engine; ``fate`` says when it dies."""

    def __init__(self, inner: Engine, pieces: Pieces = Pieces.TRANSACTIONS) -> None:
        self.inner = inner
        self.fate = Fate(pieces)

    async def create(self, name: str) -> MortalDatabase:
        return MortalDatabase(await self.fate.write(lambda: self.inner.create(name)), self.fate)

    async def open(self, name: str) -> MortalDatabase:
        self.fate.live()
        return MortalDatabase(await self.inner.open(name), self.fate)

    async def ensure(self, name: str) -> MortalDatabase:
        try:
            return await self.open(name)
        except DatabaseNotFound:
            return await self.create(name)

    async def delete(self, name: str) -> None:
        await self.fate.write(lambda: self.inner.delete(name))

    async def names(self, *, prefix: str = "") -> list[str]:
        self.fate.live()
        return await self.inner.names(prefix=prefix)

    async def backup(self, folder: str) -> None:
        await self.inner.backup(folder)

    async def spread(self, *steps: Step) -> list[list[BulkRow]]:
        if self.fate.pieces is Pieces.TRANSACTIONS:
            real = [Step([_real(write) for write in step.writes], step.strict) for step in steps]
            return await self.fate.write(lambda: self.inner.spread(*real))
        written: list[list[BulkRow]] = []
        for step in steps:
            written.append(await self._by_database(step.writes))
            if step.strict and not all(row.ok for row in written[-1]):
                break
        return written

    async def _by_database(self, writes: Sequence[Write]) -> list[BulkRow]:
        """As ``CouchEngine.spread`` writes a step, one database after another."""
        places: dict[str, list[int]] = {}
        for place, write in enumerate(writes):
            places.setdefault(write.database.name, []).append(place)
        rows: dict[int, BulkRow] = {}
        for mine in _turned(list(places.values()), self.fate):
            database = writes[mine[0]].database
            answers = await database.bulk_docs([writes[place].whole() for place in mine])
            rows |= zip(mine, answers, strict=True)
        return [rows[place] for place in range(len(writes))]


def _real(write: Write) -> Write:
    database: Any = write.database
    return write._replace(database=database.inner)


def _turned(groups: list[Done], fate: Fate) -> list[Done]:
    return groups[::-1] if fate.backwards else groups
