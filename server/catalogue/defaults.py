"""The catalogue a new municipality starts with, read from ``data/`` beside this file.

Law: the data files are the only place where a petition type, an agency or a channel is written down; this
module gives them the ids and members of docs/documents.md and changes nothing.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import orjson

Json = Any

DATA = Path(__file__).resolve().parent / "data"


def _read(name: str) -> Json:
    value: Json = orjson.loads((DATA / name).read_bytes())
    return value


def _document(kind: str, entry: Json) -> Json:
    """``<kind>:<id>`` with the entry's members; the id is not repeated inside."""
    members = {name: value for name, value in entry.items() if name != "id"}
    return {"_id": f"{kind}:{entry['id']}", "schema": f"{kind}.v1", **members}


def families() -> list[Json]:
    """``{id, name, pictogram}`` in the order in which the app shows them."""
    found: list[Json] = _read("families.json")["families"]
    return found


def petition_types() -> list[Json]:
    """``type:<id>`` documents, agency by agency."""
    files = sorted((DATA / "types").glob("*.json"))
    return [_document("type", entry) for file in files for entry in orjson.loads(file.read_bytes())["types"]]


def agencies() -> list[Json]:
    """``agency:<id>`` documents; their brigades are the municipality's own and start empty."""
    return [_document("agency", entry) for entry in _read("agencies.json")["agencies"]]


def channels() -> list[Json]:
    """``channel:<id>`` documents."""
    return [_document("channel", entry) for entry in _read("channels.json")["channels"]]


def rules() -> Json:
    """The ``rules`` document: no routing rule of its own, and the words that raise priority."""
    data = _read("rules.json")
    return {
        "_id": "rules",
        "schema": "rules.v1",
        "version": data["version"],
        "rules": data["rules"],
        "words": data["words"],
    }


def calendars() -> list[Json]:
    """``calendar:<year>`` documents: days usually given besides the official ones."""
    return [
        {"_id": f"calendar:{entry['year']}", "schema": "calendar.v1", **entry}
        for entry in _read("calendars.json")["calendars"]
    ]


def notice() -> Json:
    """The ``notice:<version>`` document a municipality starts with, for its counsel to replace."""
    entry = _read("notice.json")
    return {"_id": f"notice:{entry['version']}", "schema": "notice.v1", **entry}


@cache
def _texts() -> dict[str, bytes]:
    found = [*petition_types(), *agencies(), *channels(), rules(), *calendars(), notice()]
    return {doc["_id"]: orjson.dumps(doc) for doc in found}


def documents() -> dict[str, Json]:
    """Every default reference document by id, freshly made: a caller may change what it gets."""
    return {name: orjson.loads(text) for name, text in _texts().items()}
