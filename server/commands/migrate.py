"""``manzana migrate``."""

from __future__ import annotations

from dataclasses import replace

import click

from server.clock import SystemClock
from server.console.options import bar, data_options, existing, run
from server.context import open_engine
from server.operations.migrate import Migrated, migrate
from server.settings import Settings


async def _migrate(settings: Settings, to: str) -> Migrated:
    async with (
        await open_engine(replace(settings, couchdb_url="")) as source,
        await open_engine(replace(settings, couchdb_url=to)) as target,
    ):
        with bar() as progress:
            task = progress.add_task("Mailboxes", total=None)

            def show(_: str, number: int, total: int) -> None:
                progress.update(task, completed=number, total=total)

            return await migrate(source, target, settings.data_dir, SystemClock(), show)


@click.command()
@click.option("--to", required=True, help="The CouchDB, such as http://admin:password@host:5984.")
@data_options
def command(settings: Settings, to: str) -> None:
    """Move the municipality from the embedded engine to a CouchDB (prefix COUCHDB_PREFIX).

    Stop the service first. Photos and the folio ledger stay in DATA_DIR; start again with COUCHDB_URL.
    """
    settings = replace(settings, couchdb_url="")
    existing(settings)
    done = run(_migrate(settings, to))
    for name, number in done.documents.items():
        click.echo(f"{name}: {number} documents, compared")
    click.echo(f"mailboxes: {done.mailbox_documents} documents, made anew")
    click.echo(
        f"Start the service with COUCHDB_URL set; keep DATA_DIR={settings.data_dir} for photos and folios."
    )
