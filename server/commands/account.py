"""``manzana account``: accounts, codes, passwords and phones, from the command line."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import click

from server.accounts.challenges import Challenges
from server.accounts.codes import say_code
from server.accounts.directory import Directory
from server.accounts.enrolment import Enrolment
from server.accounts.lockouts import Lockouts
from server.accounts.model import ROLES, check_account
from server.accounts.secret import installation_secret
from server.accounts.sessions import Sessions
from server.clock import SystemClock
from server.console.options import data_options, run
from server.context import open_engine, zone_of
from server.instants import say
from server.problems import Problem
from server.settings import Settings
from server.store.databases import Databases
from sync.errors import Conflict


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[Directory, Enrolment, Sessions]]:
    """The accounts of the data, without the service."""
    async with await open_engine(settings) as engine:
        databases = await Databases.open(engine)
        clock = SystemClock()
        directory = Directory(databases.accounts)
        await directory.refresh()
        sessions = Sessions(directory, clock, lambda: zone_of(databases))
        challenges = Challenges(await installation_secret(databases.accounts))
        lockouts = Lockouts(databases.accounts, clock)
        yield directory, Enrolment(directory, sessions, challenges, lockouts, clock, settings), sessions


async def _with(settings: Settings, work: Callable[[Directory, Enrolment, Sessions], Awaitable[Any]]) -> Any:
    async with opened(settings) as parts:
        return await work(*parts)


@click.group()
def command() -> None:
    """Accounts, enrolment codes, passwords and phones."""


@command.command("list")
@click.option("--role", type=click.Choice(sorted(ROLES)))
@data_options
def listing(settings: Settings, role: str | None) -> None:
    """List the accounts."""

    async def work(directory: Directory, *_: Any) -> None:
        for account in directory.accounts():
            if role is None or account.role == role:
                state = "" if account.active else " (suspended)"
                phones = sum(1 for device in directory.devices(account.id) if not device.revoked_at)
                click.echo(f"{account.id}\t{account.role}\t{account.name}\t{phones} phones{state}")

    run(_with(settings, work))


@command.command()
@click.argument("account")
@click.option("--role", type=click.Choice(sorted(ROLES)), required=True)
@click.option("--name", required=True, help="The person's or brigade's name.")
@click.option("--block", "blocks", multiple=True, help="A block; may be repeated.")
@click.option("--sector")
@click.option("--agency")
@click.option("--department")
@click.option("--brigade")
@click.option("--phone")
@data_options
def create(settings: Settings, account: str, blocks: tuple[str, ...], **members: Any) -> None:
    """Create an account. Office roles then need a password, field roles a code."""
    doc: dict[str, Any] = {
        "_id": f"account:{account}",
        "schema": "account.v1",
        "active": True,
        "generation": 1,
        "term": None,
        "blocks": list(blocks),
        **{name: value for name, value in members.items() if value is not None},
    }
    reason = check_account(doc)
    if reason:
        raise Problem("account_invalid", reason)

    async def work(directory: Directory, *_: Any) -> None:
        try:
            await directory.create(doc)
        except Conflict:
            raise Problem("account_exists") from None

    run(_with(settings, work))
    click.echo(f"{account} created")


def _ask_password() -> str:
    """From the terminal without showing it, or the first line of what is piped in; never from an argument,
    which the shell's history and every process list would show.
    """
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


@command.command()
@click.argument("account")
@data_options
def password(settings: Settings, account: str) -> None:
    """Set the password of an office account: asked for twice, or read from a pipe.

    What entered with the old one ends: page sessions, and phones, which still deliver what they hold.
    """
    password = _ask_password()

    async def work(directory: Directory, enrolment: Enrolment, _: Sessions) -> None:
        known = directory.account(account)
        if known is None:
            raise Problem("account_unknown")
        await enrolment.set_password(known, password)

    run(_with(settings, work))
    click.echo(f"The password of {account} is set.")


@command.command()
@click.argument("account")
@data_options
def code(settings: Settings, account: str) -> None:
    """Give a one-time enrolment code for a field account."""

    async def work(_: Directory, enrolment: Enrolment, __: Sessions) -> None:
        digits, expires = await enrolment.issue_code(account, "cli")
        link = f"  {settings.origin}/#enrol={digits}" if settings.origin else ""
        click.echo(f"{say_code(digits)}  until {say(expires)}{link}")

    run(_with(settings, work))


@command.command()
@data_options
def unlock(settings: Settings) -> None:
    """End every wait after wrong passwords: for whoever is kept out by somebody else's guessing."""

    async def work() -> None:
        async with await open_engine(settings) as engine:
            await Lockouts((await Databases.open(engine)).accounts, SystemClock()).lift()

    run(work())
    click.echo("Nobody waits any more after wrong passwords.")


@command.command()
@click.argument("device")
@data_options
def revoke(settings: Settings, device: str) -> None:
    """Revoke a phone, DEVICE = <account>~<installation>: it hands over what it holds and wipes itself."""
    run(_with(settings, lambda _, enrolment, __: enrolment.revoke(device, "cli")))
    click.echo(f"{device} is revoked.")


@command.command()
@click.argument("account")
@click.option("--back", is_flag=True, help="Let it back in.")
@data_options
def suspend(settings: Settings, account: str, back: bool) -> None:
    """Suspend an account: its scope is withdrawn and its phones may only hand over."""

    async def work(directory: Directory, _: Enrolment, sessions: Sessions) -> None:
        if directory.account(account) is None:
            raise Problem("account_unknown")
        await directory.update(f"account:{account}", lambda doc: {**doc, "active": back})
        await sessions.end_all(account, "page")

    run(_with(settings, work))
    click.echo(f"{account} is {'active' if back else 'suspended'}.")
