"""Rows of agencies, their departments, and channels, as documents.

Law: one document an agency, however many rows speak of it; what a row does not name stays. Nothing is
removed:
what is no longer in use is told so, since old reports name it. Pure.
"""

from __future__ import annotations

import re
from typing import Any

from server.cases.validation import reasons
from server.imports.findings import RowRefused
from server.imports.known import Known
from server.imports.values import boolean, phone, slug, text, to_slug

Json = dict[str, Any]

AGENCY_MEMBERS = frozenset({"id", "name", "short", "phone", "department", "departments", "active"})
CHANNEL_MEMBERS = frozenset({"id", "name", "active"})
#: What a name begins with that tells nothing: left out of a short name.
_RANK = re.compile(
    r"(?:direcci[oó]n|secretar[ií]a|coordinaci[oó]n|departamento|instituto|subdirecci[oó]n|jefatura|unidad)"
    r"(?: general| municipal)* (?:de la |de los |de las |del? )?",
    re.IGNORECASE,
)


def _checked(schema: str, doc: Json) -> Json:
    found = reasons(schema, {key: value for key, value in doc.items() if key != "_rev"})
    if found:
        where, _, why = found[0].partition(": ")
        raise RowRefused(where.strip("/").split("/")[0] or "row", None, why)
    return doc


def short_of(name: str) -> str:
    """A name as it fits a chip: ``Dirección de Alumbrado Público`` is ``Alumbrado Público``."""
    bare = _RANK.sub("", name, count=1).strip()
    return (bare[:1].upper() + bare[1:]) or name


def agency(row: Json, known: Known) -> Json:
    """``agency:<id>``: as it is, with what the row says. ``departments``: names separated by semicolons."""
    if "name" not in row and "id" not in row:
        raise RowRefused("name", None, "is missing")
    if "id" in row:
        key = slug("id", row["id"])
    else:
        try:
            key = str(known.agency("name", row["name"])["_id"].partition(":")[2])
        except RowRefused:
            key = slug("name", row["name"])
    there = known.agencies.get(key)
    if there is None and "name" not in row:
        raise RowRefused("name", None, "is missing, and no agency has this id")
    doc: Json = {
        "departments": [],
        "brigades": [],
        **(there or {}),
        "_id": f"agency:{key}",
        "schema": "agency.v1",
    }
    if "name" in row and ("id" in row or there is None):
        doc["name"] = text("name", row["name"], 200, lines=False)
    if "short" in row:
        doc["short"] = text("short", row["short"], 200, lines=False)
    doc.setdefault("short", short_of(doc["name"]))
    if "phone" in row:
        doc["phone"] = phone("phone", row["phone"])
    if "active" in row:
        doc["active"] = boolean("active", row["active"])
        if not doc["active"]:
            _unused(key, known)
    for member in ("department", "departments"):
        for name in re.split(r"[;|\n]+", str(row.get(member, ""))):
            if name.strip():
                doc["departments"] = _with_department(doc["departments"], name)
    return _checked("agency.v1", doc)


def _with_department(departments: list[Json], written: str) -> list[Json]:
    """The departments and this one: ``Name`` or ``id: Name``, which renames."""
    head, colon, tail = written.partition(":")
    name = text("departments", tail if colon else head, 200, lines=False)
    if not name:
        raise RowRefused("departments", written, "has no name")
    key = slug("departments", head) if colon else _known_as(departments, name) or slug("departments", name)
    if key in {department["id"] for department in departments}:
        return [{**d, "name": name} if colon and d["id"] == key else d for d in departments]
    return [*departments, {"id": key, "name": name}]


def _known_as(departments: list[Json], name: str) -> str | None:
    return next((str(d["id"]) for d in departments if to_slug(d["name"]) == to_slug(name)), None)


def _unused(key: str, known: Known) -> None:
    """Refuse to retire an agency that work still goes to."""
    types = sorted(
        name for name, doc in known.types.items() if doc.get("agency") == key and doc.get("active", True)
    )
    if types:
        raise RowRefused("active", key, f"still answers for the petition types {', '.join(types[:5])}")
    held = sorted(
        name for name, doc in known.accounts.items() if doc.get("agency") == key and doc.get("active", True)
    )
    if held:
        raise RowRefused("active", key, f"still has the accounts {', '.join(held[:5])}")
    if any(rule.get("agency") == key for rule in (known.rules["rules"] if known.rules else ())):
        raise RowRefused("active", key, "still stands in the routing rules")


def channel(row: Json, known: Known) -> Json:
    """``channel:<id>``."""
    if "name" not in row and "id" not in row:
        raise RowRefused("name", None, "is missing")
    key = slug("id", row.get("id", row.get("name")))
    there: Any = known.channels.get(key, {})
    if not there and "name" not in row:
        raise RowRefused("name", None, "is missing, and no channel has this id")
    doc: Json = {"active": True, **there, "_id": f"channel:{key}", "schema": "channel.v1"}
    if "name" in row:
        doc["name"] = text("name", row["name"], 200, lines=False)
    if "active" in row:
        doc["active"] = boolean("active", row["active"])
    return _checked("channel.v1", doc)
