"""``manzana check``."""

from __future__ import annotations

import click

from server.accounts.directory import Directory
from server.clock import SystemClock
from server.console.options import bar, data_options, existing, run
from server.context import open_engine
from server.delivery.audit import check
from server.register.checking import check as check_register
from server.settings import Settings
from server.store.databases import Databases


async def _check(settings: Settings) -> list[str]:
    async with await open_engine(settings) as engine:
        databases = await Databases.open(engine)
        directory = Directory(databases.accounts)
        await directory.refresh()
        with bar() as progress:
            task = progress.add_task("Mailboxes", total=None)
            found = await check(
                databases,
                directory,
                SystemClock(),
                lambda _, number, total: progress.update(task, completed=number, total=total),
            )
        return found + await check_register(settings.data_dir / "register", databases)


@click.command()
@data_options
def command(settings: Settings) -> None:
    """Compare every mailbox, report and the register with the truth; list differences, conflicts and orphans.

    Writes nothing. Beside a running service, what is being delivered at that moment may be listed.
    """
    existing(settings)
    found = run(_check(settings))
    for line in found:
        click.echo(line)
    click.echo(f"{len(found)} findings" if found else "Everything is as it must be.", err=True)
    if found:
        raise SystemExit(1)
