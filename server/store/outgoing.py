"""What a batch is about to write, gathered so that all of it may be one transaction.

Law: steps are written in the order they were added, each only after the one before; a refused row ends the
writing before anything that rests on it, so that nobody is ever told of a record that is not there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from sync.interface import BulkRow, Database, Doc, Engine, Step, Write

#: Told the revision of a document that was written.
Owner = Callable[[str], None]


class NotTheOnlyWriter(RuntimeError):
    """A document of ``cases`` was not as this process left it: somebody else writes there."""


def insist(docs: Iterable[Doc], rows: Iterable[BulkRow]) -> None:
    """Every row was stored, or ``NotTheOnlyWriter``."""
    for doc, row in zip(docs, rows, strict=True):
        if not row.ok:
            raise NotTheOnlyWriter(f"{doc['_id']}: {row.error}: {row.reason}")


class Outgoing:
    """Steps of one database each, all of whose rows must be stored. ``first`` is awaited before any write."""

    def __init__(self, engine: Engine, first: Awaitable[None] | None = None) -> None:
        self._engine = engine
        self._first = first
        self._steps: list[tuple[Database, Sequence[Doc], dict[str, Owner]]] = []

    def add(self, database: Database, docs: Sequence[Doc], owners: dict[str, Owner] | None = None) -> None:
        """One step; ``owners`` by document id are told the revisions."""
        if docs:
            self._steps.append((database, docs, owners or {}))

    async def write(self) -> None:
        """Write all that was added. Raises ``NotTheOnlyWriter``."""
        if self._steps:
            await self.write_before()

    async def write_before(self, *after: Step) -> list[list[BulkRow]]:
        """Write all that was added and then these steps, whose rows it gives. Raises ``NotTheOnlyWriter``."""
        await self._ready()
        steps, self._steps = self._steps, []
        ahead = [Step([_write(database, doc) for doc in docs], strict=True) for database, docs, _ in steps]
        written = await self._engine.spread(*ahead, *after)
        for (_, docs, owners), rows in zip(steps, written, strict=False):
            self._note(docs, rows, owners)
        return written[len(steps) :]

    async def _ready(self) -> None:
        first, self._first = self._first, None
        if first is not None:
            await first

    @staticmethod
    def _note(docs: Sequence[Doc], rows: Sequence[BulkRow], owners: dict[str, Owner]) -> None:
        insist(docs, rows)
        for row in rows:
            owner = owners.get(row.id)
            if owner is not None and row.rev is not None:
                owner(row.rev)


def _write(database: Database, doc: Doc) -> Write:
    own = {name: value for name, value in doc.items() if name not in ("_rev", "_deleted")}
    return Write(database, own, doc.get("_rev"), deleted=bool(doc.get("_deleted")), keep=False)
