"""``manzana replicate``."""

from __future__ import annotations

import click

from server.console.options import data_options, run
from server.context import open_engine
from server.settings import Settings
from sync.replicator import Options, Progress, Replication
from sync.replicator.endpoint import opened, parse_endpoint


async def _replicate(
    settings: Settings, source: str, target: str, continuous: bool, create: bool
) -> Progress:
    async with await open_engine(settings) as here:
        ends = parse_endpoint(source, "source"), parse_endpoint(target, "target")
        async with opened(ends[0], here) as first, opened(ends[1], here, create=create) as second:

            def show(progress: Progress) -> None:
                click.echo(f"\r{progress.docs_written} documents, {progress.bytes} bytes", nl=False, err=True)

            result = await Replication(first, second, Options(continuous=continuous), on_progress=show).run()
            click.echo(err=True)
            return result.progress


@click.command()
@click.argument("source")
@click.argument("target")
@click.option("--continuous", is_flag=True, help="Go on as changes come, until interrupted.")
@click.option("--create", is_flag=True, help="Make the target database where it is missing.")
@data_options
def command(settings: Settings, source: str, target: str, continuous: bool, create: bool) -> None:
    """Replicate SOURCE to TARGET: database names here, or URLs such as https://user:pw@host:5984/name."""
    progress = run(_replicate(settings, source, target, continuous, create))
    click.echo(f"{progress.docs_written} documents written, {progress.doc_write_failures} refused")
    for doc_id, rev, reason in progress.refused:
        click.echo(f"refused {doc_id} {rev}: {reason}", err=True)
    if progress.doc_write_failures:
        raise SystemExit(1)
