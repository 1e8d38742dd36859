"""The replications a server runs: asked for once, or kept as documents of ``_replicator``.

Law: one replication runs once at a time; what runs is shown in ``tasks`` and ends with the server.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from sync.errors import BadRequest, EngineError, NotFound
from sync.interface import Engine
from sync.replicator.endpoint import opened
from sync.replicator.replication import Replication, Result
from sync.replicator.request import ReplicationRequest, parse_request

Json = dict[str, Any]

log = logging.getLogger("sync.replicator")


@dataclass(slots=True)
class Job:
    """``task`` gives the result; ``replication`` is None until both ends are open."""

    id: str
    request: ReplicationRequest
    started_on: int
    doc_id: str | None = None
    replication: Replication | None = None
    updated_on: int = 0
    task: asyncio.Task[Result] = field(init=False)


class Jobs:
    """Runs replications over ``engine``'s databases and URLs. ``now`` gives Unix seconds."""

    def __init__(self, engine: Engine, *, now: Callable[[], float], new_id: Callable[[], str]) -> None:
        from sync.replicator.documents import ReplicatorDocuments

        self.engine = engine
        self.now = now
        self._new_id = new_id
        self._running: dict[str, Job] = {}
        self._documents = ReplicatorDocuments(self)

    async def start(self) -> None:
        """Follow the ``_replicator`` database from now on, also if it is made later."""
        self._documents.start()

    async def stop(self) -> None:
        await self._documents.stop()
        jobs = list(self._running.values())
        for job in jobs:
            job.task.cancel()
        await asyncio.gather(*(job.task for job in jobs), return_exceptions=True)

    def database_made(self, name: str) -> None:
        """To be told of every new database: one of them may be ``_replicator``."""
        self._documents.database_made(name)

    async def request(self, body: Mapping[str, Any]) -> Json:
        """``POST /_replicate``: the answer's body. Raises the engine's errors."""
        if body.get("cancel"):
            return await self._cancel(body)
        asked = parse_request(body)
        job = self._running.get(asked.job_id) or self.begin(asked)
        if asked.options.continuous:
            return {"ok": True, "_local_id": job.id}
        # One who stops listening does not stop it for the others that asked for the same.
        return (await asyncio.shield(job.task)).as_json()

    async def _cancel(self, body: Mapping[str, Any]) -> Json:
        job_id = body.get("replication_id") or body.get("_local_id") or body.get("id")
        if job_id is None:
            job_id = parse_request(body).job_id
        if not isinstance(job_id, str):
            raise BadRequest("`replication_id` must be a string")
        job = self._running.get(job_id)
        if job is None:
            raise NotFound("There is no such replication")
        await self.end(job)
        return {"ok": True, "_local_id": job_id}

    def begin(self, asked: ReplicationRequest, doc_id: str | None = None) -> Job:
        job = Job(asked.job_id, asked, int(self.now()), doc_id)
        job.task = asyncio.get_running_loop().create_task(self._run(job))
        job.updated_on = job.started_on
        self._running[job.id] = job
        job.task.add_done_callback(lambda task: self._ended(job, task))
        return job

    def running(self, job_id: str) -> Job | None:
        return self._running.get(job_id)

    async def end(self, job: Job) -> None:
        job.task.cancel()
        await asyncio.gather(job.task, return_exceptions=True)

    def _ended(self, job: Job, task: asyncio.Task[Result]) -> None:
        self._running.pop(job.id, None)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, EngineError):
            log.warning("replication %s ended: %s", job.id, error.reason)
        elif error is not None:
            log.error("replication %s broke", job.id, exc_info=error)

    async def _run(self, job: Job) -> Result:
        asked = job.request
        async with AsyncExitStack() as stack:
            source = await stack.enter_async_context(opened(asked.source, self.engine))
            target = await stack.enter_async_context(
                opened(asked.target, self.engine, create=asked.create_target)
            )

            def moved(_: object) -> None:
                job.updated_on = int(self.now())

            job.replication = Replication(
                source, target, asked.options, on_progress=moved, now=self.now, new_id=self._new_id
            )
            return await job.replication.run()

    def tasks(self) -> list[Json]:
        """``GET /_active_tasks``."""
        return [_task(job) for job in self._running.values()]


def _task(job: Job) -> Json:
    task: Json = {
        "type": "replication",
        "replication_id": job.id,
        "doc_id": job.doc_id,
        "source": job.request.source.shown,
        "target": job.request.target.shown,
        "continuous": job.request.options.continuous,
        "started_on": job.started_on,
        "updated_on": job.updated_on,
    }
    if job.replication is not None:
        progress = job.replication.progress
        task |= {
            "docs_read": progress.docs_read,
            "docs_written": progress.docs_written,
            "doc_write_failures": progress.doc_write_failures,
            "revisions_checked": progress.missing_checked,
            "missing_revisions_found": progress.missing_found,
            "changes_pending": progress.pending,
            "bytes": progress.bytes,
            "source_seq": progress.source_seq,
            "checkpointed_source_seq": progress.checkpointed_seq,
            "trouble": job.replication.trouble,
        }
    return task
