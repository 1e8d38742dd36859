"""``manzana intake``: what was not admitted, and judging it anew."""

from __future__ import annotations

import click

from server.clock import SystemClock
from server.console.options import data_options, existing, run
from server.context import open_engine
from server.documents.trouble import Trouble
from server.intake.chores import requests
from server.settings import Settings
from server.store.databases import Databases


@click.group()
def command() -> None:
    """Refused and quarantined events."""


async def _troubles(settings: Settings) -> list[Trouble]:
    async with await open_engine(settings) as engine:
        return await requests.troubles(await Databases.open(engine))


@command.command("list")
@data_options
def listing(settings: Settings) -> None:
    """List what was refused or is in quarantine."""
    existing(settings)
    for doc in run(_troubles(settings)):
        kind, _, event = str(doc["_id"]).partition(":")
        click.echo(f"{doc['at']} {kind} {event} {doc['code']}: {doc['reason']}")


async def _retry(settings: Settings, events: tuple[str, ...], everything: bool, force: bool) -> list[str]:
    missing: list[str] = []
    async with await open_engine(settings) as engine:
        databases = await Databases.open(engine)
        if everything:
            held = [str(doc["_id"]) for doc in await requests.troubles(databases)]
            events = tuple(doc_id.partition(":")[2] for doc_id in held if doc_id.startswith("quarantine:"))
        for event in events:
            known = await requests.retry(databases, SystemClock(), "cli", event, force=force)
            missing += [] if known else [event]
    return missing


@command.command()
@click.argument("events", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Everything that is in quarantine.")
@click.option(
    "--force",
    is_flag=True,
    help="Admit what a revoked phone handed over, or a full report: somebody has looked at it.",
)
@data_options
def retry(settings: Settings, events: tuple[str, ...], everything: bool, force: bool) -> None:
    """Have EVENTS (their uuids) judged anew by the intake, which runs in `manzana serve`."""
    existing(settings)
    if not events and not everything:
        raise click.UsageError("Name events, or use --all.")
    missing = run(_retry(settings, events, everything, force))
    for event in missing:
        click.echo(f"{event} is neither refused nor in quarantine.", err=True)
    if missing:
        raise SystemExit(1)
