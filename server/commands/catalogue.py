"""``manzana catalogue``: the catalogue and the directory, by the rules of their pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from server.catalogue.changes import Changes
from server.catalogue.fields import Fields, Refused, words_of
from server.catalogue.kinds import Kind
from server.catalogue.parts import BY_NAME, title_of
from server.clock import SystemClock
from server.console.options import data_options, existing, run
from server.context import open_engine
from server.settings import Settings
from server.store.databases import Databases

T = TypeVar("T")
#: Who did it, in the catalogue's history.
_BY = "cli"
_PART = click.Choice(list(BY_NAME))


@click.group()
def command() -> None:
    """List, add, change and retire types, agencies, brigades, channels, days, rules and words."""


def _with(settings: Settings, work: Callable[[Changes], Awaitable[T]]) -> T:
    existing(settings)

    async def opened() -> T:
        async with await open_engine(settings) as engine:
            return await work(Changes(await Databases.open(engine), SystemClock()))

    try:
        return run(opened())
    except Refused as refused:
        lines = [f"{name or '–'}: {why}" for name, why in refused.wrong.items()]
        raise click.ClickException("Nothing was changed.\n" + "\n".join(lines)) from None


@command.command("list")
@click.argument("part", type=_PART)
@data_options
def listed(settings: Settings, part: str) -> None:
    """List a part of the catalogue: key, then what it says; retired things are marked."""
    kind = BY_NAME[part]

    async def work(changes: Changes) -> None:
        state = await changes.state()
        for key, fields in kind.items(state).items():
            said = [words_of(kind.field(name), fields[name], state) for name in kind.shown]
            retired = "" if fields.get("activo", "si") == "si" else "\t(retired)"
            click.echo("\t".join([key, *said]) + retired)

    _with(settings, work)


@command.command("set")
@click.argument("part", type=_PART)
@click.argument("pairs", nargs=-1, required=True, metavar="FIELD=VALUE…")
@click.option("--key", help="What to change; without it something new is made.")
@data_options
def put(settings: Settings, part: str, pairs: tuple[str, ...], key: str | None) -> None:
    """Add a thing, or change one; FIELD as in its workbook: ``set canales nombre="Buzón"``."""
    kind = BY_NAME[part]
    given: Fields = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or name not in {field.name for field in kind.fields}:
            known = ", ".join(field.name for field in kind.fields)
            raise click.UsageError(f"{pair!r}: write FIELD=VALUE; fields: {known}.")
        given[name] = value

    async def work(changes: Changes) -> str:
        state = await changes.state()
        _there(kind, key, kind.items(state))
        doc, own = kind.put(state, key, given)
        count = await changes.apply(state, [doc], _BY, "command")
        title = title_of(kind, kind.items(state.with_doc(doc))[own], state.with_doc(doc))
        return f"{own}\t{title}{'' if count else '  (nothing changed)'}"

    click.echo(_with(settings, work))


@command.command()
@click.argument("part", type=_PART)
@click.argument("key")
@click.option("--back", is_flag=True, help="Let it be used again.")
@data_options
def retire(settings: Settings, part: str, key: str, back: bool) -> None:
    """Retire a thing: it is offered no more and stays readable. Days, rules and words are taken out."""
    kind = BY_NAME[part]

    async def work(changes: Changes) -> None:
        state = await changes.state()
        _there(kind, key, kind.items(state))
        await changes.apply(state, [kind.retire(state, key, back)], _BY, "command")

    _with(settings, work)
    click.echo(f"{key} {'is used again' if back else 'is taken out' if kind.removes else 'is retired'}.")


def _there(kind: Kind, key: str | None, items: dict[str, Fields]) -> None:
    if key is not None and key not in items:
        raise click.ClickException(f"There is no {key!r}: manzana catalogue list {kind.name} shows the keys.")
