"""Intake beside the service, in its process or alone.

Law: an intake that ended by itself is a defect, and the process that runs it ends too: a service that takes
events in and never answers for them would look well and be dead.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from server.context import Context
from server.intake.chores.timers import webhook
from server.intake.running.intake import Intake

log = structlog.get_logger("manzana.intake")


@asynccontextmanager
async def running_intake(context: Context) -> AsyncIterator[Intake]:
    """Intake over an open context until the block ends. Raises ``IntakeRunning`` where another one runs."""
    inside = context.settings.intake == "inside"
    intake = Intake(
        context.databases,
        context.directory,
        context.clock,
        context.settings.data_dir,
        certain=context.certain,
        on_woken=context.feeds.rouse if inside else None,
        hook=webhook(url) if (url := context.settings.escalation_url) else None,
    )
    await intake.start()
    assert intake.task is not None
    intake.task.add_done_callback(_ended)
    try:
        yield intake
    finally:
        intake.task.remove_done_callback(_ended)
        await intake.stop()


def _ended(task: asyncio.Task[None]) -> None:
    if task.cancelled():
        return
    log.error("intake_ended", error=repr(task.exception()), exc_info=task.exception())
    os.kill(os.getpid(), signal.SIGTERM)
