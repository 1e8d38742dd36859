"""``manzana import``: a municipality's own files, one kind at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from server.console.importing import Choices, bar, findings_of, import_options, table_bar, take_in, told
from server.context import open_context
from server.imports import run
from server.imports.statuses import words_of
from server.operations.loop import run_in_loop
from server.settings import Settings, read

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Import areas, the catalogue, rules, leaders, accounts or an old system's reports."""


def _split(common: dict[str, Any]) -> tuple[Choices, Settings]:
    return Choices.of(common), read(data_dir=common["data_dir"], couchdb_url=common["couchdb_url"])


def area_files(texts: tuple[str, ...]) -> dict[str, Path]:
    """``KIND=FILE`` options. Raises ``UsageError``."""
    found: dict[str, Path] = {}
    for text in texts:
        kind, _, name = text.partition("=")
        if kind not in ("outline", "colonia", "sector", "block") or not name:
            raise click.UsageError(f"--areas {text!r}: write outline, colonia, sector or block, then =FILE.")
        path = Path(name)
        if not path.is_file():
            raise click.UsageError(f"--areas {text!r}: there is no file {path}.")
        found[kind] = path
    return found


@command.command("areas")
@click.argument("files", nargs=-1, required=True, metavar="KIND=FILE...")
@click.option(
    "--make-sectors", type=click.IntRange(0, 5000), default=0, help="Gather blocks into so many sectors."
)
@click.option("--remove", is_flag=True, help="Take away areas of these kinds that the files no longer hold.")
@click.option(
    "--place", is_flag=True, help="Blocks take the sector and colonia they lie in, whatever they said."
)
@import_options
def areas_command(
    files: tuple[str, ...], make_sectors: int, remove: bool, place: bool, **common: Any
) -> None:
    """Maps (GeoJSON, Shapefile, GeoPackage, KML; zipped or not): outline, colonia, sector, block."""
    choices, settings = _split(common)
    paths = area_files(files)

    async def go() -> None:
        async with open_context(settings) as context:
            with findings_of(choices, "areas") as findings, bar("Areas", None):
                columns = {kind: choices.columns(kind) for kind in paths}
                wanted = run.AreaChoices(make_sectors, remove, place)
                written = await run.import_areas(
                    context.databases, paths, columns, findings, choices=wanted, dry=choices.dry
                )
            told("Areas", written, choices.dry)

    run_in_loop(go())


def _table(kind: str, what: str, path: Path, common: dict[str, Any]) -> None:
    choices, settings = _split(common)

    async def go() -> None:
        async with open_context(settings) as context:
            with findings_of(choices, "rows") as findings, table_bar(what, path) as step:
                columns = choices.columns(kind)
                if kind == "rule":
                    version = f"{path.stem}-{context.clock.now():%Y%m%d%H%M}"
                    written = await run.import_rules(
                        context.databases, path, columns, findings, step, version=version, dry=choices.dry
                    )
                else:
                    written = await run.import_table(
                        context.databases, kind, path, columns, findings, step, dry=choices.dry
                    )
            told(what, written, choices.dry)

    run_in_loop(go())


@command.command("types")
@click.argument("path", type=FILE, metavar="FILE")
@import_options
def types_command(path: Path, **common: Any) -> None:
    """Petition types, CSV or XLSX (kind "type"): what a row leaves empty stays as it is."""
    _table("type", "Petition types", path, common)


@command.command("agencies")
@click.argument("path", type=FILE, metavar="FILE")
@import_options
def agencies_command(path: Path, **common: Any) -> None:
    """Agencies with their departments, CSV or XLSX (kind "agency"); several rows may speak of one."""
    _table("agency", "Agencies", path, common)


@command.command("channels")
@click.argument("path", type=FILE, metavar="FILE")
@import_options
def channels_command(path: Path, **common: Any) -> None:
    """Channels by which reports come in, CSV or XLSX (kind "channel")."""
    _table("channel", "Channels", path, common)


@command.command("rules")
@click.argument("path", type=FILE, metavar="FILE")
@import_options
def rules_command(path: Path, **common: Any) -> None:
    """Routing rules, CSV or XLSX (kind "rule"): replace those there are, in the file's order."""
    _table("rule", "Routing rules", path, common)


@command.command("leaders")
@click.argument("path", type=FILE, metavar="FILE")
@import_options
def leaders_command(path: Path, **common: Any) -> None:
    """The padrón, CSV or XLSX (kind "leader"): leaders with their blocks, pending ones and vacancies."""
    _table("leader", "Padrón", path, common)


@command.command("accounts")
@click.argument("path", type=FILE, metavar="FILE")
@import_options
def accounts_command(path: Path, **common: Any) -> None:
    """Accounts, CSV or XLSX (kind "account"). Passwords are never imported."""
    _table("account", "Accounts", path, common)


@command.command("reports")
@click.argument("path", type=FILE, metavar="FILE")
@click.option("--source", help="Name of the old system; part of every id. Default: the file's name.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    metavar="WORD=MEANING",
    help="What a status of the old system means.",
)
@click.option("--no-intake", "wait", is_flag=True, help="Leave them in the inbox for the server to take in.")
@import_options
def reports_command(
    path: Path, source: str | None, statuses: tuple[str, ...], wait: bool, **common: Any
) -> None:
    """An old system's reports, CSV or XLSX (kind "report"); their old folios stay as aliases."""
    choices, settings = _split(common)

    async def go() -> None:
        async with open_context(settings) as context:
            with findings_of(choices, "rows") as findings, table_bar("Reports into the inbox", path) as step:
                written = await run.import_reports(
                    context.databases,
                    path,
                    choices.columns("report"),
                    findings,
                    step,
                    source=source,
                    words=words_of(statuses),
                    now=context.clock.now(),
                    dry=choices.dry,
                )
            told("Reports, by row", written, choices.dry)
            if not (choices.dry or wait):
                await take_in(context)

    run_in_loop(go())
