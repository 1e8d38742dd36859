"""Replications kept as documents of the ``_replicator`` database.

Law: a document's replication runs from when it is stored until it completes, fails for good, or the document
is changed or deleted; its state is written into it (``_replication_state``: triggered, completed, failed) and
a restarted server takes up what was triggered. Source: CouchDB's documentation, "Replicator Database".
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sync import jsontext
from sync.errors import Conflict, DatabaseNotFound, EngineError, NotFound, Unavailable
from sync.interface import ChangesQuery, Database
from sync.replicator.replication import Result
from sync.replicator.request import parse_request

if TYPE_CHECKING:
    from sync.replicator.jobs import Job, Jobs

Json = dict[str, Any]

NAME = "_replicator"

#: Seconds of one wait at the feed of ``_replicator``.
LISTEN = 60.0
#: Seconds before the feed of an engine that is away is tried again.
AWAY = 5.0

log = logging.getLogger("sync.replicator")


class ReplicatorDocuments:
    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._made = asyncio.Event()
        self._follower: asyncio.Task[None] | None = None
        #: By document: what it asks for, and who sees to it.
        self._watchers: dict[str, tuple[Json, asyncio.Task[None]]] = {}

    def start(self) -> None:
        if self._follower is None:
            self._follower = asyncio.get_running_loop().create_task(self._follow())

    async def stop(self) -> None:
        tasks = [task for _, task in self._watchers.values()]
        if self._follower is not None:
            tasks.append(self._follower)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._follower = None
        self._watchers.clear()

    def database_made(self, name: str) -> None:
        if name == NAME:
            self._made.set()

    async def _follow(self) -> None:
        while True:
            self._made.clear()
            try:
                await self._feed(await self._jobs.engine.open(NAME))
            except DatabaseNotFound:
                for doc_id in list(self._watchers):
                    await self._forget(doc_id)
                await self._made.wait()
            except Unavailable as error:
                log.warning("the %s database is away: %s", NAME, error.reason)
                await asyncio.sleep(AWAY)

    async def _feed(self, database: Database) -> None:
        since = "0"
        while True:
            page = await database.changes(ChangesQuery(since=since, limit=200, include_docs=True))
            for row in page.rows:
                if row.id.startswith("_design/"):
                    continue
                if row.deleted or row.doc is None:
                    await self._forget(row.id)
                else:
                    await self._seen(database, row.id, jsontext.loads(row.doc))
            since = page.last_seq
            if not page.rows:
                await database.wait_for_change(since, LISTEN)

    async def _seen(self, database: Database, doc_id: str, doc: Json) -> None:
        asked = {name: value for name, value in doc.items() if not name.startswith("_")}
        watched = self._watchers.get(doc_id)
        if watched is not None and watched[0] == asked:
            return  # our own note of its state
        await self._forget(doc_id)
        if doc.get("_replication_state") in ("completed", "failed"):
            return
        task = asyncio.get_running_loop().create_task(self._see_to(database, doc_id, asked))
        self._watchers[doc_id] = (asked, task)

    async def _forget(self, doc_id: str) -> None:
        _, task = self._watchers.pop(doc_id, ({}, None))
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _see_to(self, database: Database, doc_id: str, asked: Json) -> None:
        job: Job | None = None
        try:
            # An outage is waited out for as long as the document stands, as CouchDB does.
            request = parse_request(asked, tries=None)
            if self._jobs.running(request.job_id) is not None:
                raise Conflict("The same replication is running already")
            await self._note(
                database, doc_id, {"_replication_state": "triggered", "_replication_id": request.job_id}
            )
            job = self._jobs.begin(request, doc_id)
            result = await job.task
        except asyncio.CancelledError:
            if job is not None:
                await self._jobs.end(job)
            raise
        except EngineError as error:
            await self._note(
                database, doc_id, {"_replication_state": "failed", "_replication_state_reason": error.reason}
            )
        else:
            await self._note(database, doc_id, _completed(result))

    async def _note(self, database: Database, doc_id: str, state: Json) -> None:
        """Write the state into the document, whatever else is written to it meanwhile."""
        stamp = datetime.fromtimestamp(int(self._jobs.now()), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        while True:
            try:
                doc = await database.get(doc_id)
                await database.put({**doc, **state, "_replication_state_time": stamp})
            except Conflict:
                continue
            except NotFound:
                pass  # deleted or dropped: nobody is left to be told
            return


def _completed(result: Result) -> Json:
    return {
        "_replication_state": "completed",
        "_replication_stats": {
            **result.progress.as_json(),
            "checkpointed_source_seq": result.source_last_seq,
        },
    }
