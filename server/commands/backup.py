"""``manzana backup``."""

from __future__ import annotations

from pathlib import Path

import click

from server.clock import SystemClock
from server.console.options import data_options, existing, run
from server.context import open_engine
from server.evidence.blobstore import FolderBlobStore
from server.operations.backup import Backup, back_up, prune, sweep_photos
from server.settings import Settings
from server.store.databases import Databases


async def _backup(settings: Settings, root: Path) -> Backup:
    async with await open_engine(settings) as engine:
        databases = await Databases.open(engine)
        return await back_up(databases, FolderBlobStore(settings.data_dir / "evidence"), root, SystemClock())


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    help="Delete all but so many of the newest backups there, and photos that none of them names.",
)
@data_options
def command(settings: Settings, folder: Path, keep: int | None) -> None:
    """Back up into FOLDER/<moment>, while the service runs.

    Phones free what they keep once it is backed up. Copy FOLDER to another machine afterwards.
    """
    existing(settings)
    done = run(_backup(settings, folder))
    total = sum(done.documents.values())
    click.echo(f"{done.folder}: {total} documents, {done.photos} photos, admissions up to {done.admission}")
    for old in prune(folder, keep) if keep else []:
        click.echo(f"deleted {old}")
    if keep:
        swept = run(sweep_photos(folder))
        if swept is None:
            click.echo(
                f"No photo was deleted: {folder} holds an unfinished backup; delete it if nobody makes it."
            )
        elif swept:
            click.echo(f"deleted {swept} photo files that no backup there names any more")
