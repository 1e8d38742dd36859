"""What the service does by itself now and then: ended sessions and dead uploads go, the courier key is there.

Law: everything here may be done twice, by two processes, or not at all for a week.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from server.context import Context
from server.courier.delivery import ensure_key
from server.operations import strays
from server.worker import Worker
from sync.errors import EngineError

log = structlog.get_logger("manzana.housekeeping")

#: Seconds between rounds.
_ROUND = 3_600.0
#: Rounds between two that look through everything.
_DAY = 24


async def tidy(context: Context) -> dict[str, int]:
    """One round; gives what went."""
    await ensure_key(context.databases.accounts, context.databases.reference)
    context.examination.retry()
    gone = {"acts": 0, "sessions": await context.sessions.sweep(), "talks": 0, "uploads": 0}
    if not context.certain.doubted:
        gone["acts"] = await context.pen.tidy()
        gone["talks"] = await context.keeping.tidy()
        gone["uploads"] = await context.uploads.sweep(timedelta(days=context.settings.upload_days))
    return gone


async def daily(context: Context) -> int:
    """What looks through everything: stray photos go, and what was redacted is gone from the file within a
    day. Gives how many photos went.
    """
    gone = 0
    if not context.certain.doubted:
        gone = await strays.sweep(context, timedelta(days=context.settings.upload_days))
    await context.databases.citizens.compact()
    return gone


@asynccontextmanager
async def housekeeping(context: Context) -> AsyncIterator[None]:
    """Rounds until the block ends, the first one at once."""
    worker = Worker("housekeeping", lambda: _rounds(context))
    context.workers.append(worker)
    worker.start()
    try:
        yield
    finally:
        await worker.stop()


async def _rounds(context: Context) -> None:
    for number in itertools.count():
        try:
            log.info("tidied", **await tidy(context))
            if number % _DAY == 0:
                await daily(context)
        except EngineError as error:
            log.warning("tidying_failed", error=error.error)
        await asyncio.sleep(_ROUND)
