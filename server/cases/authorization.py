"""Who may do what to which report: role × kind × relation.

Law: the table ``schemas/authorization.v1.json`` decides and this module only reads it. What the table does
not name is not allowed. Pure, but for reading its table once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from server.cases.scope import Scope, View
from server.documents.ground import Ground
from server.documents.shapes import Payload, Report

TABLE_FILE = Path(__file__).resolve().parents[2] / "schemas" / "authorization.v1.json"


@cache
def table() -> dict[str, Any]:
    """The table as it is published: ``relations``, ``kinds``, ``amended``."""
    read: dict[str, Any] = orjson.loads(TABLE_FILE.read_bytes())
    return read


def relations_to_report(actor: Scope, report: Report, keys: Mapping[str, View]) -> frozenset[str]:
    """How an actor stands to a report: the names of the relations that hold; none out of office.

    ``actor``: ``{account, role, blocks, sector, agency, brigade, in_office}``; ``keys``: the report's
    (``scope.report_keys``).
    """
    if not actor["in_office"]:
        return frozenset()
    held = {"author"} if report.get("captured_by") == actor["account"] else set()
    views = {keys.get(f"block:{block}") for block in actor.get("blocks") or ()}
    held |= {"block"} if "full" in views else set()
    held |= {"card"} if "card" in views else set()
    for relation in ("sector", "brigade"):
        if actor.get(relation) and keys.get(f"{relation}:{actor[relation]}") == "full":
            held.add(relation)
    agencies = {report.get("agency")} | {a["agency"] for a in report.get("assignments") or ()}
    if actor.get("agency") and actor["agency"] in agencies:
        held.add("agency")
    for office in ("civil_protection", "desk"):
        if office in keys:
            held.add(office)
    # At the desk every report is somebody's call, but a complaint about persons is its agency's alone.
    if actor.get("role") == "desk" and not report.get("confidential"):
        held.add("desk")
    # A channel takes words only from who holds the ticket; of a complaint about persons it tells nothing.
    if actor.get("role") == "channel" and not report.get("confidential"):
        held.add("ticket")
    return frozenset(held)


def relations_to_block(actor: Scope, block: Ground | None, block_id: str) -> frozenset[str]:
    """How an actor stands to a block of the registry; none to a block that does not exist."""
    if block is None or not actor["in_office"]:
        return frozenset()
    held = {"registry"}
    if block_id in (actor.get("blocks") or ()):
        held.add("own_block")
    if actor.get("sector") and block.get("sector") == actor["sector"]:
        held.add("own_sector")
    return frozenset(held)


def allowed(kind: str, role: str, relations: Iterable[str]) -> bool:
    """Whether one of these relations lets the role do this."""
    needed = table()["kinds"].get(kind, {}).get(role, ())
    return not set(needed).isdisjoint(relations)


def forbidden_members(payload: Payload, relations: Iterable[str]) -> list[str]:
    """The members of an ``amended`` payload that these relations may not change, in alphabetical order."""
    held = set(relations)
    rules = table()["amended"]
    wanted = {"place" if name == "place_corrected" else name for name in payload}
    guarded = wanted & (rules.keys() - {"description"})
    return sorted(name for name in guarded if held.isdisjoint(rules[name]))
