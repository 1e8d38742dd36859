"""``manzana demo``: a demonstration municipality, made once, and served where asked for."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import segno
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from server.accounts.codes import say_code
from server.accounts.demonstration import demonstration
from server.accounts.model import FIELD_ROLES
from server.commands.serve import Listening, bind, run
from server.context import Context, open_context
from server.demo.making import NotADemonstration, made_before, make_demonstration, set_office_password
from server.demo.municipality import EVERYDAY_REPORTS, PASSWORD
from server.intake.running.lock import IntakeRunning
from server.operations import logs
from server.operations.loop import run_in_loop
from server.settings import Settings, read

#: What the accounts of the demonstration show is worth a fixed town: bug reports then speak of the same one.
_SEED = 7


class _Bars:
    """One bar a stage on a terminal, one line a stage elsewhere."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        columns = (TextColumn("· {task.description}"), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(*columns, console=self._console, disable=not self._console.is_terminal)
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> _Bars:
        self._progress.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._progress.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=total)
            if not self._console.is_terminal:
                click.echo(f"· {stage}", err=True)
        self._progress.update(self._tasks[stage], completed=done, total=total)


async def _make(settings: Settings, seed: int, everyday: int) -> None:
    async with open_context(settings) as context:
        try:
            if await made_before(context):
                click.echo("The demonstration is there already: nothing was changed.", err=True)
                return
            with _Bars() as bars:
                await make_demonstration(context, seed, datetime.now(UTC), bars, everyday=everyday)
        except (NotADemonstration, IntakeRunning) as error:
            raise click.ClickException(f"{error}.".replace("..", ".")) from None
        click.echo("The demonstration municipality is made.", err=True)


def _whereabouts(settings: Settings) -> str:
    """Where the data are, without credentials."""
    if not settings.couchdb_url:
        return f"{settings.data_dir} (delete it to begin anew)"
    host = urlsplit(settings.couchdb_url).netloc.rpartition("@")[2]
    return f"CouchDB at {host}, databases {settings.couchdb_prefix}*; photos in {settings.data_dir}"


async def _announce(context: Context, listening: Listening) -> None:
    """Where to go, and as whom."""
    name = (await context.reference_settings())["municipality"]
    port = listening.url.rpartition(":")[2]
    lan = listening.authority is not None
    lines = ["", f"Manzana · {name} (demonstration)", "", f"  Open           {listening.url}"]
    if lan:
        lines += [
            f"  Authority      {listening.url}/autoridad.crt   ({listening.authority})",
            "                 open it on the phone first and install it as a certificate authority",
        ]
    else:
        lines.append(
            f"  Android, USB   adb reverse tcp:{port} tcp:{port}   then {listening.url} on the phone"
        )
    offered = await demonstration(context.databases.accounts) or []
    password = next((entry["password"] for entry in offered if "password" in entry), "")
    lines += [f"  Office pages   {listening.url}/gestion/   password: {password}", "", "  Accounts"]
    first = ""
    for entry in offered:
        account = context.directory.account(entry["account"])
        if account is None:
            continue
        how = "one tap in the app" if account.role in FIELD_ROLES else "password"
        if lan and account.role in FIELD_ROLES:
            code, _ = await context.enrolment.issue_code(account.id, "demonstration")
            how = f"code {say_code(code)}"
            first = first or code
        lines.append(f"    {account.role:<17}{account.id:<22}{how:<21}{entry['note']}")
    lines += [
        "",
        f"  Data           {_whereabouts(context.settings)}",
        "  Stop           Ctrl+C",
        "",
    ]
    click.echo("\n".join(lines))
    if first:
        click.echo("  Scan to open the app as the first account:\n")
        segno.make(f"{listening.url}/#enrol={first}", error="m").terminal(compact=True)


async def _both(settings: Settings, seed: int, everyday: int) -> None:
    # A busy port is said now, not after the town was made.
    bind(settings).close()
    await _make(settings, seed, everyday)
    async with open_context(settings) as context:
        # On a network the public password would let anybody in.
        await set_office_password(context, secrets.token_urlsafe(12) if settings.lan else PASSWORD)
    await run(settings, on_ready=_announce)


@click.command()
@click.option(
    "--serve", "serving", is_flag=True, help="Serve it afterwards, and print where to go and as whom."
)
@click.option("--seed", type=int, default=_SEED, show_default=True, help="Another seed makes another town.")
@click.option(
    "--reports", type=click.IntRange(1, 20_000), default=EVERYDAY_REPORTS, show_default=True,
    help="Everyday reports; urgent, confidential and unclear ones come on top.",
)  # fmt: skip
@click.option("--data-dir", type=click.Path(path_type=Path), help="Folder of the data (DATA_DIR).")
@click.option("--host", help="Address to listen on (HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (PORT).")
@click.option("--couchdb-url", help="A CouchDB instead of the embedded engine (COUCHDB_URL).")
@click.option(
    "--lan", is_flag=True, default=None, help="TLS for the phones of this network, random codes (LAN=1)."
)
def command(
    serving: bool,
    seed: int,
    reports: int,
    data_dir: Path | None,
    host: str | None,
    port: int | None,
    couchdb_url: str | None,
    lan: bool | None,
) -> None:
    """Make the demonstration municipality, unless it is there."""
    settings = read(data_dir=data_dir, host=host, port=port, couchdb_url=couchdb_url, lan=lan)
    # Whoever tries it wants to read where to go: the request log comes with LOG_LEVEL=debug.
    logs.configure("warning" if settings.log_level == "info" else settings.log_level)
    run_in_loop(_both(settings, seed, reports) if serving else _make(settings, seed, reports))
