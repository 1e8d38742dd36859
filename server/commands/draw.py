"""``manzana draw``."""

from __future__ import annotations

import csv
from pathlib import Path

import click

from server.months.sample import SHARE, drawn, key


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--seed", required=True, help="The seed as it was published.")
@click.option("--share", type=click.IntRange(1, 100), default=SHARE, show_default=True, help="Of a hundred.")
def command(file: Path, seed: str, share: int) -> None:
    """Repeat a survey's draw from its published FILE (CSV with a column ``folio``): folios and their keys.

    Needs neither the server nor its data.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            folios = [row["folio"] for row in csv.DictReader(lines)]
    except (KeyError, UnicodeDecodeError, csv.Error):
        raise click.ClickException(f"{file} is no list of folios: a column «folio» is needed") from None
    found = drawn(seed, folios, share)
    for folio in found:
        click.echo(f"{folio} {key(seed, folio)}")
    click.echo(f"{len(found)} of {len(set(folios))}", err=True)
