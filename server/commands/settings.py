"""``manzana settings``: what the municipality itself has decided, in its ``settings`` document."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
import orjson

from server.cases.validation import reasons
from server.console.options import data_options, existing, run
from server.context import open_engine
from server.documents.contracts import contract
from server.imports.store import StoreError, store
from server.municipality.world import DEFAULTS
from server.settings import Settings
from server.store.databases import Databases

#: Members that are no setting, and those that have a way of their own to be set.
ELSEWHERE = {
    "_id": "names the document",
    "_rev": "is the database's",
    "schema": "names the document's form",
    "outline": "is a drawing: 'manzana import areas outline=FILE'",
    "center": "follows from the outline: 'manzana import areas outline=FILE'",
    "courier_key": "is the service's own, made when it is first needed",
    "demo": "is for 'manzana demo' alone",
}

#: Said of a value that is not as the schema wants it, where its rule is no range.
_FORMS = {
    "brand": "a colour as #004D55",
    "folio_prefix": "1 to 8 capital letters or digits",
    "timezone": "an IANA time zone (America/Mexico_City, for one)",
    "emergency_phone": "a telephone number of at most 40 characters",
    "duty_phone": "a telephone number of at most 40 characters",
    "notice": "the version of a notice, in lower case letters, digits, dots and dashes",
    "civil_protection_agencies": 'a JSON list of agencies\' ids, as ["proteccion-civil"]',
    "election_mode": "true or false",
    "desk_days": "days of the week, 1 is Monday: 1-5",
    **dict.fromkeys(("desk_opens", "desk_closes", "quiet_from", "quiet_until"), "a time of day as 08:30"),
}


def _properties() -> dict[str, dict[str, Any]]:
    properties: dict[str, dict[str, Any]] = orjson.loads(contract("settings.v1.json"))["properties"]
    return {name: rule for name, rule in properties.items() if name not in ELSEWHERE}


def _wanted(name: str, rule: dict[str, Any]) -> str:
    """What a value of this setting must be, in words."""
    if name in _FORMS:
        return _FORMS[name]
    if "minimum" in rule:
        kind = "a whole number" if rule["type"] == "integer" else "a number"
        return f"{kind} from {rule['minimum']} to {rule['maximum']}"
    return f"a text of at most {rule.get('maxLength', 200)} characters"


def parsed(name: str, text: str) -> Any:
    """The value that ``text`` says for this setting. Raises ``ClickException`` with one sentence."""
    if name in ELSEWHERE:
        raise click.ClickException(f"{name} is not set here: it {ELSEWHERE[name]}.")
    rules = _properties()
    if name not in rules:
        raise click.ClickException(f"There is no setting {name!r}; there are {', '.join(sorted(rules))}.")
    # What reads as JSON but fits only as text is text: telephone 911.
    for value in (*_json(text), text):
        doc = {"_id": "settings", "municipality": "x", "timezone": "UTC", "folio_prefix": "X", name: value}
        if not reasons("settings.v1", doc) and (name != "timezone" or _is_zone(value)):
            return value
    raise click.ClickException(f"{name} must be {_wanted(name, rules[name])}.")


def _json(text: str) -> list[Any]:
    try:
        return [orjson.loads(text)]
    except orjson.JSONDecodeError:
        return []


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


async def _read(databases: Databases) -> dict[str, Any]:
    found = await databases.reference.get_many(["settings"])
    if "settings" not in found:
        raise click.ClickException("There is no municipality here yet: 'manzana init' makes one.")
    return found["settings"]


async def _show(settings: Settings) -> list[str]:
    async with await open_engine(settings) as engine:
        doc = await _read(await Databases.open(engine))
    lines = []
    for name in _properties():
        value = doc.get(name, DEFAULTS.get(name))
        said = "–" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
        lines.append(f"{name}\t{said}" + ("" if name in doc or value is None else "\t(default)"))
    return lines


async def _set(settings: Settings, name: str, value: Any) -> None:
    async with await open_engine(settings) as engine:
        databases = await Databases.open(engine)
        await _read(databases)
        try:
            await store(databases.reference, [{"_id": "settings", name: value}])
        except StoreError:
            raise click.ClickException("Somebody else was writing the settings; try again.") from None


@click.group()
def command() -> None:
    """The municipality's own settings. A running service follows them at once."""


@command.command()
@data_options
def show(settings: Settings) -> None:
    """List the settings, one a line, with the defaults that hold where nothing was set."""
    existing(settings)
    for line in run(_show(settings)):
        click.echo(line)


@command.command("set")
@click.argument("name")
@click.argument("value")
@data_options
def set_(settings: Settings, name: str, value: str) -> None:
    """Set NAME to VALUE: a number, a text, true or false, null where nothing shall hold, or JSON."""
    existing(settings)
    chosen = parsed(name, value)
    run(_set(settings, name, chosen))
    click.echo(f"{name} is set.")
