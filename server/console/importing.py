"""What every import from the command line has in common: its options, its bar, its list of findings.

Law: an import ends with what was written, what was refused and where that list is; it fails (status 1) only
where nothing could be done, never because some rows were bad.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from server.context import Context
from server.imports.columns import Columns, MappingError, Reading, parse
from server.imports.findings import Findings
from server.imports.opening import TableError
from server.imports.run import Step
from server.imports.store import StoreError, Written
from server.imports.tables import count
from server.intake.running.intake import Intake
from server.intake.running.lock import IntakeRunning

#: From so many receipts on the mailboxes are filled once, at the end; for fewer that would cost more.
BULK_FROM = 10_000
#: Findings shown; the rest are counted here and listed in the file.
_SHOWN = 10
#: What files hold; ``--sheet``, ``--encoding``, ``--layer``, ``--crs`` and ``--dates`` may be said of one
#: kind alone.
KINDS = (
    "outline", "colonia", "sector", "block", "type", "rule", "leader", "account", "report", "agency",
    "channel",
)  # fmt: skip
_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of ``import_options`` as given."""

    maps: tuple[str, ...]
    sets: tuple[str, ...]
    where: tuple[str, ...]
    dry: bool
    errors: Path | None
    sheet: tuple[str, ...] = ()
    encoding: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    layer: tuple[str, ...] = ()
    crs: tuple[str, ...] = ()

    @classmethod
    def of(cls, common: dict[str, Any]) -> Choices:
        return cls(**{field.name: common[field.name] for field in fields(cls)})

    def _said(self, option: str, kind: str) -> str | None:
        """The value of an option for a kind: ``KIND=VALUE``, or ``VALUE`` for all."""
        found = None
        for text in getattr(self, option):
            head, equals, tail = text.partition("=")
            if not (equals and head in KINDS):
                found = found or text
            elif head == kind:
                return str(tail)
        return found

    def reading(self, kind: str) -> Reading:
        order = self._said("dates", kind)
        if order not in (None, "day", "month"):
            raise click.UsageError("--dates: write day or month, whichever comes first.")
        return Reading(
            sheet=self._said("sheet", kind),
            encoding=self._said("encoding", kind),
            order="month" if order == "month" else "day" if order else None,
            layer=self._said("layer", kind),
            crs=self._said("crs", kind),
        )

    def columns(self, kind: str) -> Columns:
        try:
            return parse(kind, self.maps, self.sets, self.where, self.reading(kind))
        except MappingError as error:
            raise click.UsageError(str(error)) from None


def import_options(command: _Command) -> _Command:
    """Which column is what, how files are written, ``--dry-run``, ``--errors`` and where the data are."""
    options: Iterable[Callable[[Any], Any]] = (
        click.option(
            "--map", "maps", multiple=True, metavar="KIND.MEMBER=COLUMN", help="Which column is what."
        ),
        click.option(
            "--set", "sets", multiple=True, metavar="KIND.MEMBER=VALUE", help="The same for every row."
        ),
        click.option(
            "--where", multiple=True, metavar="KIND.COLUMN=VALUE", help="Only rows with this value."
        ),
        click.option("--sheet", multiple=True, metavar="[KIND=]NAME", help="Which sheet of a workbook."),
        click.option(
            "--encoding",
            multiple=True,
            metavar="[KIND=]NAME",
            help="Of a text, where it cannot be told: cp850 …",
        ),
        click.option(
            "--dates", multiple=True, metavar="[KIND=]ORDER", help="day or month: which comes first in dates."
        ),
        click.option("--layer", multiple=True, metavar="[KIND=]NAME", help="Which layer of a map."),
        click.option(
            "--crs",
            multiple=True,
            metavar="[KIND=]CODE",
            help="Coordinates of a map that does not say: EPSG:6372 …",
        ),
        click.option("--dry-run", "dry", is_flag=True, help="Read and judge everything, write nothing."),
        click.option(
            "--errors", type=click.Path(path_type=Path), help="CSV of what was refused, row by row."
        ),
        click.option("--data-dir", type=click.Path(path_type=Path), help="Folder of the data (DATA_DIR)."),
        click.option("--couchdb-url", help="A CouchDB instead of the embedded engine (COUCHDB_URL)."),
    )
    for option in options:
        command = option(command)
    return command


@contextmanager
def findings_of(choices: Choices, what: str) -> Iterator[Findings]:
    """Findings that are told at the end; a file that cannot be read becomes one sentence."""
    with Findings(choices.errors) as findings:
        try:
            yield findings
        except (TableError, MappingError, StoreError) as error:
            raise click.ClickException(str(error)) from None
    for sentence in findings.notes:
        click.echo(f"note: {sentence}", err=True)
    if findings.count:
        click.echo(f"{findings.count} {what} refused:", err=True)
        for finding in findings.first[:_SHOWN]:
            shown = f" ({finding.value})" if finding.value else ""
            click.echo(f"  row {finding.row}, {finding.column}: {finding.problem}{shown}", err=True)
        if findings.count > _SHOWN:
            where = (
                f"; all of them are in {choices.errors}" if choices.errors else "; --errors FILE lists all"
            )
            click.echo(f"  and {findings.count - _SHOWN} more{where}.", err=True)


def told(what: str, written: Written, dry: bool) -> None:
    click.echo(f"{what}: {written}{' (dry run, nothing was written)' if dry else ''}.", err=True)


@contextmanager
def bar(label: str, total: int | None) -> Iterator[Step]:
    """A bar on a terminal; elsewhere a line at the start."""
    console = Console(stderr=True)
    columns = (TextColumn("· {task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(label, total=total)
        if not console.is_terminal:
            click.echo(f"· {label}", err=True)
        yield lambda done: progress.update(task, completed=done)


@contextmanager
def table_bar(label: str, path: Path) -> Iterator[Step]:
    with bar(label, count(path)) as step:
        yield step


@contextmanager
def _late_bar(label: str) -> Iterator[Step]:
    """A bar that is not there before there is something to tell."""
    with ExitStack() as stack:
        step: Step | None = None

        def told(done: int) -> None:
            nonlocal step
            if step is None and done:
                step = stack.enter_context(bar(label, None))
            if step is not None:
                step(done)

        yield told


async def take_in(context: Context) -> None:
    """Let intake take what the import put into the inbox, here or in the server that runs already."""
    settings = context.settings
    intake = Intake(
        context.databases, context.directory, context.clock, settings.data_dir, certain=context.certain
    )
    try:
        with _late_bar("Reports of the run before into mailboxes") as step:
            await intake.open(step)
    except IntakeRunning:
        click.echo("The server that is running takes the reports in.", err=True)
        return
    try:
        total = await intake.backlog()
        bulk = total >= BULK_FROM
        with bar("Reports through intake", total) as step:
            await _drain(intake, intake.take_in_bulk() if bulk else intake.run_until_idle(), step)
        if bulk:
            with bar("Reports into mailboxes", len(intake.delivery.index.entries)) as step:
                await intake.fill_mailboxes(step)
    finally:
        await intake.close()
    admitted = intake.line.counts
    click.echo(
        f"Intake: {admitted['admitted']} admitted, {admitted['refused']} refused, "
        f"{admitted['quarantined']} put aside.",
        err=True,
    )


async def _drain(intake: Intake, taking: Coroutine[Any, Any, None], step: Step) -> None:
    """``taking`` with the bar moving: the counts are read between its rounds."""
    work = asyncio.ensure_future(taking)
    while not work.done():
        await asyncio.wait({work}, timeout=0.5)
        step(sum(intake.line.counts.values()))
    work.result()
