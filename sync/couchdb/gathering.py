"""Writes to one database that come while another is on its way go together in the next request.

Law: whoever writes gets the rows of its own documents, in its order, as if it had been alone. Two edits of
one id never meet in a request. One that is refused whole changed nothing, so each of its writers is then
heard alone; where nobody knows what became of it, all of them are told so.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from sync.errors import BadRequest, EngineError, TooLarge
from sync.interface import BulkRow, JsonBytes

#: Documents and bytes of one request made of several: what a CouchDB takes in at ease.
MOST_DOCS = 500
MOST_BYTES = 4_000_000

#: Writes documents as they are, a row for each.
Send = Callable[[list[JsonBytes]], Awaitable[list[BulkRow]]]


@dataclass(slots=True, eq=False)
class _Part:
    """The documents of one writer, who waits for ``rows``."""

    ids: frozenset[str]
    raws: list[JsonBytes]
    rows: asyncio.Future[list[BulkRow]]
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = sum(map(len, self.raws))


class Gathering:
    """Of one database. One request is on its way at a time."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: deque[_Part] = deque()
        self._task: asyncio.Task[None] | None = None

    async def write(self, ids: Sequence[str], raws: list[JsonBytes]) -> list[BulkRow]:
        """Write documents, whose ids are ``ids``. Raises the engine's errors."""
        part = _Part(frozenset(ids), raws, asyncio.get_running_loop().create_future())
        self._waiting.append(part)
        if self._task is None:
            self._task = asyncio.create_task(self._go(), name="couchdb-gathering")
        return await part.rows

    async def _go(self) -> None:
        try:
            while self._waiting:
                await self._one(self._next())
        except BaseException as error:
            _fail(list(self._waiting), error)
            self._waiting.clear()
            raise
        finally:
            self._task = None

    def _next(self) -> list[_Part]:
        """Those that go together, in the order they came."""
        parts: list[_Part] = []
        ids: set[str] = set()
        docs = size = 0
        while self._waiting:
            part = self._waiting[0]
            docs, size = docs + len(part.raws), size + part.size
            if parts and (docs > MOST_DOCS or size > MOST_BYTES or not ids.isdisjoint(part.ids)):
                break
            ids |= part.ids
            parts.append(self._waiting.popleft())
        return parts

    async def _one(self, parts: list[_Part]) -> None:
        try:
            rows = await self._send([raw for part in parts for raw in part.raws])
        except (BadRequest, TooLarge) as refused:
            if len(parts) == 1:
                _fail(parts, refused)
            else:
                for part in parts:
                    await self._one([part])
        except EngineError as error:
            _fail(parts, error)
        except BaseException as error:
            _fail(parts, error)
            raise
        else:
            first = 0
            for part in parts:
                last = first + len(part.raws)
                if not part.rows.done():  # whoever waited may have gone
                    part.rows.set_result(rows[first:last])
                first = last


def _fail(parts: list[_Part], error: BaseException) -> None:
    for part in parts:
        if part.rows.done():
            continue
        if isinstance(error, asyncio.CancelledError):
            part.rows.cancel()
        else:
            part.rows.set_exception(error)
