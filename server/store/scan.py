"""Walking over the documents of a kind: those whose ids begin the same.

Law: nobody else makes a range of ids. A walk reads page by page, so that a kind of any size is held in
memory in pieces only; what is written or deleted while it lasts may be met or not, and nothing else is
missed or met twice.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import orjson

from sync.interface import AllDocsQuery, Database, DocRow

#: Documents of a page: some megabytes at most, and few requests on CouchDB.
PAGE = 500
#: Sorts after every character an id may hold.
_LAST = "\uffff"


class Found(NamedTuple):
    """A document met on the way."""

    id: str
    body: bytes

    def read(self) -> Any:
        """The document, with its ``_id`` and ``_rev``; ``server/documents/reading.py`` says what it is."""
        return orjson.loads(self.body)


async def scan(
    database: Database,
    prefix: str,
    *,
    after: str | None = None,
    most: int | None = None,
    backwards: bool = False,
    page: int = PAGE,
) -> AsyncIterator[Found]:
    """The documents whose ids begin with ``prefix``, in the order of their ids, or backwards.

    ``after``: only those behind this id, which need not be there; ``most``: end after so many.
    """
    bounds = (prefix, end_of(prefix))
    async for rows in _walk(database, *bounds, after=after, most=most, backwards=backwards, page=page):
        for found in _with_bodies(rows):
            yield found


async def pages(database: Database, prefix: str, page: int = PAGE) -> AsyncIterator[list[Found]]:
    """The same in pieces, for who asks or writes something else for many at a time; no piece is empty."""
    async for rows in _walk(database, prefix, end_of(prefix), page=page):
        if found := _with_bodies(rows):
            yield found


async def between(
    database: Database, low: str, high: str, page: int = PAGE, *, most: int | None = None
) -> AsyncIterator[Found]:
    """The documents with ids from ``low`` on and before ``high``; ``most``: so many at most."""
    async for rows in _walk(database, low, high, open_end=True, most=most, page=page):
        for found in _with_bodies(rows):
            yield found


async def all_but(database: Database, prefix: str | None, page: int = PAGE) -> AsyncIterator[Found]:
    """Every document, but those whose ids begin with ``prefix``, in the order of their ids."""
    if prefix is None:
        async for found in scan(database, "", page=page):
            yield found
        return
    async for found in between(database, "", prefix, page):
        yield found
    async for rows in _walk(database, end_of(prefix), end_of(""), page=page):
        for found in _with_bodies(rows):
            yield found


async def scan_ids(
    database: Database, prefix: str, *, most: int | None = None, page: int = PAGE
) -> AsyncIterator[str]:
    """The ids alone."""
    async for rows in _walk(database, prefix, end_of(prefix), most=most, page=page, bodies=False):
        for row in rows:
            yield row.id


async def first_id(database: Database, prefix: str, at: str) -> str | None:
    """The first id that begins so from ``at`` on; None where there is none."""
    async for rows in _walk(database, at, end_of(prefix), most=1, page=1, bodies=False):
        return rows[0].id
    return None


async def count(database: Database, prefix: str, most: int) -> int:
    """How many documents have ids that begin so; ``most`` where there are more."""
    found = 0
    async for _ in scan_ids(database, prefix, most=most):
        found += 1
    return found


def end_of(prefix: str) -> str:
    """What comes after every id that begins so."""
    return prefix + _LAST


def after(doc_id: str) -> str:
    """What comes right after an id."""
    return doc_id + "\u0000"


def _with_bodies(rows: list[DocRow]) -> list[Found]:
    return [Found(row.id, row.doc) for row in rows if row.doc is not None]


async def _walk(
    database: Database,
    low: str,
    high: str,
    *,
    after: str | None = None,
    most: int | None = None,
    backwards: bool = False,
    open_end: bool = False,
    page: int,
    bodies: bool = True,
) -> AsyncIterator[list[DocRow]]:
    """Pages of the ids from ``low`` to ``high``; with ``open_end`` the last bound is none of them."""
    while most is None or most > 0:
        if after is not None and backwards:
            high = after
        elif after is not None:
            low = after
        first, last = (high, low) if backwards else (low, high)
        # One more than wanted: the row the page begins with may be the one the last page ended with.
        limit = (page if most is None else min(page, most)) + (after is not None)
        query = AllDocsQuery(
            startkey=first,
            endkey=last,
            inclusive_end=not open_end,
            limit=limit,
            descending=backwards,
            include_docs=bodies,
        )
        rows = (await database.all_docs(query)).rows
        fresh = rows[1:] if rows and rows[0].id == after else rows
        if most is not None:
            fresh = fresh[:most]
            most -= len(fresh)
        if fresh:
            yield fresh
            after = fresh[-1].id
        if len(rows) < limit:
            return
