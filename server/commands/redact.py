"""``manzana redact``: erasing what the law or a person's right demands."""

from __future__ import annotations

from collections.abc import Iterable

import click

from server.accounts.audit import Audit
from server.cases.personal import ERASABLE
from server.channels.talks.erasing import erase
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


async def _person(settings: Settings, number: int, reason: str) -> int:
    async with await open_engine(settings) as engine:
        databases = await Databases.open(engine)
        docs = {
            doc["number"]: doc for doc in [found.read() async for found in scan(databases.office, "person:")]
        }
        if number not in docs:
            raise click.ClickException("Nobody has that citizen number.")
        family, grown = {number}, 0
        while grown < len(family):
            grown = len(family)
            family |= {key for key, doc in docs.items() if doc["merged_into"] in family}
            family |= {docs[key]["merged_into"] for key in family if docs[key]["merged_into"] in docs}
        citizens = sorted({entry["citizen"] for key in family for entry in docs[key]["citizens"]})
        for citizen in citizens:
            await requests.redact_citizen(databases, SystemClock(), "cli", citizen, reason)
        return len(citizens)


@command.command()
@click.argument("number", type=click.IntRange(1, 99_999_999))
@click.option("--reason", required=True, help="Kept on record: the request's number, the resolution.")
@data_options
def person(settings: Settings, number: int, reason: str) -> None:
    """Erase everything of a person: NUMBER is the citizen number, or one that was joined to it."""
    existing(settings)
    count = run(_person(settings, number, reason))
    click.echo(f"Asked for: {count} documents of that person; the service erases them everywhere.")


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


async def _talk(settings: Settings, talk: str, reason: str) -> bool:
    async with await open_engine(settings) as engine:
        databases = await Databases.open(engine)
        gone = await erase(databases, talk)
        if gone:
            await databases.office.compact()
            await Audit(databases.accounts, SystemClock()).record(
                "cli", "conversation_erased", f"{talk} {reason}"
            )
        return gone


@command.command()
@click.argument("talk")
@click.option("--reason", required=True)
@data_options
def talk(settings: Settings, talk: str, reason: str) -> None:
    """Erase a conversation, at once: TALK is what its page's address ends with, channel/key."""
    existing(settings)
    if not run(_talk(settings, "talk:" + talk.strip("/").removeprefix("talk:").replace("/", ":"), reason)):
        raise click.ClickException("There is no such conversation, or it is being written in: try again.")
    click.echo("Erased. Backups hold it until they are deleted.")
