"""``manzana redact``: erasing what the law or a person's right demands."""

from __future__ import annotations

import click

from server.cases.personal import ERASABLE
from server.clock import SystemClock
from server.context import open_engine
from server.databases import Databases
from server.evidence.blobstore import FolderBlobStore
from server.evidence.redaction import redact_photo
from server.intake import requests
from server.operations.options import data_options, existing, run
from server.settings import Settings


@click.group()
def command() -> None:
    """Erase a citizen's data, parts of an event, or a photo. The report itself stays."""


async def _citizen(settings: Settings, citizen: str, reason: str) -> None:
    async with await open_engine(settings) as engine:
        await requests.redact_citizen(await Databases.open(engine), SystemClock(), "cli", citizen, reason)


@command.command()
@click.argument("citizen")
@click.option("--reason", required=True, help="Kept on record: the request's number, the resolution.")
@data_options
def citizen(settings: Settings, citizen: str, reason: str) -> None:
    """Erase a citizen's data: CITIZEN is the document's id. The running service does it in its turn."""
    existing(settings)
    run(_citizen(settings, citizen, reason))
    click.echo("Asked for; the service erases it everywhere and makes the mailboxes concerned anew.")


async def _event(settings: Settings, event: str, members: tuple[str, ...], reason: str) -> None:
    async with await open_engine(settings) as engine:
        databases = await Databases.open(engine)
        await requests.redact_event(databases, SystemClock(), "cli", event, list(members), reason)


@command.command()
@click.argument("event")
@click.option("--member", "members", multiple=True, required=True, type=click.Choice(sorted(ERASABLE)))
@click.option("--reason", required=True)
@data_options
def event(settings: Settings, event: str, members: tuple[str, ...], reason: str) -> None:
    """Take members of an event out of the report and every copy: EVENT is event:<report>:<event>."""
    existing(settings)
    run(_event(settings, event, members, reason))
    click.echo("Asked for; the service takes them out of the report and every copy.")


async def _photo(settings: Settings, sha256: str, reason: str) -> bool:
    async with await open_engine(settings) as engine:
        databases = await Databases.open(engine)
        blobs = FolderBlobStore(settings.data_dir / "evidence")
        return await redact_photo(databases.evidence, blobs, SystemClock(), sha256, reason)


@command.command()
@click.argument("sha256")
@click.option("--reason", required=True)
@data_options
def photo(settings: Settings, sha256: str, reason: str) -> None:
    """Erase a photo, original and derivatives, at once."""
    existing(settings)
    if not run(_photo(settings, sha256, reason)):
        raise click.ClickException("There is no such photo.")
    click.echo("Erased. Backups hold it until they are deleted.")
