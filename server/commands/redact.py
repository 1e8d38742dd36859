"""``manzana redact``: erasing what the law or a person's right demands."""

from __future__ import annotations

from collections.abc import Iterable

import click

from server.cases.personal import ERASABLE
from server.clock import SystemClock
from server.console.options import data_options, existing, run
from server.context import open_engine
from server.documents import reading
from server.documents.ids import blob_id, records_of
from server.documents.shapes import Event, Record
from server.evidence.blobstore import FolderBlobStore
from server.evidence.redaction import redact_photo
from server.intake.chores import requests
from server.intake.writing.ledger import LEDGER_FILE, report_asked
from server.settings import Settings
from server.store.databases import Databases
from server.store.scan import scan


@click.group()
def command() -> None:
    """Erase a citizen's data, parts of an event, or a photo. The report itself stays."""


async def _find(settings: Settings, asked: str) -> list[str]:
    report = report_asked(settings.data_dir / LEDGER_FILE, asked)
    if report is None:
        raise click.ClickException("There is no report with that folio.")
    async with await open_engine(settings) as engine:
        databases = await Databases.open(engine)
        records = [reading.record(row.body) async for row in scan(databases.cases, records_of(report))]
        brought = await _brought(databases, report, records)
    events = events_of(sorted(records, key=lambda doc: doc["admission"]))
    if not events:
        raise click.ClickException("There is no report with that folio.")
    lines: list[str] = []
    for event in events:
        payload, position = event["payload"], event["position"]
        held = sorted(ERASABLE & payload.keys())
        held += ["photos"] * bool(event.get("photos")) + ["position"] * (position.get("lat") is not None)
        lines.append("\t".join([event["_id"], event["kind"], event["occurred_at"], " ".join(held)]))
        if payload.get("citizen"):
            lines.append(payload["citizen"])
        hashes = [photo["sha256"] for photo in event.get("photos") or ()]
        lines += [f"{sha256}\tphoto" for sha256 in hashes if sha256 in brought]
    return lines


def events_of(records: Iterable[Record]) -> list[Event]:
    return [event for record in records if (event := record.get("event"))]


async def _brought(databases: Databases, report: str, records: list[Record]) -> set[str]:
    """Hashes that came for this report. One that it only declares may be a photo of another report, which
    whoever follows this list would erase.
    """
    listed = {photo["sha256"] for event in events_of(records) for photo in event.get("photos") or ()}
    blobs = await databases.evidence.get_many([blob_id(sha256) for sha256 in sorted(listed)])
    first = f"event:{report}:"
    return {
        blob["sha256"]
        for blob in blobs.values()
        if any(entry["event"].startswith(first) for entry in blob["deliveries"])
    }


@command.command()
@click.argument("report")
@data_options
def find(settings: Settings, report: str) -> None:
    """List what the others ask for: REPORT is a folio or a report's uuid.

    A line for each event, with the members it holds that can be taken out; below it its citizen's document
    and the photos that came for it. No content is shown.
    """
    existing(settings)
    for line in run(_find(settings, report)):
        click.echo(line)


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
