"""``manzana verify``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import click
import orjson

from server.documents.words import told
from server.papers.acta import check
from server.papers.enclosed import NoPaper
from server.papers.proof import Findings, Part

_STATES = {
    "whole": "signature good",
    "withheld": "signature good over what is partly withheld",
    "unsigned": "not signed by a device (imported)",
    "unknown": "cannot be checked: parts were erased by law",
    "wrong": "SIGNATURE WRONG",
}


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The municipality's keys as it publishes them (/documentos/llaves.json): is the acta's among them?",
)
@click.option(
    "--photo",
    "photos",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An original photo: is it one that the signed events declare?",
)
def command(file: Path, keys: Path | None, photos: tuple[Path, ...]) -> None:
    """Check the acta de cierre in FILE: signatures, chain, photos, and that its page says what they say.

    Needs neither the server nor its data. Exit status 1 with any fault.
    """
    try:
        checked = check(file.read_bytes())
    except NoPaper as error:
        raise click.ClickException(f"{file} is no acta de cierre: {error}") from None
    package, found = checked.package, checked.findings
    click.echo(f"Folio {package.get('folio')}, {package.get('municipality')}")
    for step, event in _steps(package):
        state = _STATES.get(found.states.get(str(event.get("_id")), ""), "not checked")
        click.echo(f"  {step.get('effective_at')} {told('kind', event.get('kind'))}: {state}")
    _compare_keys(package, keys, found)
    _compare_photos(package, photos, found)
    for line in found.told:
        click.echo(line)
    if checked.page:
        click.echo("The page is, byte for byte, what the enclosed events give.")
    elif checked.page is None:
        click.echo(
            "The page was NOT compared: another version of Manzana made it. Compare it with the lines above."
        )
    click.echo(
        "A good signature says that the device with that key sealed the event and nobody changed it since; "
        "it does not say who held the device, nor that what was said is true. Names, and what is withheld, "
        "are the municipality's word."
    )
    for fault in found.faults:
        click.echo(f"FAULT: {fault}")
    click.echo(f"{len(found.faults)} faults" if found.faults else "No faults.", err=True)
    if found.faults:
        raise SystemExit(1)


def _steps(package: Part) -> Iterator[tuple[Part, Part]]:
    """Steps and their events, as far as whoever made the file wrote any."""
    events = package.get("events")
    for step in events if isinstance(events, list) else ():
        if isinstance(step, dict) and isinstance(step.get("event"), dict):
            yield step, step["event"]


def _compare_keys(package: Part, keys: Path | None, found: Findings) -> None:
    house = package.get("house")
    kid = house.get("kid") if isinstance(house, dict) else None
    if keys is None:
        click.echo(
            f"The municipality's key was NOT compared (--keys); it is {kid}. Without that anybody could have "
            "made the whole file."
        )
        return
    try:
        known = {one["kid"] for one in orjson.loads(keys.read_bytes())["keys"]}
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise click.ClickException(f"{keys} is no list of keys") from None
    if kid in known:
        click.echo(f"The municipality's key {kid} is among those of {keys}.")
    else:
        found.faults.append(f"The key {kid} is not among those of {keys}.")


def _compare_photos(package: Part, photos: tuple[Path, ...], found: Findings) -> None:
    listed = [event.get("photos") for _, event in _steps(package)]
    declared = {
        photo.get("sha256")
        for some in listed
        for photo in (some if isinstance(some, list) else ())
        if isinstance(photo, dict)
    }
    for path in photos:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest in declared:
            click.echo(f"{path} is a photo that a signed event declares.")
        else:
            found.faults.append(f"{path} is no photo of this report: its SHA-256 is {digest}.")
