"""``manzana catalogue``: agencies, departments and channels, seen and changed one by one.

Law: the same rules as of a file (``server.imports.offices``): nothing that work still goes to is retired, and
what old reports name is never deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from server.console.options import data_options, existing, run
from server.context import open_context
from server.imports import offices
from server.imports.findings import RowRefused
from server.imports.known import Known
from server.imports.store import StoreError, store
from server.settings import Settings

Json = dict[str, Any]


@click.group()
def command() -> None:
    """Agencies with their departments, and channels: list, add, rename, retire."""


def _retired(doc: Mapping[str, Any]) -> str:
    return "" if doc.get("active", True) else "\tretired"


@command.command("list")
@data_options
def list_command(settings: Settings) -> None:
    """Every agency with its departments, every channel; tab separated."""
    existing(settings)

    async def go() -> None:
        async with open_context(settings) as context:
            known = await Known.load(context.databases)
        for key, doc in sorted(known.agencies.items()):
            click.echo(f"agency\t{key}\t{doc['name']}\t{doc['short']}{_retired(doc)}")
            for department in doc["departments"]:
                click.echo(f"department\t{key}/{department['id']}\t{department['name']}")
        for key, channel in sorted(known.channels.items()):
            click.echo(f"channel\t{key}\t{channel['name']}{_retired(channel)}")

    run(go())


@command.command("agency")
@click.argument("key", metavar="ID")
@click.option("--name", help="As people read it; needed for a new one.")
@click.option("--short", help="As it fits a label.")
@click.option("--phone", help="Its telephone.")
@click.option("--department", multiple=True, metavar="NAME|ID:NAME", help="Add or rename a department.")
@click.option("--drop", multiple=True, metavar="ID", help="Take away a department that nothing goes to.")
@click.option("--retire/--use", "retire", default=None, help="No new work goes to it; it does again.")
@data_options
def agency_command(
    settings: Settings,
    key: str,
    name: str | None,
    short: str | None,
    phone: str | None,
    department: tuple[str, ...],
    drop: tuple[str, ...],
    retire: bool | None,
) -> None:
    """Add an agency, or change what is said of it."""
    row: Json = {"id": key, "name": name, "short": short, "phone": phone, "departments": ";".join(department)}
    _change(settings, "agency", _row(row, retire), drop)


@command.command("channel")
@click.argument("key", metavar="ID")
@click.option("--name", help="As people read it; needed for a new one.")
@click.option("--retire/--use", "retire", default=None, help="No longer offered; offered again.")
@data_options
def channel_command(settings: Settings, key: str, name: str | None, retire: bool | None) -> None:
    """Add a channel, or change what is said of it."""
    _change(settings, "channel", _row({"id": key, "name": name}, retire), ())


def _row(row: Json, retire: bool | None) -> Json:
    found = {member: value for member, value in row.items() if value}
    return found if retire is None else {**found, "active": "no" if retire else "si"}


def _change(settings: Settings, kind: str, row: Json, drop: tuple[str, ...]) -> None:
    existing(settings)

    async def go() -> None:
        async with open_context(settings) as context:
            databases = context.databases
            known = await Known.load(databases)
            try:
                doc = offices.agency(row, known) if kind == "agency" else offices.channel(row, known)
                for key in drop:
                    doc = offices.without_department(doc, key, known)
                written = await store(databases.reference, [doc])
            except RowRefused as refused:
                raise click.ClickException(f"{refused.column}: {refused.problem}.") from None
            except StoreError as error:
                raise click.ClickException(str(error)) from None
        said = "added" if written.added else "changed" if written.changed else "is so already"
        click.echo(f"{doc['_id']} {said}.")

    run(go())
