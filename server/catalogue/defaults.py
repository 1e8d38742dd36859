"""The catalogue a new municipality starts with, read from ``data/`` beside this file.

Law: the data files are the only place where a petition type, an agency or a channel is written down; this
module gives them the ids and members of docs/documents.md and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import orjson

from server.documents.shapes import Agency, Calendar, Channel, PetitionType, Rules


class Family(TypedDict):
    """A family of petition types, as the app shows it."""

    id: str
    name: str
    pictogram: str


class Notice(TypedDict):
    """``notice:<version>``: the privacy notice, as shown and in full."""

    _id: str
    _rev: NotRequired[str]
    schema: str
    version: str
    short: str
    full: str


DATA = Path(__file__).resolve().parent / "data"


def _read(name: str) -> dict[str, Any]:
    value: dict[str, Any] = orjson.loads((DATA / name).read_bytes())
    return value


def _document(kind: str, entry: Mapping[str, Any]) -> Any:
    """``<kind>:<id>`` with the entry's members; the id is not repeated inside."""
    members = {name: value for name, value in entry.items() if name != "id"}
    return {"_id": f"{kind}:{entry['id']}", "schema": f"{kind}.v1", **members}


def families() -> list[Family]:
    """``{id, name, pictogram}`` in the order in which the app shows them."""
    found: list[Family] = _read("families.json")["families"]
    return found


def petition_types() -> list[PetitionType]:
    """``type:<id>`` documents, agency by agency."""
    files = sorted((DATA / "types").glob("*.json"))
    return [_document("type", entry) for file in files for entry in orjson.loads(file.read_bytes())["types"]]


def agencies() -> list[Agency]:
    """``agency:<id>`` documents; their brigades are the municipality's own and start empty."""
    return [_document("agency", entry) for entry in _read("agencies.json")["agencies"]]


def channels() -> list[Channel]:
    """``channel:<id>`` documents."""
    return [_document("channel", entry) for entry in _read("channels.json")["channels"]]


def rules() -> Rules:
    """The ``rules`` document: no routing rule of its own, and the words that raise priority."""
    data = _read("rules.json")
    return {
        "_id": "rules",
        "schema": "rules.v1",
        "version": data["version"],
        "rules": data["rules"],
        "words": data["words"],
    }


def calendars() -> list[Calendar]:
    """``calendar:<year>`` documents: days usually given besides the official ones."""
    return [
        _document("calendar", {"id": entry["year"], **entry})
        for entry in _read("calendars.json")["calendars"]
    ]


def notice() -> Notice:
    """The ``notice:<version>`` document a municipality starts with, for its counsel to replace."""
    entry = _read("notice.json")
    made: Notice = _document("notice", {"id": entry["version"], **entry})
    return made


@cache
def _texts() -> dict[str, bytes]:
    found: list[Any] = [*petition_types(), *agencies(), *channels(), rules(), *calendars(), notice()]
    return {doc["_id"]: orjson.dumps(doc) for doc in found}


def documents() -> dict[str, Any]:
    """Every default reference document by id, freshly made: a caller may change what it gets."""
    return {name: orjson.loads(text) for name, text in _texts().items()}
