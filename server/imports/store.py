"""Documents into a database, compared before they are written.

Law: a document that is already there as it should be is not written; importing a file twice writes nothing.
What the file does not speak of in an existing document stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from sync.errors import EngineError
from sync.interface import Database, Doc

T = TypeVar("T")

#: Documents per round: bounds memory whatever the file's size.
BATCH = 500


@dataclass(slots=True)
class Written:
    added: int = 0
    changed: int = 0
    same: int = 0
    #: There already, otherwise than the file says, and left so.
    differ: int = 0

    def add(self, more: Written) -> None:
        self.added += more.added
        self.changed += more.changed
        self.same += more.same
        self.differ += more.differ

    def __str__(self) -> str:
        said = f"{self.added} new, {self.changed} changed, {self.same} as they were"
        return said + (f", {self.differ} differ from what was imported before" if self.differ else "")


class StoreError(RuntimeError):
    """The database did not take a document that nobody else should be writing."""


def batches(documents: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    iterator = iter(documents)
    while batch := list(islice(iterator, size)):
        yield batch


async def store(
    database: Database,
    documents: Iterable[Doc],
    *,
    merge: bool = True,
    keep: bool = False,
    dry: bool = False,
) -> Written:
    """Write what is new or different. ``merge``: members of ours over those that are there; else replace.
    ``keep``: what is there stays as it is, whatever it says.

    Raises ``StoreError`` where another writer came between; repeating the import mends it.
    """
    written = Written()
    for batch in batches(documents):
        there = await database.get_many([doc["_id"] for doc in batch])
        wanted: list[Doc] = []
        for doc in batch:
            old = there.get(doc["_id"])
            if old is None:
                written.added += 1
                wanted.append(doc)
                continue
            new = {**(old if merge else {}), **doc, "_rev": old["_rev"]}
            if keep or new == old:
                written.same += 1
            else:
                written.changed += 1
                wanted.append(new)
        if wanted and not dry:
            await _write(database, wanted, written)
    return written


async def _write(database: Database, wanted: list[Doc], written: Written) -> None:
    """Raises ``StoreError``, which says what is there already."""
    try:
        rows = await database.bulk_docs(wanted)
    except EngineError as error:
        raise StoreError(f"{error.error}: {error.reason}; {_half(written, len(wanted))}") from None
    for row in rows:
        if not row.ok:
            raise StoreError(f"{row.id}: {row.error} ({row.reason}); {_half(written, len(wanted))}")


def _half(written: Written, last: int) -> str:
    done = written.added + written.changed - last
    return f"{done} documents were written before: run the same import again, it completes what is missing."
