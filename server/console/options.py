"""What the commands share: where the data are, and how an asynchronous one runs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from server.intake.running.lock import IntakeRunning
from server.operations.loop import run_in_loop
from server.operations.refused import OperationRefused
from server.settings import Settings, read

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")


def data_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--data-dir`` and ``--couchdb-url``; the command gets ``settings`` instead."""

    @click.option("--data-dir", type=click.Path(path_type=Path), help="Folder of the data (DATA_DIR).")
    @click.option("--couchdb-url", help="A CouchDB instead of the embedded engine (COUCHDB_URL).")
    @functools.wraps(command)
    def wrapped(data_dir: Path | None, couchdb_url: str | None, **options: Any) -> Any:
        return command(settings=read(data_dir=data_dir, couchdb_url=couchdb_url), **options)

    return wrapped


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; what an operator can mend becomes one sentence."""
    try:
        return run_in_loop(work)
    except IntakeRunning as error:
        raise click.ClickException(f"The service is running ({error}). Stop it first.") from None
    except OperationRefused as error:
        raise click.ClickException(str(error)) from None


def existing(settings: Settings) -> None:
    """Refuse a data folder that holds nothing, rather than make an empty municipality in a mistyped one."""
    if not settings.couchdb_url and not (settings.data_dir / "engine").exists():
        raise click.ClickException(f"There are no data in {settings.data_dir}: set DATA_DIR or --data-dir.")


def bar() -> Progress:
    """A progress bar on standard error; silent where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True)
    )
