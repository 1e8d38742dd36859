"""``manzana rebuild``."""

from __future__ import annotations

import click

from server.clock import SystemClock
from server.console.options import data_options, existing, run
from server.context import open_engine
from server.intake.chores import requests
from server.intake.running.lock import IntakeLock, IntakeRunning
from server.operations.restore import remake_mailboxes
from server.settings import Settings
from server.store.databases import Databases


async def _rebuild(settings: Settings) -> str:
    async with await open_engine(settings) as engine:
        databases = await Databases.open(engine)
        try:
            with IntakeLock(settings.data_dir):
                written = await remake_mailboxes(databases, SystemClock())
                return f"Every mailbox was made anew: {written} documents."
        except IntakeRunning:
            await requests.rebuild(databases, SystemClock(), "cli")
            return "The running service was asked to make every mailbox anew."


@click.command()
@data_options
def command(settings: Settings) -> None:
    """Make every mailbox anew from the truth; a running service is asked to do it itself."""
    existing(settings)
    click.echo(run(_rebuild(settings)))
