"""``manzana restore``."""

from __future__ import annotations

from pathlib import Path

import click

from server.clock import SystemClock
from server.console.options import data_options, run
from server.context import open_engine
from server.operations.backup import Backup
from server.operations.restore import restore
from server.settings import Settings


async def _restore(settings: Settings, folder: Path) -> tuple[Backup, int | None]:
    if not settings.couchdb_url:
        return await restore(folder, settings, SystemClock())
    async with await open_engine(settings) as target:
        return await restore(folder, settings, SystemClock(), target)


@click.command()
@click.argument("backup", type=click.Path(path_type=Path, exists=True, file_okay=False))
@data_options
def command(settings: Settings, backup: Path) -> None:
    """Restore BACKUP (a folder that `manzana backup` made) into an empty DATA_DIR or CouchDB.

    Phones heal by themselves: a new epoch makes them offer again what they still hold.
    """
    done, skipped = run(_restore(settings, backup))
    click.echo(f"Restored what was backed up at {done.made_at}: admissions up to {done.admission}.")
    if skipped is not None:
        click.echo(
            f"The folio ledger is missing, or may be as old as the backup: folios go on after {skipped:,}, "
            "so that none is given twice."
        )
