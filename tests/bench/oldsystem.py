"""The reports of an old system, for benchmarks: rows of a file that nobody has to keep.

Law: made one by one while they are read, by the importer's own code, so that any number fits into memory
and none is signed.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from typing import Any

from server.clock import SystemClock
from server.context import Context
from server.imports.known import Known
from server.imports.reports import OldReports
from tests.bench import town

Json = Any


class OldSystem:
    """Reports of an old system, made row by row as ``manzana import reports`` makes them: unsigned."""

    def __init__(self, known: Known, total: int, still_open: float = 1.0) -> None:
        # Old ones first; those that ended did so before any phone would still be told.
        self._now = SystemClock().now()
        self._first = self._now - timedelta(days=400, seconds=total)
        self._closed = round(total * (1 - still_open))
        self._old = OldReports("banco", known, self._now)
        self._given = 0

    def receipts(self, count: int, block: Callable[[], int]) -> Iterator[Json]:
        """The receipts of ``count`` reports more (two of one that ended); ``block`` says where each is."""
        for _ in range(count):
            self._given += 1
            spot = town.middle(block())
            row = {
                "folio": f"A-{self._given}",
                "date": (self._first + timedelta(seconds=self._given)).isoformat(),
                "type": "bache",
                "text": "Bache frente a la escuela",
                "lat": repr(spot["lat"]),
                "lon": repr(spot["lon"]),
            }
            if self._given <= self._closed:
                row["closed"] = (self._now - timedelta(days=200)).isoformat()
            yield from self._old.receipts(self._given, row)

    @classmethod
    async def of(cls, context: Context, total: int, still_open: float = 1.0) -> OldSystem:
        known = await Known.load(context.databases)
        known.channels["ventanilla"] = {"_id": "channel:ventanilla", "name": "Ventanilla", "active": True}
        return cls(known, total, still_open)


def told_every(seconds: float, what: str, total: int) -> Callable[[int], None]:
    """Prints how far it is, at most once in so many seconds."""
    begun = last = time.perf_counter()

    def tell(done: int) -> None:
        nonlocal last
        now = time.perf_counter()
        if now - last >= seconds:
            last = now
            print(f"  {now - begun:,.0f} s: {done:,} of {total:,} {what}", file=sys.stderr, flush=True)

    return tell


async def told_meanwhile(work: Coroutine[Any, Any, None], count: Callable[[], int], total: int) -> None:
    """``work``, telling every ten seconds how far ``count`` is."""
    task, tell = asyncio.ensure_future(work), told_every(10, "taken in", total)
    while not task.done():
        await asyncio.wait({task}, timeout=0.2)
        tell(count())
    task.result()
