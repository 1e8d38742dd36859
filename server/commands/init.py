"""``manzana init``: a municipality from nothing, or from the files it has."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from server.accounts.documents import AccountDoc
from server.accounts.model import check_account
from server.accounts.passwords import hash_password
from server.cases.validation import reasons
from server.catalogue import defaults
from server.commands.import_ import FILE, area_files
from server.console.importing import (
    KINDS,
    Choices,
    bar,
    findings_of,
    import_options,
    table_bar,
    take_in,
    told,
)
from server.context import Context, open_context
from server.documents.shapes import MunicipalSettings
from server.imports import run
from server.imports.statuses import words_of
from server.imports.store import batches, store
from server.municipality.zones import zone_of
from server.settings import read
from server.store.databases import Databases
from server.store.scan import scan
from sync.errors import NotFound
from sync.interface import Database


def settings_document(
    municipality: str, state: str, timezone: str, prefix: str, duty_phone: str
) -> MunicipalSettings:
    """The ``settings`` of a new municipality. Raises ``UsageError`` with what cannot be used."""
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise click.UsageError(
            f"--timezone {timezone!r} is no time zone (America/Mexico_City, for one)."
        ) from None
    doc: MunicipalSettings = {
        "_id": "settings",
        "schema": "settings.v1",
        "municipality": municipality,
        "state": state,
        "timezone": timezone,
        "brand": None,
        "slogan": None,
        "election_mode": False,
        "emergency_phone": "911",
        "duty_phone": duty_phone or None,
        "outline": None,
        "center": None,
        "folio_prefix": prefix,
        "notice": "1",
        "courier_key": None,
        "app_floor": None,
        "answer_hours": 24,
        "late_days": 7,
        "evidence_flag_days": 7,
    }
    found = reasons("settings.v1", doc)
    if found:
        raise click.UsageError(f"The settings cannot be used: {found[0]}.")
    return doc


def found_zone(municipality: str, state: str) -> str:
    """The zone that follows from where the municipality lies. Raises ``UsageError`` where none does."""
    zone = zone_of(municipality, state)
    if zone is None:
        said = f"--state {state!r} is no state of Mexico" if state else "where it lies is not said"
        raise click.UsageError(
            f"The time zone is not known: {said}. Say --state (Sonora, Quintana Roo, …) or --timezone "
            "(America/Hermosillo, for one)."
        )
    return zone


#: In ``reference`` while ``init`` has not come to its end: it may then be run again.
_BEGUN = "init"


async def create(context: Context, settings: MunicipalSettings) -> None:
    """The default catalogue, then the settings: a municipality exists from then on.

    What an ``init`` that failed left is made anew. Raises ``ClickException`` where a municipality stands.
    """
    databases = context.databases
    there = await context.reference_settings() if await context.is_founded() else None
    try:
        begun = await databases.reference.get_local(_BEGUN)
    except NotFound:
        begun = None
    if there:
        if begun is None or there.get("municipality") != settings["municipality"]:
            raise click.ClickException(
                "these data hold a municipality already; add to it with 'manzana import'."
            )
        if not await _prefixed(databases.cases, "record:"):
            await _clear(databases)
    if begun is None:
        await databases.reference.put_local(_BEGUN, {"municipality": settings["municipality"]})
    await store(databases.reference, defaults.documents().values())
    await store(databases.reference, [settings])


async def finish(context: Context) -> None:
    """``init`` came to its end: there is no second one."""
    try:
        await context.databases.reference.delete_local(_BEGUN)
    except NotFound:
        return


async def _prefixed(database: Database, prefix: str) -> list[dict[str, Any]]:
    """Ids and revisions of documents, as tombstones."""
    found = [one.read() async for one in scan(database, prefix)]
    return [{"_id": doc["_id"], "_rev": doc["_rev"], "_deleted": True} for doc in found]


async def _clear(databases: Databases) -> None:
    """Areas and padrón of an ``init`` that failed before anything was admitted: their ids may have been
    wrong.
    """
    for database, prefixes in (
        (databases.registry, ("block:", "sector:", "colonia:", "leader:", "outline:")),
        (databases.reference, ("area:", "outline")),
    ):
        for prefix in prefixes:
            for batch in batches(await _prefixed(database, prefix)):
                await database.bulk_docs(batch)


async def _admin(context: Context, account: str) -> str:
    """An admin account with a password that is said once."""
    password = secrets.token_urlsafe(15)
    doc: AccountDoc = {
        "_id": f"account:{account}",
        "schema": "account.v1",
        "name": "Administración",
        "role": "admin",
        "active": True,
        "term": None,
        "generation": 1,
        "password": await hash_password(password),
    }
    why = check_account(doc)
    if why:
        raise click.UsageError(f"--admin {account!r}: {why}.")
    await store(context.databases.accounts, [doc])
    return password


@click.command()
@click.option("--municipality", required=True, help="Its name, as people read it.")
@click.option("--state", default="", help="The state it lies in; its time zone follows from it.")
@click.option("--timezone", help="IANA name, where it does not follow from the state and municipality.")
@click.option(
    "--prefix", default="MZ", show_default=True, help="What folios begin with: 1 to 8 letters or digits."
)
@click.option("--duty-phone", default="", help="Who answers when an urgent report was not received.")
@click.option("--admin", default="", help="Create this administration account and print its password.")
@click.option("--areas", multiple=True, metavar="KIND=FILE", help="outline, colonia, sector, block: a map.")
@click.option(
    "--make-sectors", type=click.IntRange(0, 5000), default=0, help="Gather blocks into so many sectors."
)
@click.option("--accounts", type=FILE, help="Accounts, CSV or XLSX (kind account).")
@click.option("--leaders", type=FILE, help="The padrón, CSV or XLSX (kind leader).")
@click.option("--agencies", type=FILE, help="Agencies and departments, CSV or XLSX (kind agency).")
@click.option("--channels", type=FILE, help="Channels, CSV or XLSX (kind channel).")
@click.option("--types", type=FILE, help="Petition types, CSV or XLSX (kind type).")
@click.option("--rules", type=FILE, help="Routing rules, CSV or XLSX (kind rule).")
@click.option("--reports", type=FILE, help="An old system's reports, CSV or XLSX (kind report).")
@click.option("--source", help="Name of the old system; part of every id. Default: the file's name.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    metavar="WORD=MEANING",
    help="What a status of the old system means.",
)
@import_options
def command(
    municipality: str,
    state: str,
    timezone: str | None,
    prefix: str,
    duty_phone: str,
    admin: str,
    areas: tuple[str, ...],
    make_sectors: int,
    accounts: Path | None,
    leaders: Path | None,
    agencies: Path | None,
    channels: Path | None,
    types: Path | None,
    rules: Path | None,
    reports: Path | None,
    source: str | None,
    statuses: tuple[str, ...],
    **common: Any,
) -> None:
    """Make a municipality: the default catalogue, and what its files bring."""
    choices = Choices.of(common)
    settings = read(data_dir=common["data_dir"], couchdb_url=common["couchdb_url"])
    zone = timezone or found_zone(municipality, state)
    document = settings_document(municipality, state, zone, prefix, duty_phone)
    files = area_files(areas)
    tables = (
        ("agency", "Agencies", agencies),
        ("channel", "Channels", channels),
        ("type", "Petition types", types),
        ("account", "Accounts", accounts),
        ("leader", "Padrón", leaders),
    )

    async def bring(context: Context) -> None:
        databases = context.databases
        columns = {kind: choices.columns(kind) for kind in KINDS}
        await create(context, document)
        with findings_of(choices, "rows") as findings:
            if files:
                with bar("Areas", None):
                    wanted = run.AreaChoices(make_sectors)
                    written = await run.import_areas(databases, files, columns, findings, choices=wanted)
                told("Areas", written, choices.dry)
            for kind, what, path in tables:
                if path is not None:
                    with table_bar(what, path) as step:
                        written = await run.import_table(databases, kind, path, columns[kind], findings, step)
                    told(what, written, choices.dry)
            if rules is not None:
                with table_bar("Routing rules", rules) as step:
                    version = f"{rules.stem}-{context.clock.now():%Y%m%d%H%M}"
                    written = await run.import_rules(
                        databases, rules, columns["rule"], findings, step, version=version
                    )
                told("Routing rules", written, choices.dry)
            if reports is not None:
                with table_bar("Reports into the inbox", reports) as step:
                    written = await run.import_reports(
                        databases,
                        reports,
                        columns["report"],
                        findings,
                        step,
                        source=source,
                        words=words_of(statuses),
                        now=context.clock.now(),
                    )
                told("Reports, by row", written, choices.dry)

    async def go() -> None:
        async with open_context(settings) as context:
            await bring(context)
            await take_in(context)
            if admin:
                click.echo(f"Administration account: {admin}   password: {await _admin(context, admin)}")
            await finish(context)
            click.echo(f"Its time zone is {document['timezone']}.")
            click.echo(f"{municipality} is ready: manzana serve")

    async def try_out() -> None:
        """All of it for real, in a municipality that is thrown away."""
        with tempfile.TemporaryDirectory() as folder:
            elsewhere = replace(settings, data_dir=Path(folder), couchdb_url="")
            async with open_context(elsewhere) as context:
                await bring(context)
        click.echo(f"Its time zone would be {document['timezone']}.")

    if choices.dry:
        asyncio.run(try_out())
        return
    asyncio.run(go())
