"""One replication: from finding where two databases last agreed to carrying what is new since.

Law: a checkpoint is recorded only after everything before it is written or refused for good (``Transfer``).
A failure of the line is waited out and the batch done again; whatever happens, running it once more completes
it.
The steps are numbered as in CouchDB's documentation, "Replication Protocol Algorithm".
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import partial
from typing import Any, TypeVar

from sync.errors import Unavailable
from sync.interface import ChangePage, ChangesQuery, Database
from sync.replicator import checkpoint
from sync.replicator.backoff import delay
from sync.replicator.progress import Progress
from sync.replicator.transfer import Transfer

Json = dict[str, Any]
T = TypeVar("T")

#: Seconds of one wait at the source's feed; then the feed is asked anew, so a dead line is noticed.
LISTEN = 50.0


@dataclass(frozen=True, slots=True)
class Options:
    """``tries``: failures in a row before giving up (None: never). ``batch``: changes read at once."""

    continuous: bool = False
    doc_ids: tuple[str, ...] | None = None
    selector: Mapping[str, Any] | None = None
    batch: int = 500
    tries: int | None = 6
    use_checkpoints: bool = True
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended. ``history`` is the log as recorded, newest first."""

    replication_id: str
    session_id: str
    source_last_seq: str
    progress: Progress
    history: list[Json] = field(default_factory=list)

    def as_json(self) -> Json:
        """CouchDB's answer to ``POST /_replicate``."""
        answer: Json = {
            "ok": True,
            "session_id": self.session_id,
            "source_last_seq": self.source_last_seq,
            "replication_id_version": checkpoint.VERSION,
            "history": self.history,
        }
        if not self.progress.missing_checked:
            answer["no_changes"] = True
        return answer


class Replication:
    """One run from ``source`` to ``target``; ``on_progress`` is called after every batch and every failure.

    ``now`` gives Unix seconds, ``rand`` numbers from 0 to 1, ``pause`` waits seconds.
    """

    def __init__(
        self,
        source: Database,
        target: Database,
        options: Options = Options(),
        *,
        on_progress: Callable[[Progress], None] = lambda progress: None,
        now: Callable[[], float] = time.time,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
        rand: Callable[[], float] = random.random,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.source = source
        self.target = target
        self.options = options
        self.progress = Progress()
        #: The last failure while it lasts, for who looks from outside.
        self.trouble: str | None = None
        self.replication_id = ""
        self._on_progress = on_progress
        self._now = now
        self._rand = rand
        self._pause = pause
        self._session = new_id()
        self._transfer = Transfer(source, target, self.progress)
        self._logs: list[Json] = [{}, {}]
        self._started = now()
        self._start_seq = "0"

    async def run(self) -> Result:
        """To the end of the feed; ``continuous`` never returns. Raises the engine's errors."""
        since = await self._persist(self._find_common_ancestry)
        self._start_seq = self.progress.source_seq = self.progress.checkpointed_seq = since
        while True:
            page = await self._persist(partial(self._batch, since))
            since = page.last_seq
            self._on_progress(self.progress)
            if page.rows:
                continue
            if not self.options.continuous:
                return self._result(since)
            await self._persist(partial(self.source.wait_for_change, since, LISTEN))

    async def _persist(self, step: Callable[[], Awaitable[T]]) -> T:
        """Do a step until it succeeds, waiting longer after each failure. Only outages are waited out."""
        failures = 0
        while True:
            try:
                value = await step()
            except Unavailable as error:
                failures += 1
                if self.options.tries is not None and failures >= self.options.tries:
                    raise
                self.trouble = error.reason
                self.progress.retries += 1
                self._on_progress(self.progress)
                await self._pause(delay(failures, self._rand))
            else:
                self.trouble = None
                return value

    async def _find_common_ancestry(self) -> str:
        """2.4.2.1 Verify Peers, 2.4.2.2 Get Peers Information, 2.4.2.3 Find Common Ancestry."""
        source, target = await self.source.info(), await self.target.info()
        self.replication_id = checkpoint.replication_id(
            source.uuid, target.uuid, self.options.doc_ids, self.options.selector
        )
        if self.options.since is not None or not self.options.use_checkpoints:
            return self.options.since or "0"
        self._logs = [
            await checkpoint.read_log(side, self.replication_id) for side in (self.source, self.target)
        ]
        return checkpoint.common_sequence(*self._logs)

    async def _batch(self, since: str) -> ChangePage:
        """2.4.2.4 Locate Changed Documents, 2.4.2.5 Replicate Changes."""
        options = self.options
        page = await self.source.changes(
            ChangesQuery(
                since=since,
                limit=options.batch,
                all_leaves=True,
                doc_ids=options.doc_ids,
                selector=None if options.selector is None else dict(options.selector),
            )
        )
        if page.rows:
            await self._transfer.batch(page.rows)
        self.progress.source_seq = page.last_seq
        self.progress.pending = page.pending
        if options.use_checkpoints and page.last_seq != self.progress.checkpointed_seq:
            await self._record(page.last_seq)
        return page

    async def _record(self, seq: str) -> None:
        """2.4.2.5.5 Record Replication Checkpoint: first where the documents are, then at the source."""
        entry = {
            "session_id": self._session,
            "start_time": formatdate(self._started, usegmt=True),
            "end_time": formatdate(self._now(), usegmt=True),
            "start_last_seq": self._start_seq,
            "end_last_seq": seq,
            "recorded_seq": seq,
            **self.progress.as_json(),
        }
        self._logs[1] = await checkpoint.record(self.target, self.replication_id, self._logs[1], entry)
        self._logs[0] = await checkpoint.record(self.source, self.replication_id, self._logs[0], entry)
        self.progress.checkpointed_seq = seq

    def _result(self, seq: str) -> Result:
        history = self._logs[0].get("history", [])
        return Result(self.replication_id, self._session, seq, self.progress, list(history))


async def replicate(
    source: Database,
    target: Database,
    *,
    continuous: bool = False,
    doc_ids: tuple[str, ...] | None = None,
    selector: Mapping[str, Any] | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Result:
    """Carry from ``source`` to ``target`` what it lacks. See ``Options`` and ``Replication`` for more."""
    options = Options(continuous=continuous, doc_ids=doc_ids, selector=selector)
    return await Replication(source, target, options, on_progress=on_progress).run()
