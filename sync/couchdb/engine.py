"""A CouchDB's databases, under a prefix.

Law: only databases whose names begin with ``prefix`` are seen or touched; callers use names without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

import httpx2

from sync import jsontext
from sync.couchdb.connection import Connection
from sync.couchdb.database import CouchDatabase
from sync.errors import BadRequest, DatabaseNotFound, NotFound, NotImplementedHere, Unavailable
from sync.interface import BulkRow, Database, Engine, Step, Write


class CouchEngine(Engine):
    """``shards`` gives a new database's ``q`` (None: the server's default); mailboxes take one."""

    def __init__(
        self,
        connection: Connection,
        *,
        prefix: str = "",
        shards: Callable[[str], int | None] = lambda name: None,
    ) -> None:
        self._connection = connection
        self._prefix = prefix
        self._shards = shards

    def _database(self, name: str) -> CouchDatabase:
        return CouchDatabase(self._connection, name, quote(self._prefix + name, safe=""))

    async def create(self, name: str) -> Database:
        shards = self._shards(name)
        params: dict[str, str | int | bool] = {} if shards is None else {"q": shards}
        database = self._database(name)
        response = await self._connection.send("PUT", database.path, params=params)
        if response.status_code == 202:
            # Not every node has it yet: it is there for us when it can be read.
            await database.readable()
        return database

    async def open(self, name: str) -> Database:
        database = self._database(name)
        await database.check()
        return database

    async def delete(self, name: str) -> None:
        await self._connection.send("DELETE", self._database(name).path)

    async def names(self, *, prefix: str = "") -> list[str]:
        start = self._prefix + prefix
        params: dict[str, str | int | bool] = {}
        if start:
            params = {
                "startkey": jsontext.dumps(start).decode(),
                "endkey": jsontext.dumps(start + "\ufff0").decode(),
            }
        names = await self._connection.json("GET", "_all_dbs", params=params)
        return sorted(name[len(self._prefix) :] for name in names if name.startswith(start))

    async def spread(self, *steps: Step) -> list[list[BulkRow]]:
        if any("_attachments" in write.doc for step in steps for write in step.writes):
            raise BadRequest("Attachments are written to one database at a time")
        written: list[list[BulkRow]] = []
        for step in steps:
            written.append(await self._at_once(step.writes))
            if step.strict and not all(row.ok for row in written[-1]):
                break
        return written

    async def _at_once(self, writes: Sequence[Write]) -> list[BulkRow]:
        rows = [BulkRow(write.doc["_id"], None) for write in writes]
        places: dict[str, list[int]] = {}
        for place, write in enumerate(writes):
            places.setdefault(write.database.name, []).append(place)

        async def one(mine: list[int]) -> None:
            database = writes[mine[0]].database
            try:
                answers = await database.bulk_docs([writes[place].whole() for place in mine])
            except DatabaseNotFound as error:
                answers = [BulkRow(rows[place].id, None, error.error, error.reason) for place in mine]
            for place, row in zip(mine, answers, strict=True):
                rows[place] = row

        await asyncio.gather(*map(one, places.values()))
        return rows

    async def backup(self, folder: str) -> None:
        raise NotImplementedHere("A CouchDB is backed up by replicating it or by its operator's own tools")

    async def close(self) -> None:
        await self._connection.close()


async def open_couchdb(
    url: str,
    *,
    prefix: str = "",
    headers: Mapping[str, str] | None = None,
    shards: Callable[[str], int | None] = lambda name: None,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> CouchEngine:
    """The CouchDB at ``url`` (credentials in it), once it has answered as one.

    Raises ``BadRequest`` for what is no URL, ``Unavailable`` when no CouchDB is there, ``Unauthorized`` for
    wrong credentials.
    """
    connection = Connection(url, headers=headers, transport=transport)
    try:
        welcome = await connection.json("GET", "")
        if not _welcomes(welcome):
            raise Unavailable(f"{connection.url} answers, but is no CouchDB")
        await connection.json("GET", "_all_dbs", params={"limit": 1})
    except NotFound as error:
        await connection.close()
        raise Unavailable(f"{connection.url} answers, but is no CouchDB") from error
    except BaseException:
        await connection.close()
        raise
    return CouchEngine(connection, prefix=prefix, shards=shards)


def _welcomes(value: object) -> bool:
    """CouchDB answers ``{"couchdb": "Welcome"}``; others of its kind put their own name."""
    return isinstance(value, dict) and any(str(text).startswith("Welcome") for text in value.values())
